"""Parcels, circuits, nights and windows: delivery by many channels, against real servers."""

import time
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import SHANGHAI
from communities.models import Membership
from issues.models import Issue
from journal.models import Event
from reminders import bucket
from reminders.circuit import ALARM_AFTER, PROBE_LEASE
from reminders.enums import Channel, Mode, OutboxState
from reminders.models import DeliveryChannel, OutboxMessage
from reminders.services import circuits
from reminders.services.delivery import STUCK_AFTER, claims, deliver, deliver_channel, hand_out, waiting
from reminders.services.delivery.parcels import Batch
from tests.support.cast import NOW, World
from tests.support.http_sink import Failure
from tests.support.outbox import channel, events, queue, states
from tests.support.robot_sinks import DingTalkSink, SmsSink, WebhookSink, WeComSink
from tests.support.smtp_sink import SmtpSink

NIGHT = datetime(2026, 3, 18, 23, 0, tzinfo=SHANGHAI)
MORNING = datetime(2026, 3, 19, 7, 30, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _fresh_windows() -> None:
    """No window left over from another test: sinks come back on the same ports."""
    _clear_windows()


@pytest.fixture
def issue(world: World) -> Issue:
    """A matter that the municipal office handles."""
    return world.make_issue("in_progress")


def test_a_robot_is_told_of_all_that_waits_at_once(world: World, issue: Issue) -> None:
    with WeComSink() as sink:
        via = channel(world, Channel.WECOM, sink.url, department=world.departments["MUNICIPAL"])
        rows = queue(via, events(issue, 30))
        result = deliver(clock=lambda: NOW)
        assert (result.sent, result.parcels) == (30, 1)
        (accepted,) = sink.received
        assert accepted.id == f"{rows[0].pk}.0"
        assert issue.number in accepted.text
    assert set(OutboxMessage.objects.values_list("bundle", flat=True)) == {rows[0].pk}


def test_what_comes_later_does_not_join_a_parcel_that_failed(world: World, issue: Issue) -> None:
    with WeComSink() as sink:
        via = channel(world, Channel.WECOM, sink.url, department=world.departments["MUNICIPAL"])
        first = queue(via, events(issue, 3))
        sink.fail(Failure.DIE_AFTER, 1)
        assert deliver(clock=lambda: NOW).postponed == 3
        later = NOW + timedelta(minutes=2)
        second = queue(via, events(issue, 2), at=NOW + timedelta(seconds=1))
        _forget_windows()
        deliver(clock=lambda: later)
        _forget_windows()
        deliver(clock=lambda: later + timedelta(seconds=90))
        assert states() == {"sent": 5}
        assert sink.ids.count(f"{first[0].pk}.0") == 2
        assert sink.ids.count(f"{second[0].pk}.0") == 1
        assert sink.repeats == 1


def _clear_windows() -> None:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    for key in client.scan_iter("govtrack:window:*"):
        client.delete(key)


def _forget_windows() -> None:
    """As if a minute had passed."""
    _clear_windows()
    DeliveryChannel.objects.update(last_success_at=None)


def test_one_person_gets_a_digest_and_pressing_matters_by_themselves(
    world: World, issue: Issue, sink: SmtpSink
) -> None:
    via = channel(world, Channel.EMAIL)
    told = events(issue, 6)
    queue(via, told[:4], to=world.people["officer"], mode=Mode.DIGEST)
    queue(via, told[:2], to=world.people["head"], mode=Mode.DIGEST)
    queue(via, told[4:], to=world.people["officer"])
    result = deliver(clock=lambda: NOW)
    assert (result.sent, result.parcels) == (8, 4)
    mails = sorted((mail.recipients[0], str(mail.message["Subject"]).strip()) for mail in sink.received)
    assert [address for address, _subject in mails] == ["head@example.org"] + ["officer@example.org"] * 3
    assert mails[0][1] == "工单提醒汇总：2条"
    assert {subject for _address, subject in mails[1:]} > {"工单提醒汇总：4条"}


def test_a_digest_of_one_keeps_its_id_though_another_comes(world: World, issue: Issue, sink: SmtpSink) -> None:
    via = channel(world, Channel.EMAIL)
    told = events(issue, 2)
    (row,) = queue(via, told[:1], to=world.people["officer"], mode=Mode.DIGEST)
    sink.refuse["officer@example.org"] = 450
    deliver(clock=lambda: NOW)
    queue(via, told[1:], to=world.people["officer"], mode=Mode.DIGEST)
    sink.refuse.clear()
    deliver(clock=lambda: NOW + timedelta(minutes=10))
    assert len(sink.received) == 2
    assert f"<{row.pk}.0@gov.example.org>" in {mail.message_id for mail in sink.received}


def test_short_messages_to_one_person_go_as_one(world: World, issue: Issue) -> None:
    world.people["officer"].mobile = "13900001111"
    world.people["officer"].save(update_fields=["mobile"])
    with SmsSink() as sink:
        via = channel(world, Channel.SMS, sink.url, secret=sink.secret)
        queue(via, events(issue, 5), to=world.people["officer"])
        assert deliver(clock=lambda: NOW).parcels == 1
        assert len(sink.received) == 1
    assert states() == {"sent": 5}


def test_another_system_is_told_one_by_one_at_night_too(world: World, issue: Issue) -> None:
    with WebhookSink(clock=NIGHT.timestamp) as sink:
        via = channel(world, Channel.WEBHOOK, sink.url, secret=sink.secret)
        rows = queue(via, events(issue, 3), at=NIGHT)
        assert deliver(clock=lambda: NIGHT).parcels == 3
        assert sorted(sink.ids) == sorted(f"{row.pk}.{row.event_id}" for row in rows)


def test_a_slow_channel_does_not_keep_the_others_waiting(world: World, issue: Issue, sink: SmtpSink) -> None:
    started: list[int] = []
    municipal = world.departments["MUNICIPAL"]
    robot = channel(world, Channel.WECOM, department=municipal)
    mail = channel(world, Channel.EMAIL)
    told = events(issue, 2)
    queue(robot, told)
    queue(mail, told, to=world.people["officer"])

    def start(channel_id: int) -> bool:
        started.append(channel_id)
        return True

    hand_out(clock=lambda: NOW, start=start)
    assert sorted(started) == sorted([robot.pk, mail.pk])
    claims.claim(robot.pk, at=NOW, heads=1, calendar=_calendar())
    queue(robot, events(issue, 1))
    started.clear()
    hand_out(clock=lambda: NOW, start=start)
    assert started == [mail.pk], "one worker is at the robot already"
    figures = hand_out(clock=lambda: NOW, start=lambda _channel_id: False)
    assert figures["channels"][f"email {mail.pk}"]["sent"] == 2


def _calendar() -> Any:
    from deadlines.services import load_calendar

    return load_calendar()


def test_much_mail_is_sent_by_several(world: World, issue: Issue) -> None:
    mail = channel(world, Channel.EMAIL)
    queue(mail, events(issue, 600), to=world.people["officer"])
    (found,) = waiting(NOW)
    assert (found.due, found.workers) == (600, 3)
    claims.claim(mail.pk, at=NOW, heads=100, calendar=_calendar())
    (found,) = waiting(NOW)
    assert (found.due, found.workers) == (500, 2)


def test_the_number_of_statements_does_not_depend_on_how_many_are_told(world: World, sink: SmtpSink) -> None:
    via = channel(world, Channel.EMAIL)
    counts = []
    for size in (1, 15):
        issues = [world.make_issue("in_progress") for _number in range(size)]
        OutboxMessage.objects.all().delete()
        for matter in issues:
            queue(via, events(matter, 1), to=world.people["officer"])
            queue(via, events(matter, 1), to=world.people["head"])
        deliver_channel(via.pk, clock=lambda: NOW)
        OutboxMessage.objects.update(state=OutboxState.QUEUED, sent_at=None)
        with CaptureQueriesContext(connection) as statements:
            assert deliver_channel(via.pk, clock=lambda: NOW).sent == size * 2
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 2, "one more small batch is recorded"


# Nights


def test_at_night_only_what_is_loud_leaves_and_the_rest_is_planned_for_the_morning(
    world: World, issue: Issue, sink: SmtpSink
) -> None:
    via = channel(world, Channel.EMAIL)
    told = events(issue, 2)
    (quiet,) = queue(via, told[:1], to=world.people["officer"])
    queue(via, told[1:], to=world.people["officer"], loud=True)
    assert deliver(clock=lambda: NIGHT).sent == 1
    quiet.refresh_from_db()
    assert (quiet.state, quiet.next_attempt_at) == (OutboxState.QUEUED, MORNING)
    assert deliver(clock=lambda: MORNING).sent == 1


def test_what_fails_in_the_evening_is_tried_again_in_the_morning(world: World, issue: Issue, sink: SmtpSink) -> None:
    via = channel(world, Channel.EMAIL)
    evening = NIGHT - timedelta(minutes=60, seconds=10)
    (row,) = queue(via, events(issue, 1), to=world.people["officer"], at=evening)
    sink.refuse["officer@example.org"] = 450
    deliver(clock=lambda: evening)
    row.refresh_from_db()
    assert row.next_attempt_at == MORNING


# Circuits


def test_a_dead_robot_opens_its_circuit_and_is_then_tried_by_one_parcel(world: World, issue: Issue) -> None:
    with WeComSink() as sink:
        via = channel(world, Channel.WECOM, sink.url, department=world.departments["MUNICIPAL"])
        queue(via, events(issue, 4))
        sink.fail(Failure.ERROR)
        assert deliver(clock=lambda: NOW).postponed == 4
        via.refresh_from_db()
        assert (via.failures, via.failing_from, via.last_error_at) == (1, NOW, NOW)
        assert via.last_error == "away: HTTP 500"
        assert via.is_open(NOW + timedelta(seconds=10))
        asked = len(sink.requests)
        assert deliver(clock=lambda: NOW + timedelta(seconds=10)).claimed == 0
        assert len(sink.requests) == asked
        sink.recover()
        _forget_windows()
        later = NOW + timedelta(minutes=2)
        assert deliver(clock=lambda: later).sent == 4
        via.refresh_from_db()
        assert (via.failures, via.open_until_at, via.failing_from, via.last_success_at) == (0, None, None, later)


def test_while_one_tries_a_channel_that_failed_nobody_else_does(world: World, issue: Issue) -> None:
    via = channel(world, Channel.EMAIL)
    queue(via, events(issue, 5), to=world.people["officer"])
    DeliveryChannel.objects.update(failures=3, failing_from=NOW, open_until_at=NOW)
    first = claims.claim(via.pk, at=NOW, heads=100, calendar=_calendar())
    assert first is not None
    assert (first.probing, len(first.rows)) == (True, 1)
    assert claims.claim(via.pk, at=NOW, heads=100, calendar=_calendar()) is None
    gone = NOW + PROBE_LEASE + timedelta(seconds=1)
    assert claims.claim(via.pk, at=gone, heads=100, calendar=_calendar()) is not None


def test_an_outage_of_a_day_kills_no_message(world: World, issue: Issue) -> None:
    with WeComSink() as sink:
        via = channel(world, Channel.WECOM, sink.url, department=world.departments["MUNICIPAL"])
        queue(via, events(issue, 4), loud=True)
        sink.fail(Failure.ERROR)
        at = NOW
        for _number in range(30):
            deliver(clock=lambda: at)  # noqa: B023 - called at once
            _forget_windows()
            at += timedelta(minutes=48)
        assert states() == {"queued": 4}
        sink.recover()
        assert deliver(clock=lambda: at).sent == 4


def test_people_are_told_once_of_a_channel_that_stays_down(world: World, issue: Issue, sink: SmtpSink) -> None:
    robot = channel(world, Channel.WECOM, department=world.departments["MUNICIPAL"])
    mail = channel(world, Channel.EMAIL)
    told = events(issue, 1)
    queue(robot, told, loud=True)
    queue(mail, told, to=world.people["officer"], loud=True)
    DeliveryChannel.objects.update(failures=9, failing_from=NOW, open_until_at=NOW + timedelta(hours=1))
    assert circuits.alarm(at=NOW + ALARM_AFTER - timedelta(seconds=1)) == 0
    assert circuits.alarm(at=NOW + ALARM_AFTER) == 2
    assert circuits.alarm(at=NOW + timedelta(hours=2)) == 0
    alarms = Event.objects.filter(kind="channel_down", subject_kind="subdistrict")
    of_robot = alarms.filter(data__channel=robot.pk)
    assert list(of_robot.values_list("subject_id", flat=True)) == [world.area.pk]
    of_mail = alarms.filter(data__channel=mail.pk).order_by("subject_id")
    assert list(of_mail.values_list("subject_id", flat=True)) == sorted([world.area.pk, world.other_area.pk])
    circuits.note_success(robot.pk, at=NOW)
    DeliveryChannel.objects.filter(pk=robot.pk).update(failures=1, failing_from=NOW + timedelta(hours=3))
    assert circuits.alarm(at=NOW + timedelta(hours=4)) == 1


def test_a_vendors_wish_is_kept(world: World, issue: Issue) -> None:
    with WebhookSink() as sink:
        via = channel(world, Channel.WEBHOOK, sink.url, secret=sink.secret)
        queue(via, events(issue, 2))
        sink.fail(Failure.BUSY, 1)
        deliver_channel(via.pk, clock=lambda: NOW)
        via.refresh_from_db()
        assert via.open_until_at is not None
        assert via.open_until_at - NOW >= timedelta(seconds=7)


def test_a_parcel_that_breaks_its_adapter_does_not_stop_the_channel(
    world: World, issue: Issue, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reminders.channels.base import Parcel
    from reminders.channels.mail import MailSender

    via = channel(world, Channel.EMAIL)
    told = events(issue, 3)
    rows = queue(via, told, to=world.people["officer"])
    real = MailSender.send

    def break_at_second(sender: MailSender, parcel: Parcel) -> None:
        if parcel.items[0].event_id == told[1].pk:
            raise KeyError("something")
        real(sender, parcel)

    monkeypatch.setattr(MailSender, "send", break_at_second)
    result = deliver(clock=lambda: NOW)
    assert (result.sent, result.postponed) == (2, 1)
    assert OutboxMessage.objects.get(pk=rows[1].pk).error == "later: KeyError"


def test_an_event_that_nobody_can_word_does_not_stop_the_others(world: World, issue: Issue, sink: SmtpSink) -> None:
    from django.db import transaction

    from journal.services import Entry, record

    with transaction.atomic():
        pk = record(Entry(subject_kind="issue", subject_id=issue.pk, kind="urge", at=NOW, data={"due_at": "yesterday"}))
    via = channel(world, Channel.EMAIL)
    told = [*events(issue, 2), Event.objects.get(pk=pk)]
    queue(via, told, to=world.people["officer"], mode=Mode.DIGEST)
    result = deliver(clock=lambda: NOW)
    assert (result.sent, result.postponed, result.parcels) == (2, 1, 1)
    assert OutboxMessage.objects.get(event_id=pk).error == "later: ValueError"


# Who may still be told


def test_a_group_is_told_only_while_the_matter_is_its_own(world: World, issue: Issue) -> None:
    theirs = channel(world, Channel.WECOM, department=world.departments["MUNICIPAL"])
    others = channel(world, Channel.WECOM, "http://127.0.0.1:9/2", department=world.departments["WATER"])
    team = channel(world, Channel.WECOM, "http://127.0.0.1:9/3", community=world.communities["xiadong"])
    neighbours = channel(world, Channel.WECOM, "http://127.0.0.1:9/4", community=world.communities["dade"])
    office = channel(world, Channel.WECOM, "http://127.0.0.1:9/5")
    elsewhere = channel(world, Channel.WECOM, "http://127.0.0.1:9/6", subdistrict=world.other_area)
    told = events(issue, 1)
    found = {}
    for via in (theirs, others, team, neighbours, office, elsewhere):
        (row,) = queue(via, told)
        found[via.pk] = Batch(via, [row]).obstacle(row)
    assert {pk for pk, reason in found.items() if not reason} == {theirs.pk, team.pk, office.pk}
    theirs.retired_at = NOW
    row = OutboxMessage.objects.get(via=theirs)
    assert Batch(theirs, [row]).obstacle(row) == "no_longer_needed"


def test_an_alarm_reaches_whoever_is_in_office_when_it_is_sent(world: World, sink: SmtpSink) -> None:
    from django.db import transaction

    from journal.services import Entry, record

    data = {"channel": channel(world, Channel.EMAIL).pk, "kind": "wecom", "since": NOW.isoformat()}
    with transaction.atomic():
        pk = record(Entry(subject_kind="subdistrict", subject_id=world.area.pk, kind="channel_down", at=NOW, data=data))
    event = Event.objects.get(pk=pk)
    via = channel(world, Channel.EMAIL)
    for name in ("supervisor", "admin", "clerk"):
        queue(via, [event], to=world.people[name])
    result = deliver(clock=lambda: NOW)
    assert (result.sent, result.dropped) == (2, 1)
    assert {mail.recipients[0] for mail in sink.received} == {"supervisor@example.org", "admin@example.org"}
    assert "渠道故障" in sink.received[0].text
    OutboxMessage.objects.update(state=OutboxState.QUEUED, sent_at=None)
    Membership.objects.filter(user=world.people["supervisor"]).update(ended_at=NOW)
    assert deliver(clock=lambda: NOW).dropped == 2


# Rates


@pytest.mark.long
def test_500_reminders_in_a_minute_reach_a_group_without_its_ever_being_muted(
    world: World, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One minute takes three seconds here: for the sink, for the window, and for whoever writes the reminders."""
    faster = 20
    began = time.monotonic()

    def at() -> datetime:
        return NOW + timedelta(seconds=(time.monotonic() - began) * faster)

    monkeypatch.setattr(bucket, "WINDOW", bucket.WINDOW / faster)
    monkeypatch.setattr(bucket, "ROBOT_PAUSE", bucket.ROBOT_PAUSE / faster)
    with DingTalkSink() as sink:
        sink.clock = lambda: at().timestamp()
        via = channel(world, Channel.DINGTALK, sink.url, secret=sink.secret, department=world.departments["MUNICIPAL"])
        told = events(issue, 500)
        for number in range(20):
            queue(via, told[number * 25 : (number + 1) * 25])
            deliver_channel(via.pk, clock=at)
            time.sleep(0.15)
        until = time.monotonic() + 240
        while states() != {"sent": 500} and time.monotonic() < until:
            deliver_channel(via.pk, clock=at)
            time.sleep(0.1)
        assert states() == {"sent": 500}
        assert sink.violations == []
        assert sink.refused == []
        assert sink.most_in_a_minute <= 20
        assert len(sink.received) <= 25
        assert sink.repeats == 0


def test_stuck_robots_parcels_come_back_whole_and_under_the_same_id(world: World, issue: Issue) -> None:
    with WeComSink() as sink:
        via = channel(world, Channel.WECOM, sink.url, department=world.departments["MUNICIPAL"])
        rows = queue(via, events(issue, 7))
        claims.claim(via.pk, at=NOW, heads=1, calendar=_calendar())
        queue(via, events(issue, 2), at=NOW)
        later = NOW + STUCK_AFTER + timedelta(seconds=1)
        deliver(clock=lambda: later)
        _forget_windows()
        deliver(clock=lambda: later + timedelta(seconds=5))
        assert states() == {"sent": 9}
        assert sorted(len(accepted.text) > 0 for accepted in sink.received) == [True, True]
        assert f"{rows[0].pk}.0" in sink.ids
