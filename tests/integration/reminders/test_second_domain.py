"""The engine serves a second domain (tests/errands) as it serves issues, and says what nobody registered."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import Client

from commitments import services as commitments
from communities.access import access_of
from deadlines import kinds
from deadlines import services as deadlines
from deadlines import subjects as tables
from deadlines.calendar_changes import apply_changes, difference, digest
from deadlines.models import ChangeSource, Deadline, DeadlineRule
from journal.models import Event
from papers.models import Draft
from reminders import panels, rungs, subjects
from reminders.ladder import DEFAULT_LADDER, Rung
from reminders.ladder_rules import check
from reminders.models import LadderRung, Notification, OutboxMessage, Watchdog
from reminders.querysets import inbox_page
from reminders.reference import forget
from reminders.services import inbox
from reminders.services.defaults import install_default_ladder
from reminders.services.delivery import deliver
from reminders.services.fan_out import fan_out
from reminders.services.recounting import recount_changes
from reminders.services.sweep import sweep
from tests.errands import engine
from tests.errands.models import Errand
from tests.support.cast import NOW, World
from tests.support.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]


@pytest.fixture
def errand(world: World) -> Errand:
    """水务办 is sent on an errand of five working days."""
    return engine.send(
        department=world.departments["WATER"], title="去取雨量计", limit="5wd", at=NOW,
        by_id=world.people["supervisor"].pk,
    )  # fmt: skip


def clock_of(errand: Errand) -> Deadline:
    return Deadline.objects.get(subject_kind=engine.SUBJECT, subject_id=errand.pk)


def rungs_of(errand: Errand) -> list[str]:
    return [event.data["rung"] for event in engine.reminders_of(errand)]


def told(username: str) -> list[str]:
    rows = Notification.objects.filter(user__username=username, subject_kind=engine.SUBJECT)
    return list(rows.order_by("id").values_list("kind", flat=True))


def test_it_is_planned_climbs_the_ladder_and_tells_whom_the_rungs_mean(errand: Errand) -> None:
    clock = clock_of(errand)
    assert clock.next_rung == "notice"
    fan_out(at=NOW)
    assert told("officer2") == ["errand_sent"]
    for _step in range(4):
        clock = clock_of(errand)
        assert clock.next_rung_at is not None
        assert sweep(at=clock.next_rung_at).fired.total() == 1
    fan_out(at=NOW)
    assert rungs_of(errand) == ["notice", "due_soon", "due_today", "urge"]
    assert told("officer2") == ["errand_sent", "notice", "due_soon", "due_today", "urge"]
    assert told("officer") == []
    assert sweep(at=NOW + timedelta(days=60)).fired.total() == 0


def test_a_rung_of_its_own_fires_by_its_own_words(world: World, errand: Errand) -> None:
    own = Rung("working", "errand_late", 6, "due+2wd", ("head",), frozenset({engine.ERRAND}))
    assert check(DEFAULT_LADDER.rungs, own) == {}
    install_default_ladder(world.area)
    LadderRung.objects.create(
        subdistrict=world.area, ladder="working", code="errand_late", rank=6, offset="due+2wd", roles=["head"],
        kinds=[engine.ERRAND],
    )  # fmt: skip
    forget()
    sweep(at=NOW + timedelta(days=30))
    forget()
    (event,) = engine.reminders_of(errand)
    assert (event.data["rung"], event.data["skipped"][-1]) == ("errand_late", "urge")
    assert rungs.label("errand_late") == "跑腿未归"
    assert panels.told_label("errand_late", engine.ERRAND) == "跑腿 · 跑腿未归"


def test_what_is_back_reminds_no_more_and_the_office_hears(world: World, errand: Errand) -> None:
    engine.finish(errand, at=NOW + timedelta(hours=1), by_id=world.people["officer2"].pk)
    fan_out(at=NOW)
    assert told("supervisor") == ["errand_done"]
    assert sweep(at=NOW + timedelta(days=60)).as_json()["due"] == 0


def test_it_is_delivered_and_says_what_it_is(world: World, sink: SmtpSink, errand: Errand) -> None:
    fan_out(at=NOW)
    OutboxMessage.objects.exclude(recipient__username="officer2").delete()
    result = deliver(clock=lambda: NOW + timedelta(minutes=1))
    assert result.sent == 1
    (mail,) = sink.received
    assert str(mail.message["Subject"]).strip() == f"请跑一趟：{errand.number}"
    assert mail.message["References"] == f"<errand-{errand.pk}@gov.example.org>"
    body = mail.message.get_body(("plain",))
    assert body is not None
    assert f"/errands/{errand.pk}/" in body.get_content()


def test_a_message_is_not_sent_once_it_is_back(world: World, sink: SmtpSink, errand: Errand) -> None:
    fan_out(at=NOW)
    engine.finish(errand, at=NOW, by_id=world.people["officer2"].pk)
    deliver(clock=lambda: NOW + timedelta(minutes=1))
    assert sink.received == []
    assert set(OutboxMessage.objects.filter(event__kind="errand_sent").values_list("state", "error")) == {
        ("dropped", "no_longer_needed")
    }


def test_the_inbox_words_it_puts_it_off_and_brings_it_back(world: World, errand: Errand) -> None:
    fan_out(at=NOW)
    access = access_of(world.user("officer2"))
    (item,) = inbox_page(access, at=NOW).items
    assert (item.title, item.number, item.url) == (
        f"请跑一趟：{errand.number}", errand.number, f"/errands/{errand.pk}/",
    )  # fmt: skip
    assert item.body.startswith("去取雨量计")
    inbox.snooze(user_id=access.user_id, notification_id=item.id, until=NOW + timedelta(hours=1), at=NOW)
    assert inbox_page(access, at=NOW).items == []
    assert [row.id for row in inbox_page(access, at=NOW + timedelta(hours=2)).items] == [item.id]
    assert inbox.mark_matter_read(access.user_id, engine.SUBJECT, errand.pk, NOW) == 0
    inbox.wake(user_id=access.user_id, notification_id=item.id, at=NOW)
    assert inbox.mark_matter_read(access.user_id, engine.SUBJECT, errand.pk, NOW) == 1


def test_who_is_out_of_its_sight_is_not_told_what_it_is(world: World, errand: Errand) -> None:
    fan_out(at=NOW)
    Errand.objects.filter(pk=errand.pk).update(department_id=world.departments["MUNICIPAL"].pk)
    (item,) = inbox_page(access_of(world.user("officer2")), at=NOW).items
    assert (item.number, item.url) == ("", "")
    assert "雨量计" not in item.title + item.body


def test_it_stands_on_the_desk_on_its_departments_page_and_in_who_was_told(
    world: World, signed_in: Browser, errand: Errand, frozen: None
) -> None:
    Deadline.objects.filter(pk=clock_of(errand).pk).update(
        due_at=NOW - timedelta(hours=1), next_rung_at=NOW - timedelta(hours=1),
        soon_at=NOW - timedelta(hours=9), counted_from=NOW - timedelta(days=5),
        started_at=NOW - timedelta(days=5),
    )  # fmt: skip
    sweep(at=NOW)
    fan_out(at=NOW)
    desk = signed_in("supervisor").get("/console/supervision/").content.decode()
    assert "去取雨量计" in desk
    assert f"{errand.number} · 跑腿 · " in desk
    assert f"/errands/{errand.pk}/" in desk
    assert "去取雨量计" not in signed_in("supervisor").get("/console/supervision/?view=due_soon").content.decode()
    page = signed_in("officer2").get("/console/departments/WATER/?list=others").content.decode()
    assert "去取雨量计" in page
    entries = panels.who_was_told(engine.SUBJECT, errand.pk)
    assert [entry["label"] for entry in entries] == ["跑腿 · 催办", "派出"]
    assert entries[-1]["to"] == world.people["officer2"].display_name


def test_a_promise_made_on_it_reminds_in_its_name(world: World, errand: Errand) -> None:
    made = commitments.make(
        subdistrict_id=world.area.pk, subject_kind=engine.SUBJECT, subject_id=errand.pk, text="月底前装好",
        owner_id=world.departments["WATER"].pk, by_id=world.people["officer2"].pk, at=NOW, due_on=date(2026, 3, 25),
    )  # fmt: skip
    engine.finish(errand, at=NOW, by_id=world.people["officer2"].pk)
    result = sweep(at=NOW + timedelta(days=8))
    assert result.fired.total() == 1
    (event,) = engine.reminders_of(errand)
    assert (event.data["commitment"], event.data["deadline_kind"]) == (made.pk, "fulfil")
    fan_out(at=NOW)
    assert "urge" in told("officer2")


def test_a_change_of_the_calendar_moves_its_date_and_says_so(world: World) -> None:
    deadlines.refresh_calendar(at=NOW)
    errand = engine.send(
        department=world.departments["WATER"], title="去取雨量计", limit="5wd", at=NOW,
        by_id=world.people["supervisor"].pk,
    )  # fmt: skip
    before = clock_of(errand).due_at
    day_off = {before.date(): (False, "台风")}
    apply_changes(
        wanted=day_off, source=ChangeSource.DAY, year=None, shown=digest(difference(day_off)),
        by_id=world.people["admin"].pk, at=NOW,
    )  # fmt: skip
    assert recount_changes(clock=lambda: NOW + timedelta(minutes=5)).moved == 1
    after = clock_of(errand).due_at
    assert after > before
    event = Event.objects.of(engine.SUBJECT, errand.pk).of_kinds(["recount"]).get()
    (moved,) = event.data["moved"]
    assert (moved["clock"], datetime.fromisoformat(moved["due_at"]), event.visible) == (engine.ERRAND, after, False)


# What nobody registered


def test_an_unknown_subject_is_counted_shown_red_and_found(signed_in: Browser, errand: Errand) -> None:
    Deadline.objects.filter(pk=clock_of(errand).pk).update(subject_kind="meeting", next_rung_at=NOW)
    result = sweep(at=NOW)
    assert (result.deadlines, result.busy, result.unknown) == (0, 0, 1)
    Watchdog.objects.create(job="sweep", started_at=NOW, finished_at=NOW, result=result.as_json())
    page = signed_in("admin").get("/console/admin/health/").content.decode()
    assert "请运行 check_deadlines" in page
    assert "govtrack_unknown_subjects 1.0" in Client(headers={"host": "localhost"}).get("/metrics").content.decode()
    lines = StringIO()
    with pytest.raises(CommandError):
        call_command("check_deadlines", stderr=lines)
    assert "meeting" in lines.getvalue()


def test_what_is_gone_is_unknown_and_not_busy(errand: Errand) -> None:
    Errand.objects.all().delete()
    clock = clock_of(errand)
    assert clock.next_rung_at is not None
    result = sweep(at=clock.next_rung_at)
    assert (result.deadlines, result.busy, result.unknown) == (0, 0, 1)


def test_a_clock_and_a_rule_of_an_unknown_kind_are_found(world: World, errand: Errand) -> None:
    DeadlineRule.objects.create(subdistrict=world.area, scope_kind="any", deadline_kind="someday", limit="5wd")
    Deadline.objects.filter(pk=clock_of(errand).pk).update(kind="dance")
    lines = StringIO()
    with pytest.raises(CommandError):
        call_command("check_deadlines", stderr=lines)
    assert "unknown kind: dance" in lines.getvalue()
    assert "unknown kind: any: someday" in lines.getvalue()


@pytest.mark.parametrize("strange", [{"code": "dance"}, {"effect": "dance"}, {"kinds": ["dance"]}])
def test_a_stored_rung_of_what_nobody_registered_is_found(world: World, strange: dict[str, object]) -> None:
    install_default_ladder(world.area)
    call_command("check_deadlines")
    LadderRung.objects.filter(subdistrict=world.area, ladder="working", code="urge", rank=5).update(**strange)
    lines = StringIO()
    with pytest.raises(CommandError):
        call_command("check_deadlines", stderr=lines)
    assert "ladderrung" in lines.getvalue()


def test_a_draft_about_a_clock_that_nobody_registered_is_found(world: World) -> None:
    issue = world.make_issue("in_progress")
    world.act(issue, "supervise", by="supervisor", kind="order", note="请抓紧")
    call_command("check_deadlines")
    Draft.objects.filter(subject_id=issue.pk).update(deadline_kind="dance")
    lines = StringIO()
    with pytest.raises(CommandError):
        call_command("check_deadlines", stderr=lines)
    assert "draft" in lines.getvalue()


def messages() -> set[str]:
    return {str(message.id) for message in run_checks() if str(message.id).startswith("reminders.")}


def test_the_system_check_finds_a_kind_without_an_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert messages() == set()
    monkeypatch.delitem(subjects._subjects, engine.SUBJECT)
    assert messages() == {"reminders.E001"}


def test_the_system_check_finds_an_adapter_without_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(tables._tables, engine.SUBJECT)
    assert messages() == {"reminders.E002"}


def test_the_system_check_finds_a_rung_of_what_nobody_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(kinds._specs, "sample")
    assert messages() == {"reminders.E003"}


def test_the_system_check_finds_two_rungs_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Rung("working", "errand_late", 5, "due+2wd", ("head",), frozenset({engine.ERRAND}))
    monkeypatch.setattr(DEFAULT_LADDER, "rungs", (*DEFAULT_LADDER.rungs, own))
    assert messages() == {"reminders.E004"}


def test_two_domains_cannot_use_one_name() -> None:
    with pytest.raises(ValueError, match="handle"):
        kinds.register([kinds.ClockSpec("handle", engine.CLOCKS[0].label)])
