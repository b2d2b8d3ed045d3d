"""Requests about one's own data: the clock, who is told and sees, the decision, the copy, what is refused and why."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from accounts.roles import Role
from communities.access import access_of
from communities.actors import Actor
from communities.models import Contact, Membership
from deadlines.models import Deadline
from deadlines.services import load_rules
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from journal.models import Event
from privacy.enums import RIGHTS
from privacy.models import RightsRequest
from privacy.reading import matters_of
from privacy.services import holds, rights
from privacy.services.copying import make_copy
from privacy.services.errors import AlreadyAsked, CannotDelete, HasEnded
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.integration.privacy.raw import raw_of
from tests.support.at_once import at_once
from tests.support.cast import NOW, PHONE, World
from tests.support.photos import photo

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
CARD = "6222021234567894"


def loaded(issue: Issue) -> Issue:
    return Issue.objects.select_related("contact").get(pk=issue.pk)


def asked(world: World, kind: str = "see", issue: Issue | None = None) -> RightsRequest:
    """By the link of a matter whose number was proven."""
    return rights.ask_by_web(issue=loaded(issue or world.create()), kind=kind, words="请告诉我记了什么", at=NOW)


def at_counter(world: World, by: str = "clerk", **given: str) -> RightsRequest:
    values: dict[str, Any] = {
        "kind": "see", "asked_as": "guardian", "identity": "entrusted", "name": "李四妹", "phone": PHONE, "words": "",
    }  # fmt: skip
    counter = rights.AtCounter(community=world.communities["xiadong"], **(values | given))
    return rights.record_at_counter(given=counter, by=world.actor(by), at=NOW)


def events(request: RightsRequest) -> list[str]:
    return list(Event.objects.of(RIGHTS, request.pk).order_by("seq").values_list("kind", flat=True))


def told(username: str) -> list[str]:
    rows = Notification.objects.filter(user__username=username, subject_kind=RIGHTS)
    return list(rows.order_by("id").values_list("kind", flat=True))


def test_it_has_thirty_days_and_climbs_until_the_head_of_the_office_hears(world: World) -> None:
    request = at_counter(world)
    clock = Deadline.objects.get(subject_kind=RIGHTS, subject_id=request.pk)
    assert (clock.limit, clock.due_at) == ("30d", request.due_at)
    assert load_rules(world.area.pk).of_all(RIGHTS).limit == clock.time_limit
    at = NOW
    for _rung in range(7):
        clock.refresh_from_db()
        assert clock.next_rung_at is not None
        at = clock.next_rung_at
        assert sweep(at=at).fired.total() == 1
    fan_out(at=at)
    late = ["privacy_late"] * 4
    assert told("supervisor") == ["rights_received", "notice", "due_soon", "due_today", *late]
    assert told("deputy") == late
    assert told("director") == late[1:]
    assert told("clerk") == told("officer") == told("admin") == []
    assert sweep(at=at + timedelta(days=90)).fired.total() == 0


def test_who_sees_it(world: World) -> None:
    request = asked(world)
    seen = {
        name: RightsRequest.objects.visible_to(access_of(world.user(name))).filter(pk=request.pk).exists()
        for name in world.people
    }
    who = {name for name, sees in seen.items() if sees}
    assert who == {"clerk", "secretary", "supervisor", "deputy", "director"}


@pytest.mark.parametrize("who", ["clerk", "secretary", "deputy", "director", "officer", "admin", "outsider"])
def test_only_the_supervisor_answers(world: World, who: str) -> None:
    request, by = asked(world), world.actor(who)
    for act in (
        lambda: rights.decide(request_id=request.pk, by=by, at=LATER),
        lambda: rights.decline(request_id=request.pk, reason="nothing_held", answer="没有", by=by, at=LATER),
        lambda: rights.reveal(request_id=request.pk, reason="核对", by=by, at=LATER),
        lambda: make_copy(request_id=request.pk, by=by, at=LATER),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert events(request) == ["rights_received"]


def test_decided_and_done_it_stops_the_clock_and_tells_the_community(world: World) -> None:
    request, by = asked(world), world.actor("supervisor")
    with pytest.raises(HasEnded):
        rights.finish(request_id=request.pk, answer="已办", by=by, at=LATER)
    rights.decide(request_id=request.pk, by=by, at=LATER)
    with pytest.raises(HasEnded):
        rights.decide(request_id=request.pk, by=by, at=LATER)
    with pytest.raises(InvalidFields):
        rights.finish(request_id=request.pk, answer=" ", by=by, at=LATER)
    rights.finish(request_id=request.pk, answer="记录如下", by=by, at=LATER)
    with pytest.raises(HasEnded):
        rights.decline(request_id=request.pk, reason="others", answer="晚了", by=by, at=LATER)
    request.refresh_from_db()
    assert (request.status, request.answer, request.is_open) == ("done", "记录如下", False)
    assert Deadline.objects.get(subject_kind=RIGHTS, subject_id=request.pk).state == "met"
    assert events(request) == ["rights_received", "rights_decided", "rights_done"]
    fan_out(at=LATER)
    assert told("clerk") == ["rights_done"]


def test_declined_it_says_why(world: World) -> None:
    request, by = asked(world), world.actor("supervisor")
    with pytest.raises(InvalidFields) as refused:
        rights.decline(request_id=request.pk, reason="because", answer="", by=by, at=LATER)
    assert set(refused.value.fields) == {"reason", "answer"}
    rights.decline(request_id=request.pk, reason="not_proven", answer="请带证件来", by=by, at=LATER)
    request.refresh_from_db()
    assert (request.status, request.reason) == ("declined", "not_proven")
    last = Event.objects.of(RIGHTS, request.pk).order_by("-seq").first()
    assert last is not None
    assert (last.kind, last.data["declined"]) == ("rights_declined", "not_proven")


def test_what_is_still_handled_is_not_deleted(world: World) -> None:
    issue = world.make_issue("in_progress")
    request, by = asked(world, "delete", issue), world.actor("supervisor")
    rights.decide(request_id=request.pk, by=by, at=LATER)
    with pytest.raises(CannotDelete, match=issue.number):
        rights.finish(request_id=request.pk, answer="已删", by=by, at=LATER)
    assert events(request)[-1] == "rights_decided"


def test_what_has_ended_is_deleted_all_or_nothing(world: World) -> None:
    first = world.make_issue("closed", description="张小三家漏水。")
    second = world.make_issue("closed", description="又漏水了。")
    request, by = asked(world, "delete", first), world.actor("supervisor")
    rights.decide(request_id=request.pk, by=by, at=LATER)
    hold = holds.set_hold(issue=second, reason="诉讼", review_on=(NOW + timedelta(days=90)).date(), by=by, at=LATER)
    with pytest.raises(CannotDelete, match=second.number):
        rights.finish(request_id=request.pk, answer="已删", by=by, at=LATER)
    assert loaded(first).masked_at is None
    holds.lift(hold_id=hold.pk, reason="结案", by=by, at=LATER)
    rights.finish(request_id=request.pk, answer="已删", by=by, at=LATER)
    for issue in (first, second):
        after = loaded(issue)
        assert after.masked_at is not None
        assert after.contact is None or not after.contact.phone
    assert events(request)[-1] == "rights_done"


def test_the_same_is_asked_once_while_it_waits(world: World) -> None:
    first = asked(world)
    with pytest.raises(AlreadyAsked, match=first.number):
        asked(world, "see", world.create(description="另一件：路灯不亮。"))
    asked(world, "export", world.create(description="又一件：井盖松动。"))
    with pytest.raises(AlreadyAsked):
        at_counter(world)


def test_at_the_counter_a_guardian_is_taken_down_and_the_matters_found_by_the_number(world: World) -> None:
    mine = world.create()
    world.create(contact_phone="13900002222", description="别人的：路灯不亮。")
    request = at_counter(world)
    assert (request.via, request.asked_as, request.recorded_by) == ("counter", "guardian", world.people["clerk"])
    assert matters_of(request) == [mine]
    for who in ("clerk2", "officer", "admin"):
        with pytest.raises(NotPermitted):
            at_counter(world, who, kind="export")
    with pytest.raises(InvalidFields) as refused:
        at_counter(world, kind="", asked_as="x", identity="")
    assert set(refused.value.fields) == {"kind", "asked_as", "identity"}
    with pytest.raises(InvalidFields) as refused:
        at_counter(world, kind="export", name="", phone="12")
    assert set(refused.value.fields) == {"name", "phone"}


def test_nothing_that_was_typed_stands_in_the_journal_or_plain_in_the_table(world: World) -> None:
    request = at_counter(world, words="我住幸福路8号602")
    (event,) = Event.objects.of(RIGHTS, request.pk)
    assert (event.data, event.texts) == ({"kind": "see", "via": "counter", "asked_as": "guardian"}, {})
    assert "602" not in raw_of(RightsRequest, "words")


def test_the_copy_holds_what_is_theirs_and_nothing_of_others(world: World) -> None:
    issue = world.create(description="我家漏水。")
    Contact.objects.filter(pk=issue.contact_id or 0).update(numbers=CARD, numbers_reason="退款")
    photo(world, issue, NOW, by=None, name="家里.jpg")
    world.act(issue, "comment", "clerk", LATER, note="内部：此人常来")
    other = world.create(contact_phone="13900002222", description="别人的：路灯不亮。")
    request, by = asked(world, "export", issue), world.actor("supervisor")
    with pytest.raises(HasEnded):
        make_copy(request_id=request.pk, by=by, at=LATER)
    rights.decide(request_id=request.pk, by=by, at=LATER)
    body = make_copy(request_id=request.pk, by=by, at=LATER)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        text = archive.read("personal-data.json").decode()
        files = [name for name in archive.namelist() if name.startswith("files/")]
    (matter,) = json.loads(text)["matters"]
    assert (matter["number"], matter["description"]) == (issue.number, "我家漏水。")
    assert matter["contact"] == {"name": "张小三", "phone": PHONE, "address": "", "numbers": CARD, "messages": "on"}
    assert matter["files"] == files
    assert len(files) == 1
    assert "此人常来" not in text
    assert other.number not in text
    assert events(request)[-1] == "rights_exported"


def test_who_asks_is_shown_whole_with_a_reason(world: World) -> None:
    request, by = at_counter(world), world.actor("supervisor")
    with pytest.raises(InvalidFields):
        rights.reveal(request_id=request.pk, reason=" ", by=by, at=LATER)
    found = rights.reveal(request_id=request.pk, reason="电话告知结果", by=by, at=LATER)
    assert (found.name, found.phone) == ("李四妹", PHONE)
    assert events(request)[-1] == "rights_seen"


def test_a_matter_without_a_phone_is_asked_about_at_the_counter(world: World) -> None:
    silent = world.create(contact_phone="", contact_name="")
    with pytest.raises(NotPermitted):
        rights.ask_by_web(issue=loaded(silent), kind="see", words="", at=NOW)
    counter = rights.AtCounter(
        community=world.communities["xiadong"], kind="see", asked_as="self", identity="document", name="张小三",
        phone="", issue=silent,
    )  # fmt: skip
    request = rights.record_at_counter(given=counter, by=world.actor("clerk"), at=NOW)
    assert matters_of(request) == [silent]


def test_another_offices_supervisor_sees_and_answers_nothing(world: World) -> None:
    request = asked(world)
    Membership.objects.create(
        user=world.people["outsider"], role=Role.SUPERVISOR.value, subdistrict=world.other_area, started_at=NOW
    )
    by = Actor.staff(world.user("outsider"))
    assert not RightsRequest.objects.visible_to(by.access).exists()
    with pytest.raises(NotPermitted):
        rights.decide(request_id=request.pk, by=by, at=LATER)


def test_the_same_twice_without_a_number_is_one(world: World) -> None:
    issue = loaded(world.create())
    at_counter(world, phone="", issue=issue)  # type: ignore[arg-type]
    with pytest.raises(AlreadyAsked):
        at_counter(world, phone="", issue=issue)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_the_same_at_once_is_one(world: World) -> None:
    def ask() -> str:
        try:
            return at_counter(world).number
        except AlreadyAsked:
            return "again"

    assert at_once(ask, ask, ask).count("again") == 2
    assert RightsRequest.objects.count() == 1
