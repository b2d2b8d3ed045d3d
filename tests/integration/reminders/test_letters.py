"""Short messages to reporters: who gets which, exactly once, and what becomes of those that do not arrive.

The gateway is a real server on the loopback address (tests.support.robot_sinks.SmsSink).
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from common.clock import SHANGHAI
from communities.models import Contact, Messages
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.enums import SUBJECT, MessageWish
from issues.models import Issue
from issues.replay.rules import differences
from issues.services.errors import InvalidFields, StateConflict
from issues.services.urging import urged_by_time
from journal.models import Event
from reminders import subjects
from reminders.enums import Channel, OutboxState
from reminders.letters import DECLINED, OUTSIDE, TOO_LATE
from reminders.models import DeliveryChannel, Notification, OutboxMessage
from reminders.panels import who_was_told
from reminders.reference import forget_gateways
from reminders.services import dead_letters
from reminders.services.delivery import deliver, outside
from reminders.services.delivery.claims import STUCK_AFTER
from reminders.services.fan_out import fan_out
from reminders.subjects import Urged
from tests.support.cast import NOW, PHONE, World
from tests.support.http_sink import Failure
from tests.support.outbox import channel
from tests.support.robot_sinks import SmsSink

pytestmark = pytest.mark.django_db

LANDLINE = "0757-86330001"
SITE = "https://gov.example.org"


@pytest.fixture
def gateway(world: World) -> Iterator[SmsSink]:
    with SmsSink(clock=NOW.timestamp) as server, override_settings(PUBLIC_URL=SITE):
        channel(world, Channel.SMS, server.url, secret=server.secret)
        forget_gateways()
        yield server
    forget_gateways()


def told(gateway: SmsSink, at: datetime = NOW) -> list[tuple[str, str]]:
    """What the gateway has after a pass: template and number, in order."""
    fan_out(at=at)
    deliver(clock=lambda: at)
    return [(row.payload["template"], row.payload["params"]["number"]) for row in gateway.received]


def outsiders() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(outsider_id__isnull=False).order_by("pk"))


def events_of(issue: Issue) -> list[Event]:
    return list(Event.objects.of(SUBJECT, issue.pk).order_by("seq"))


def fresh(issue: Issue) -> Issue:
    return Issue.objects.select_related("contact").get(pk=issue.pk)


def consistent(issue: Issue) -> bool:
    """The row says what its events say, and 待告知 what the clock says."""
    row = fresh(issue)
    open_clock = Deadline.objects.of(SUBJECT, issue.pk).open().filter(kind="inform").exists()
    return differences(events_of(issue), row) == {} and row.untold == open_clock


@dataclass(frozen=True)
class Reporter:
    """Somebody who reports, and whether short messages and calls reach them."""

    given: Mapping[str, Any]
    texted: bool
    called: bool


REPORTERS = {
    "mobile": Reporter({}, True, True),
    "landline": Reporter({"contact_phone": LANDLINE}, False, True),
    "none": Reporter({"contact_phone": "", "contact_name": ""}, False, False),
    "opted_out": Reporter({"messages": "off"}, False, True),
    "confidential": Reporter({"confidential": True}, False, True),
    "report": Reporter({"kind": "report"}, False, True),
    "confidential_agreed": Reporter({"confidential": True, "messages": "agreed"}, True, True),
    "under_leader": Reporter({"leader_id": 0}, False, False),
}


@dataclass(frozen=True)
class Happens:
    """Something that happens to a matter in ``status``: the letter that it brings, or whether it waits for a call."""

    status: str
    action: str
    by: str
    data: Mapping[str, Any]
    letter: str
    waits: bool


_EXTENSION = {"days": 1, "reason": "等配件"}
HAPPENS = {
    "answered": Happens(
        "in_progress", "reply", "officer", {"outcome": "explained", "note": "已查明。"}, "answered", False
    ),
    "extended": Happens("asked", "grant_extension", "supervisor", {}, "date_moved", True),
    "deferred": Happens("wants_time", "grant_suspension", "supervisor", {}, "date_moved", True),
    "resumed": Happens("suspended", "resume", "officer", {}, "date_moved", True),
    "redone": Happens("replied", "redo", "clerk", {"reason": "现场仍有积水"}, "date_moved", False),
    "reopened": Happens("closed", "reopen", "clerk", {"reason": "又有积水"}, "date_moved", False),
    "closed": Happens(
        "follow_up", "record_follow_up", "clerk", {"verdict": "satisfied", "solved": "yes"}, "closed", False
    ),
    "explained": Happens("follow_up", "close_explained", "supervisor", {"reason": "已向反映人解释"}, "closed", True),
    "asked_more": Happens("submitted", "request_info", "clerk", {"note": "请说明位置"}, "news", True),
    "rejected": Happens("submitted", "reject", "clerk", {"reason": "petition", "note": "请到信访窗口"}, "news", True),
    "accepted": Happens("submitted", "accept", "clerk", {}, "", False),
    "progress": Happens("in_progress", "progress", "officer", {"note": "已到现场"}, "", False),
    "urged": Happens("in_progress", "urge", "supervisor", {}, "", False),
}


def matter(world: World, status: str, reporter: Reporter) -> Issue:
    given = dict(reporter.given)
    if "leader_id" in given:
        given["leader_id"] = world.user("leader").leader.pk
    if status == "asked":
        issue = world.make_issue("in_progress", **given)
        return world.act(issue, "request_extension", "officer", at=NOW + timedelta(minutes=9), **_EXTENSION)
    if status == "wants_time":
        issue = world.make_issue("in_progress", **given)
        asked = {"reason": "funding", "until": "2026-04-20", "interim_answer": "资金已报"}
        return world.act(issue, "request_suspension", "officer", at=NOW + timedelta(minutes=9), **asked)
    return world.make_issue(status, **given)


PAIRS = [
    (what, who)
    for what, happens in HAPPENS.items()
    for who in REPORTERS
    if who != "none" or happens.status not in ("follow_up", "closed")
]
"""Where nobody is to be called back, a matter is closed when it was checked."""


@pytest.mark.parametrize(("what", "who"), PAIRS)
def test_who_is_told_what(gateway: SmsSink, world: World, what: str, who: str) -> None:
    """Everybody who can be texted is; everybody else waits for a call as if there were no gateway."""
    happens, reporter = HAPPENS[what], REPORTERS[who]
    issue = matter(world, happens.status, reporter)
    told(gateway)
    gateway.received.clear()
    Deadline.objects.of(SUBJECT, issue.pk).filter(kind="inform").delete()
    Issue.objects.filter(pk=issue.pk).update(untold=False)
    world.act(issue, happens.action, happens.by, at=NOW + timedelta(minutes=10), **happens.data)
    sent = told(gateway, NOW + timedelta(minutes=11))
    expected = [(f"matter_{happens.letter}", issue.number)] if reporter.texted and happens.letter else []
    assert sent == expected
    assert fresh(issue).untold is (happens.waits and reporter.called and not reporter.texted)


@pytest.mark.parametrize("who", REPORTERS)
def test_that_it_was_received(gateway: SmsSink, world: World, who: str) -> None:
    issue = matter(world, "submitted", REPORTERS[who])
    sent = told(gateway)
    assert sent == ([("matter_received", issue.number)] if REPORTERS[who].texted else [])
    assert not fresh(issue).untold
    assert consistent(issue)


@pytest.mark.parametrize("what", HAPPENS)
def test_without_a_gateway_nothing_is_queued_and_calls_are_as_ever(world: World, what: str) -> None:
    happens = HAPPENS[what]
    issue = matter(world, happens.status, REPORTERS["mobile"])
    world.act(issue, happens.action, happens.by, at=NOW + timedelta(minutes=10), **happens.data)
    fan_out(at=NOW)
    assert outsiders() == []
    assert fresh(issue).untold is happens.waits
    assert not any(OUTSIDE in event.data for event in events_of(issue))
    with pytest.raises(StateConflict):
        world.act(issue, "set_messages", "clerk", messages="off")


def test_a_message_holds_the_number_and_the_link_and_nothing_else(gateway: SmsSink, world: World) -> None:
    issue = world.create()
    told(gateway)
    (taken,) = gateway.received
    (row,) = outsiders()
    assert taken.payload == {
        "id": f"{row.pk}.{row.event_id}",
        "to": PHONE,
        "template": "matter_received",
        "params": {"number": issue.number, "link": f"{SITE}/t/{issue.token}/"},
    }


def test_the_link_gives_no_more_than_it_did(gateway: SmsSink, world: World, client: Any) -> None:
    world.make_issue("replied")
    told(gateway)
    page = client.get(gateway.received[-1].payload["params"]["link"].removeprefix(SITE)).content.decode()
    for secret in ("幸福路口积水", "已疏通雨水口", "张小三", PHONE, "有进展发短信给您"):
        assert secret not in page


def test_nothing_personal_is_kept_or_logged(gateway: SmsSink, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.refuse_numbers.add(PHONE)
    issue = world.make_issue("replied")
    told(gateway)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(o)::text FROM reminders_outboxmessage o")
        rows = "".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT data::text FROM journal_event")
        rows += "".join(row[0] for row in cursor.fetchall())
    logged = "".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    shown = json.dumps([str(entry) for entry in who_was_told(SUBJECT, issue.pk)], ensure_ascii=False)
    letters = dead_letters.dead_letters(world.actor("supervisor")).items
    for text in (rows, logged, shown, str(letters)):
        assert PHONE not in text
        assert issue.token not in text
    assert {letter.recipient for letter in letters} == {"居民"}


def test_who_was_told_shows_the_resident_without_a_number(gateway: SmsSink, world: World) -> None:
    issue = world.create()
    fan_out(at=NOW)
    entry = next(entry for entry in who_was_told(SUBJECT, issue.pk) if entry["label"] == "登记")
    assert [(way.channel, way.text, way.waiting) for way in entry["groups"]] == [("居民（短信）", "待发送", True)]
    told(gateway)
    entry = next(entry for entry in who_was_told(SUBJECT, issue.pk) if entry["label"] == "登记")
    assert [(way.channel, way.text, way.at) for way in entry["groups"]] == [("居民（短信）", "已发送", NOW)]


# Once


def test_an_event_that_is_read_again_is_not_sent_again(gateway: SmsSink, world: World) -> None:
    from journal.models import Pending
    from reminders.enums import READER

    issue = world.create()
    assert len(told(gateway)) == 1
    created = events_of(issue)[0]
    Pending.objects.create(event=created, reader=READER)
    assert len(told(gateway)) == 1
    assert len(outsiders()) == 1


def test_a_worker_that_died_after_the_gateway_took_it(gateway: SmsSink, world: World) -> None:
    """The claim comes back, the id stays, and the telephone rings once."""
    world.create()
    fan_out(at=NOW)
    gateway.fail(Failure.DIE_AFTER, 1)
    deliver(clock=lambda: NOW)
    OutboxMessage.objects.filter(outsider_id__isnull=False).update(state=OutboxState.CLAIMED, claimed_at=NOW)
    DeliveryChannel.objects.filter(kind=Channel.SMS).update(failures=0, open_until_at=None)
    deliver(clock=lambda: NOW + STUCK_AFTER + timedelta(seconds=1))
    assert (gateway.sent, gateway.repeats) == (1, 1)
    (row,) = outsiders()
    assert row.state == OutboxState.SENT


def test_letters_to_many_are_never_one_message(gateway: SmsSink, world: World) -> None:
    numbers = [world.create(contact_phone=f"1990000{n:04d}").number for n in range(5)]
    assert sorted(told(gateway)) == sorted(("matter_received", number) for number in numbers)
    assert len(set(gateway.ids)) == 5
    assert {row.bundle for row in outsiders()} == {None}


def test_whoever_joined_is_told_by_the_own_number(gateway: SmsSink, world: World) -> None:
    master = world.make_issue("in_progress", contact_phone="19900000001")
    joined = world.create(contact_phone="19900000002")
    silent = world.create(contact_phone="19900000003", messages="off")
    for issue in (joined, silent):
        world.act(issue, "merge", "clerk", master=master.number)
    told(gateway)
    gateway.received.clear()
    world.act(master, "reply", "officer", outcome="explained", note="已查明。")
    assert told(gateway) == [("matter_answered", master.number), ("matter_answered", joined.number)]
    assert gateway.received[1].payload["to"] == "19900000002"


def test_what_the_reporter_did_is_no_news_to_the_reporter(gateway: SmsSink, world: World) -> None:
    issue = world.make_issue("follow_up")
    told(gateway)
    gateway.received.clear()
    world.act(issue, "record_follow_up", "resident", verdict="satisfied", solved="yes")
    assert told(gateway) == []


def test_what_was_answered_at_once_is_one_message(gateway: SmsSink, world: World) -> None:
    issue = world.create(kind="enquiry")
    world.act(issue, "answer_now", "clerk", note="营业时间为工作日。")
    assert told(gateway) == [("matter_closed", issue.number)]


def test_a_date_that_passed_brings_one_message(gateway: SmsSink, world: World) -> None:
    issue = world.make_issue("in_progress")
    told(gateway)
    gateway.received.clear()
    row = Deadline.objects.of(SUBJECT, issue.pk).get(kind="handle")
    for days in (0, 5):
        at = row.due_at + timedelta(days=days, minutes=1)
        urged = [Urged(row.pk, issue.pk, row.kind, row.party_id, row.due_at)]
        facts = urged_by_time(urged, at, deadlines.load_calendar())[row.pk]
        assert (OUTSIDE in facts, "untold" in facts) == (days == 0, False)
    assert facts["urges"] == 2
    assert not fresh(issue).untold


# Nights


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("2026-03-18 21:59", "2026-03-18 21:59"),
        ("2026-03-18 22:00", "2026-03-19 07:30"),
        ("2026-03-19 07:29", "2026-03-19 07:30"),
        ("2026-03-19 07:30", "2026-03-19 07:30"),
        ("2026-03-21 10:00", "2026-03-21 10:00"),  # a Saturday
        ("2026-03-20 23:00", "2026-03-21 07:30"),
    ],
)
def test_only_a_night_holds_a_letter(gateway: SmsSink, world: World, written: str, leaves: str) -> None:
    """Staff have days off; whoever reported something on a Saturday wants to know that it arrived."""
    at, out = (datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) for text in (written, leaves))
    world.create(at=at)
    told(gateway, at)
    assert len(gateway.received) == (at == out)
    deliver(clock=lambda: out - timedelta(seconds=1))
    assert len(gateway.received) == (at == out)
    deliver(clock=lambda: out)
    assert len(gateway.received) == 1


def test_one_that_failed_in_the_evening_waits_for_the_morning(gateway: SmsSink, world: World) -> None:
    at = datetime(2026, 3, 20, 21, 59, 50, tzinfo=SHANGHAI)
    world.create(at=at)
    gateway.fail(Failure.ERROR, 1)
    told(gateway, at)
    deliver(clock=lambda: at + timedelta(minutes=30))
    assert gateway.received == []
    deliver(clock=lambda: datetime(2026, 3, 21, 7, 31, tzinfo=SHANGHAI))
    assert len(gateway.received) == 1


# What does not arrive


def test_a_number_that_the_gateway_refuses_waits_for_a_call(gateway: SmsSink, world: World) -> None:
    gateway.refuse_numbers.add(PHONE)
    issue = world.create()
    told(gateway)
    (row,) = outsiders()
    assert (row.state, row.reported_at) == (OutboxState.DEAD, None)
    deliver(clock=lambda: NOW + timedelta(minutes=1))
    (row,) = outsiders()
    assert row.reported_at == NOW + timedelta(minutes=1)
    assert fresh(issue).untold
    assert consistent(issue)
    last = events_of(issue)[-1]
    assert (last.kind, last.actor_id, last.visible) == ("contact", None, False)
    assert {"channel": "message", "result": "not_reached", "untold": True}.items() <= last.data.items()
    fan_out(at=NOW)
    assert Notification.objects.filter(event=last, user=world.people["clerk"]).exists()
    deliver(clock=lambda: NOW + timedelta(minutes=2))
    assert len(events_of(issue)) == 2
    world.act(issue, "contact", "clerk", channel="phone", result="reached")
    assert not fresh(issue).untold


def test_a_gateway_that_is_down_for_a_day_is_given_up(gateway: SmsSink, world: World) -> None:
    gateway.fail(Failure.ERROR)
    issue = world.create()
    told(gateway)
    deliver(clock=lambda: NOW + timedelta(hours=23))
    assert not fresh(issue).untold
    deliver(clock=lambda: NOW + timedelta(hours=24, seconds=1))
    (row,) = outsiders()
    assert (row.state, row.error) == (OutboxState.DEAD, TOO_LATE)
    assert fresh(issue).untold
    assert "待告知" in dead_letters.explain(row.error)
    gateway.recover()
    at = NOW + timedelta(hours=25)
    dead_letters.resend(ids=[row.pk], actor=world.actor("supervisor"), at=at)
    DeliveryChannel.objects.update(failures=0, open_until_at=None)
    deliver(clock=lambda: at)
    assert [row.state for row in outsiders()] == [OutboxState.SENT]


def test_declined_before_it_left(gateway: SmsSink, world: World) -> None:
    """What a call follows anyway is only not sent; for the rest somebody calls."""
    night = datetime(2026, 3, 18, 23, 0, tzinfo=SHANGHAI)
    issue = world.create(at=night)
    world.act(issue, "request_info", "clerk", at=night, note="请说明位置")
    fan_out(at=night)
    world.act(issue, "set_messages", "clerk", at=night, messages="off")
    morning = datetime(2026, 3, 19, 7, 30, tzinfo=SHANGHAI)
    deliver(clock=lambda: morning)
    assert gateway.received == []
    assert [(row.state, row.error) for row in outsiders()] == [(OutboxState.DROPPED, DECLINED)] * 2
    assert outside.report(morning) == 2
    assert fresh(issue).untold
    assert [event.kind for event in events_of(issue)].count("contact") == 1
    assert consistent(issue)


def test_a_gateway_that_was_taken_out_of_use_meanwhile(gateway: SmsSink, world: World) -> None:
    issue = world.create()
    world.act(issue, "request_info", "clerk", note="请说明位置")
    fan_out(at=NOW)
    DeliveryChannel.objects.filter(kind=Channel.SMS).update(retired_at=NOW)
    deliver(clock=lambda: NOW)
    outside.report(NOW)
    assert gateway.received == []
    assert fresh(issue).untold


def test_a_report_that_fails_is_made_again_and_holds_nobody_up(
    gateway: SmsSink, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.refuse_numbers |= {PHONE, "19900000002"}
    first, second = world.create(), world.create(contact_phone="19900000002")
    told(gateway)
    subject = subjects.find(SUBJECT)
    assert subject is not None
    undelivered = subject.undelivered

    def fails(event: Event, outsider_id: int, at: datetime, *, gave_up: bool) -> None:
        undelivered(event, outsider_id, at, gave_up=gave_up)
        if outsider_id == first.pk:
            raise RuntimeError("killed here")

    monkeypatch.setattr(subject, "undelivered", fails)
    assert outside.report(NOW) == 1
    assert (fresh(first).untold, fresh(second).untold) == (False, True)
    monkeypatch.undo()
    assert outside.report(NOW) == 1
    assert fresh(first).untold
    assert [event.kind for event in events_of(first)].count("contact") == 1
    assert outside.report(NOW) == 0


# The choice


@pytest.mark.parametrize("by", ["clerk", "resident"])
def test_it_is_chosen_and_journalled(gateway: SmsSink, world: World, by: str) -> None:
    issue = world.create()
    world.act(issue, "set_messages", by, messages="off")
    assert fresh(issue).contact.messages == Messages.OFF  # type: ignore[union-attr]
    last = events_of(issue)[-1]
    assert (last.kind, last.data["messages"], last.visible) == ("set_messages", MessageWish.OFF, False)
    world.act(issue, "set_messages", by, messages="agreed")
    assert fresh(issue).contact.messages == Messages.AGREED  # type: ignore[union-attr]
    assert consistent(issue)


@pytest.mark.parametrize("who", ["landline", "none", "under_leader"])
def test_there_is_nothing_to_choose_without_a_mobile(gateway: SmsSink, world: World, who: str) -> None:
    issue = matter(world, "submitted", REPORTERS[who])
    with pytest.raises(InvalidFields if who == "landline" else StateConflict):
        world.act(issue, "set_messages", "clerk", messages="agreed")


def test_a_contact_from_before_can_be_turned_on(gateway: SmsSink, world: World) -> None:
    issue = world.create()
    Contact.objects.update(messages="")
    OutboxMessage.objects.all().delete()
    world.act(issue, "request_info", "clerk", note="请说明位置")
    assert fresh(issue).untold
    world.act(issue, "set_messages", "clerk", messages="agreed")
    world.act(issue, "reject", "clerk", reason="petition", note="请到信访窗口")
    assert [template for template, _number in told(gateway)][-1] == "matter_news"


def test_lifting_confidentiality_is_no_consent(gateway: SmsSink, world: World) -> None:
    issue = world.make_issue("in_progress", confidential=True)
    world.act(issue, "request_disclosure", "clerk", reason="需要上门")
    world.act(issue, "grant_disclosure", "supervisor", reason="需要上门核实")
    assert fresh(issue).untold
    assert fresh(issue).contact.messages == Messages.OFF  # type: ignore[union-attr]
    assert told(gateway) == []


def test_a_corrected_number_keeps_what_was_chosen(gateway: SmsSink, world: World) -> None:
    issue = world.create(messages="off")
    world.act(issue, "edit", "clerk", contact_phone="19900000009")
    assert fresh(issue).contact.messages == Messages.OFF  # type: ignore[union-attr]
    world.act(issue, "edit", "clerk", contact_phone=LANDLINE)
    assert fresh(issue).contact.messages == ""  # type: ignore[union-attr]
