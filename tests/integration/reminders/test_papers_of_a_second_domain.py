"""Drafts, numbered papers, cards and the quarter rule of a second domain (tests/errands)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from common.clock import SHANGHAI
from communities.access import Access, access_of
from deadlines.models import Deadline
from issues.models import Issue
from journal.models import Event
from journal.verification import verify
from papers.enums import DraftKind
from papers.models import Draft, Paper
from reminders import panels
from reminders.models import LadderRung, Notification
from reminders.reference import forget
from reminders.services.defaults import install_default_ladder
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.errands import engine, papers
from tests.errands.models import Errand
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]

SOON = NOW + timedelta(hours=1)
LATER = datetime(2026, 4, 20, 10, tzinfo=SHANGHAI)
"""When every limit has passed: what is signed then is of one quarter."""


@pytest.fixture
def errand(world: World) -> Errand:
    """水务办 is sent on an errand of five working days."""
    return sent(world)


@pytest.fixture
def drafting(world: World) -> Iterator[None]:
    """The ladder's documents are for errands, too, as an administrator would set it."""
    install_default_ladder(world.area)
    for rung in LadderRung.objects.filter(subdistrict=world.area, code__in=DraftKind.values, rank__in=(9, 10, 11)):
        rung.kinds = [*rung.kinds, engine.ERRAND]
        rung.save()
    forget()
    yield
    forget()


def sent(world: World, department: str = "WATER") -> Errand:
    return engine.send(
        department=world.departments[department], title="去取雨量计", limit="5wd", at=NOW,
        by_id=world.people["supervisor"].pk,
    )  # fmt: skip


def clock_of(errand: Errand) -> Deadline:
    return Deadline.objects.get(subject_kind=engine.SUBJECT, subject_id=errand.pk)


def late(errand: Errand) -> datetime:
    return clock_of(errand).due_at + timedelta(days=1)


def who(world: World, username: str) -> Access:
    return access_of(world.user(username))


def carded(world: World, errand: Errand, at: datetime) -> None:
    """It gets a yellow card."""
    papers.draw_up(errand, DraftKind.YELLOW_CARD, "逾期", at=at, by_id=world.people["supervisor"].pk)
    papers.sign(errand, DraftKind.YELLOW_CARD, at=at, access=who(world, "deputy"))


def kinds_of(errand: Errand) -> list[tuple[str, str]]:
    return list(Draft.objects.of(engine.SUBJECT, errand.pk).order_by("id").values_list("kind", "state"))


def test_it_is_urged_by_a_number_of_the_same_series(world: World, errand: Errand) -> None:
    issue = world.act(world.make_issue("in_progress"), "urge", "clerk", NOW)
    due = clock_of(errand).due_at
    Deadline.objects.filter(subject_kind="issue").update(next_rung_at=None, next_rung="")
    sweep(at=due + timedelta(minutes=1))
    assert list(Paper.objects.order_by("id").values_list("subject_kind", "subject_id", "number")) == [
        ("issue", issue.pk, "桂城催〔2026〕000001号"),
        ("errand", errand.pk, "桂城催〔2026〕000002号"),
    ]
    fan_out(at=due + timedelta(minutes=2))
    assert panels.who_was_told(engine.SUBJECT, errand.pk)[0]["paper"] == "桂城催〔2026〕000002号"


def test_the_clock_draws_up_each_document_once_in_words_made_of_codes(
    world: World, errand: Errand, drafting: None
) -> None:
    due = clock_of(errand).due_at
    for days in range(1, 30):
        sweep(at=due + timedelta(days=days))
    assert kinds_of(errand) == [("order", "open"), ("yellow_card", "open"), ("red_card", "open")]
    order = Draft.objects.get(kind="order")
    assert (order.asked_by, order.department, order.deadline) == (None, world.departments["WATER"], clock_of(errand))
    assert "的跑腿时限已于" in order.text
    assert "请在签发后2天内书面回复办理情况" in order.text
    fan_out(at=due + timedelta(days=30))
    told = Notification.objects.filter(user=world.people["deputy"], kind="errand_drafted")
    assert told.count() == 3


def test_what_was_signed_or_refused_is_not_drawn_up_again(world: World, errand: Errand, drafting: None) -> None:
    at = late(errand)
    by_id = world.people["supervisor"].pk
    papers.draw_up(errand, DraftKind.ORDER, "请书面说明", at=at, by_id=by_id)
    with pytest.raises(papers.NotSo, match="已有一份待签发的督办单"):
        papers.draw_up(errand, DraftKind.ORDER, "请书面说明", at=at, by_id=by_id)
    signed = papers.sign(errand, DraftKind.ORDER, at=at, access=who(world, "deputy"))
    assert (signed.paper.number, signed.red_card) == ("桂城督〔2026〕000001号", None)
    assert (signed.paper.department, signed.paper.due_at) == (world.departments["WATER"], clock_of(errand).due_at)
    papers.draw_up_by_clock(errand.pk, DraftKind.ORDER, clock_of(errand).pk, at + timedelta(days=3))
    assert kinds_of(errand) == [("order", "granted")]
    papers.draw_up_by_clock(errand.pk, DraftKind.YELLOW_CARD, clock_of(errand).pk, at + timedelta(days=3))
    papers.refuse(errand, DraftKind.YELLOW_CARD, at=at, access=who(world, "deputy"))
    assert kinds_of(errand) == [("order", "granted"), ("yellow_card", "refused")]
    assert [event.kind for event in Event.objects.of(engine.SUBJECT, errand.pk).order_by("seq")] == [
        *("errand_sent", "errand_drafted", "errand_signed", "errand_drafted", "errand_not_signed"),
    ]
    assert verify().broken is None


def test_a_card_needs_a_limit_that_was_missed_and_a_red_one_the_director(world: World, errand: Errand) -> None:
    by_id = world.people["supervisor"].pk
    with pytest.raises(papers.NotSo):
        papers.draw_up(errand, DraftKind.RED_CARD, "逾期", at=SOON, by_id=by_id)
    papers.draw_up(errand, DraftKind.RED_CARD, "逾期", at=late(errand), by_id=by_id)
    with pytest.raises(papers.NotSo):
        papers.sign(errand, DraftKind.RED_CARD, at=late(errand), access=who(world, "deputy"))
    papers.sign(errand, DraftKind.RED_CARD, at=late(errand), access=who(world, "director"))
    assert Paper.objects.get().number == "桂城红〔2026〕000001号"


def test_its_papers_are_lifted_and_its_drafts_end_with_it(world: World, errand: Errand) -> None:
    carded(world, errand, late(errand))
    papers.draw_up(errand, DraftKind.ORDER, "请书面说明", at=late(errand), by_id=world.people["supervisor"].pk)
    director = world.people["director"]
    assert papers.lift(errand, at=late(errand), by_id=director.pk) == ["桂城黄〔2026〕000001号"]
    assert (Paper.objects.get().lifted_by, Paper.objects.get().lifted_at) == (director, late(errand))
    engine.finish(errand, at=late(errand), by_id=director.pk)
    assert kinds_of(errand) == [("yellow_card", "granted"), ("order", "lapsed")]


def test_two_yellow_cards_on_matters_of_two_kinds_draw_up_a_red_one(world: World) -> None:
    """On whichever came second: on an errand after an issue, on an issue after an errand."""
    issue = issue_with_card(world)
    second = sent(world, "MUNICIPAL")
    carded(world, second, LATER)
    assert kinds_of(second) == [("yellow_card", "granted"), ("red_card", "open")]
    red = Draft.objects.get(kind="red_card")
    assert "桂城黄〔2026〕000001号、桂城黄〔2026〕000002号" in red.text
    assert (red.asked_by, red.department) == (None, world.departments["MUNICIPAL"])
    Paper.objects.filter(subject_kind="issue", subject_id=issue.pk).delete()
    assert issue_with_card(world).asks == ["red_card"]


def test_a_lifted_card_or_one_of_another_department_does_not_count(world: World) -> None:
    first = sent(world)
    carded(world, first, LATER)
    assert issue_with_card(world).asks == []
    papers.lift(first, at=LATER, by_id=world.people["director"].pk)
    second = sent(world)
    carded(world, second, LATER)
    assert kinds_of(second) == [("yellow_card", "granted")]


def issue_with_card(world: World) -> Issue:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "supervise", "supervisor", LATER, kind="yellow_card", note="超期")
    return world.act(issue, "sign", "deputy", LATER)


def test_its_cards_and_drafts_stand_on_the_pages_with_those_of_issues(
    world: World, signed_in: Browser, errand: Errand, frozen: None
) -> None:
    Deadline.objects.filter(pk=clock_of(errand).pk).update(
        due_at=NOW - timedelta(hours=1), soon_at=NOW - timedelta(hours=9), counted_from=NOW - timedelta(days=5),
        started_at=NOW - timedelta(days=5),
    )  # fmt: skip
    carded(world, errand, NOW)
    papers.draw_up(errand, DraftKind.ORDER, "请书面说明", at=NOW, by_id=world.people["supervisor"].pk)
    page = signed_in("officer2").get("/console/departments/WATER/?list=cards")
    (card,) = page.context["cards"]
    assert (card.number, card.title, card.short_number) == ("桂城黄〔2026〕000001号", "去取雨量计", errand.number)
    assert f'href="/errands/{errand.pk}/"' in page.content.decode()
    desk = signed_in("deputy").get("/console/supervision/?view=unsigned")
    (draft,) = desk.context["drafts"]
    assert (draft["title"], draft["number"]) == ("去取雨量计", errand.number)
    assert draft["department"] == world.departments["WATER"].short_name
    (row,) = desk.context["others"]
    assert (row.clock, row.number) == ("督办单", errand.number)


@pytest.mark.parametrize("strange", [{"subject_kind": "meeting"}, {"subject_id": 0}])
def test_a_paper_or_draft_on_what_is_not_there_is_found(
    world: World, errand: Errand, strange: dict[str, object]
) -> None:
    carded(world, errand, late(errand))
    call_command("check_deadlines")
    for model in (Draft, Paper):
        model.objects.all().update(**strange)
        lines = StringIO()
        with pytest.raises(CommandError):
            call_command("check_deadlines", stderr=lines)
        assert str(model._meta.model_name) in lines.getvalue()
