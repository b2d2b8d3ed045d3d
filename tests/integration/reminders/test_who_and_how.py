"""Why somebody is told, who stands in for whoever is away, and by which channels it leaves the house."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import Absence, User
from common.clock import SHANGHAI
from communities.models import Membership
from deadlines.models import Deadline, DutyShift
from issues.models import Issue
from journal.models import Event
from journal.services import Entry, record
from reminders.alarms import Alarms
from reminders.enums import OFFICE, ROBOTS, Channel, Mode, Reason, Topic
from reminders.models import DeliveryChannel, Notification, OutboxMessage, Preference
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 18, 22, 0, tzinfo=SHANGHAI)
USUAL: dict[str, Any] = {"category": "0402", "kind": "help"}
"""A matter that does not press."""
SMTP = override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend")


def reasons(issue: Issue, kind: str) -> dict[str, str]:
    """Who was told of the last event of this kind, and why; drains the reader first."""
    fan_out(at=NOW)
    event = Event.objects.of("issue", issue.pk).of_kinds([kind]).order_by("-seq").first()
    assert event is not None
    return dict(Notification.objects.filter(event=event).values_list("user__username", "reason"))


def away(world: World, username: str, cover: str = "", **span: datetime) -> Absence:
    person = world.people[username]
    return Absence.objects.create(
        user=person,
        cover=world.people[cover] if cover else None,
        starts_at=span.get("starts_at", NOW - timedelta(days=1)),
        ends_at=span.get("ends_at", NOW + timedelta(days=60)),
        created_at=NOW,
        created_by=person,
    )


def channel(world: World, kind: Channel, **given: Any) -> DeliveryChannel:
    values = {"subdistrict": world.area, "url": "http://127.0.0.1:9/hook", "name": str(kind.label)} | given
    return DeliveryChannel.objects.create(kind=kind, **values)


def missed(issue: Issue) -> datetime:
    """A moment after its handling limit."""
    return Deadline.objects.of("issue", issue.pk).get(kind="handle").due_at + timedelta(minutes=1)


def queued(issue: Issue, *channels: Channel) -> set[tuple[str, str, str]]:
    """(to whom, channel, mode) of every message about an issue by these channels."""
    rows = OutboxMessage.objects.filter(event__subject_kind="issue", event__subject_id=issue.pk, channel__in=channels)
    return {(row.recipient.username if row.recipient else "", row.channel, row.mode) for row in rows}


# Why


def test_everybody_learns_why(world: World) -> None:
    issue = world.create(level="urgent", source="web", by="supervisor")
    assert reasons(issue, "create") == {"clerk": Reason.CLERK, "secretary": Reason.SECRETARY}
    world.act(issue, "accept")
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert set(reasons(issue, "dispatch").values()) <= {Reason.DESK, Reason.HANDLER}
    world.act(issue, "acknowledge", by="officer")
    world.act(issue, "assign", by="head", officer="officer")
    assert reasons(issue, "assign") == {"officer": Reason.NAMED}
    world.act(issue, "urge", note="请抓紧")
    assert reasons(issue, "urge") == {"officer": Reason.HANDLER, "head": Reason.HEAD}
    world.act(issue, "request_extension", by="officer", days=2, reason="等待配件")
    assert reasons(issue, "request_extension") == {"head": Reason.HEAD, "supervisor": Reason.SUPERVISOR}


def test_whoever_is_on_duty_is_told_as_such(world: World) -> None:
    DutyShift.objects.create(
        subdistrict=world.area,
        starts_at=NIGHT - timedelta(hours=4),
        ends_at=NIGHT + timedelta(hours=10),
        clerk=world.people["supervisor"],
        leader=world.people["deputy"],
    )
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert reasons(issue, "create") == {"clerk": Reason.CLERK, "supervisor": Reason.DUTY_CLERK}


def test_the_shift_is_the_reason_for_those_whom_it_concerns_anyway(world: World) -> None:
    DutyShift.objects.create(
        subdistrict=world.area,
        starts_at=NIGHT - timedelta(hours=4),
        ends_at=NIGHT + timedelta(hours=10),
        clerk=world.people["clerk"],
        leader=world.people["deputy"],
    )
    issue = world.create(at=NIGHT, level="critical", source="web", by="secretary")
    assert reasons(issue, "create") == {"clerk": Reason.DUTY_CLERK}


# Absence


def test_who_is_away_is_covered_and_the_cover_learns_for_whom(world: World) -> None:
    away(world, "officer", cover="head")
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    fan_out(at=NOW)
    row = Notification.objects.get(event__kind="dispatch", subject_id=issue.pk)
    assert (row.user, row.covering) == (world.people["head"], world.people["officer"])


def test_without_a_cover_the_next_in_the_organisation_is_told(world: World) -> None:
    away(world, "officer")
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert reasons(issue, "dispatch") == {"head": Reason.HEAD}
    away(world, "head")
    other = world.make_issue("accepted", **USUAL)
    world.act(other, "dispatch", department="MUNICIPAL")
    assert reasons(other, "dispatch") == {"supervisor": Reason.NOBODY}


def test_a_cover_who_is_away_too_does_not_count(world: World) -> None:
    away(world, "officer", cover="head")
    away(world, "head")
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert reasons(issue, "dispatch") == {"supervisor": Reason.NOBODY}


def test_a_cover_without_the_right_is_never_told(world: World) -> None:
    away(world, "officer", cover="clerk2")
    away(world, "head")
    issue = world.make_issue("in_progress", **USUAL)
    sweep(at=missed(issue))
    fan_out(at=NOW)
    rows = Notification.objects.filter(kind="urge", event__data__deadline_kind="handle")
    assert dict(rows.values_list("user__username", "reason")) == {"supervisor": Reason.NOBODY}


def test_an_absence_counts_for_its_own_time_and_not_once_it_is_cancelled(world: World) -> None:
    away(world, "officer", starts_at=NOW + timedelta(days=5))
    row = away(world, "officer")
    Absence.objects.filter(pk=row.pk).update(cancelled_at=NOW, cancelled_by=world.people["officer"])
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    assert "officer" in reasons(issue, "dispatch")


# Decisions that what is urged waits for


def test_an_urge_reaches_who_has_not_decided_on_more_time(world: World) -> None:
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "request_extension", by="officer", days=2, reason="等待配件")
    sweep(at=missed(issue))
    fan_out(at=NOW)
    rows = Notification.objects.filter(subject_id=issue.pk, event__data__deadline_kind="handle", kind="urge")
    assert "supervisor" in set(rows.values_list("user__username", flat=True))


# Channels


@SMTP
def test_preferences_decide_and_defaults_hold_where_nobody_chose(world: World) -> None:
    User.objects.filter(username__in=["officer", "head"]).update(email="somebody@example.org")
    Preference.objects.create(user=world.people["head"], topic=Topic.URGE, channel="email", mode=Mode.DIGEST)
    Preference.objects.create(user=world.people["officer"], topic=Topic.NEW, channel="email", mode=Mode.OFF)
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    world.act(issue, "acknowledge", by="officer")
    world.act(issue, "urge", note="请抓紧")
    fan_out(at=NOW)
    sent = {row for row in queued(issue, Channel.EMAIL) if row[0] in ("officer", "head")}
    assert sent == {("officer", "email", "now"), ("head", "email", "digest")}


@SMTP
def test_what_cannot_be_switched_off_is_sent_all_the_same(world: World) -> None:
    User.objects.filter(username="officer").update(email="officer@example.org")
    Preference.objects.create(user=world.people["officer"], topic=Topic.URGE, channel="email", mode=Mode.OFF)
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "urge", note="请抓紧")
    fan_out(at=NOW)
    assert ("officer", "email", "now") in queued(issue, Channel.EMAIL)


def test_a_short_message_needs_a_gateway_and_a_number(world: World) -> None:
    person = world.people["officer"]
    person.mobile = "13800000000"
    person.save(update_fields=["mobile"])
    first = world.make_issue("in_progress", **USUAL)
    world.act(first, "urge", note="请抓紧")
    fan_out(at=NOW)
    assert queued(first, Channel.SMS) == set()
    channel(world, Channel.SMS)
    second = world.make_issue("in_progress", **USUAL)
    world.act(second, "urge", note="请抓紧")
    fan_out(at=NOW)
    assert queued(second, Channel.SMS) == {("officer", "sms", "now")}


def test_a_departments_group_hears_what_concerns_it_and_nothing_else(world: World) -> None:
    own = channel(world, Channel.WECOM, department=world.departments["MUNICIPAL"])
    channel(world, Channel.DINGTALK, department=world.departments["WATER"])
    issue = world.make_issue("accepted", **USUAL)
    world.act(issue, "dispatch", department="MUNICIPAL")
    world.act(issue, "acknowledge", by="officer")
    world.act(issue, "comment", note="请转告")
    fan_out(at=NOW)
    assert queued(issue, *ROBOTS) == {("", "wecom", "now")}
    row = OutboxMessage.objects.get(via=own)
    assert row.event.kind == "dispatch"
    fan_out(at=NOW)
    assert OutboxMessage.objects.filter(recipient__isnull=True).count() == 1


def test_chosen_topics_replace_the_usual_ones(world: World) -> None:
    channel(world, Channel.FEISHU, department=world.departments["MUNICIPAL"], topics=[Topic.MESSAGE])
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "urge", note="请抓紧")
    world.act(issue, "comment", note="请转告")
    fan_out(at=NOW)
    assert [row.event.kind for row in OutboxMessage.objects.filter(event__subject_id=issue.pk, channel="feishu")] == [
        "comment"
    ]


def test_a_retired_channel_carries_nothing(world: World) -> None:
    channel(world, Channel.WECOM, department=world.departments["MUNICIPAL"], retired_at=NOW)
    issue = world.make_issue("in_progress", **USUAL)
    world.act(issue, "urge", note="请抓紧")
    fan_out(at=NOW)
    assert queued(issue, *ROBOTS) == set()


def test_only_what_is_critical_breaks_a_groups_night(world: World) -> None:
    channel(world, Channel.WECOM, community=world.communities["xiadong"], topics=[Topic.NEW])
    world.create(at=NIGHT, level="normal", source="web", by="secretary", category="0402")
    world.create(at=NIGHT, level="critical", source="web", by="secretary")
    fan_out(at=NIGHT)
    rows = list(OutboxMessage.objects.filter(channel="wecom").order_by("id"))
    assert [(row.loud, row.next_attempt_at > NIGHT) for row in rows] == [(False, True), (True, False)]


# Alarms


def alarm(world: World, kind: str, **data: Any) -> Event:
    with transaction.atomic():
        pk = record(Entry(subject_kind=OFFICE, subject_id=world.area.pk, kind=kind, at=NOW, data=data))
    return Event.objects.get(pk=pk)


def test_an_alarm_reaches_supervisors_and_administrators_and_the_offices_group(world: World) -> None:
    office = channel(world, Channel.DINGTALK)
    event = alarm(
        world,
        "shift_empty",
        starts_at=NIGHT.isoformat(),
        ends_at=(NIGHT + timedelta(hours=9)).isoformat(),
        community=None,
    )
    fan_out(at=NOW)
    told = Notification.objects.filter(event=event)
    names = set(
        Membership.objects.filter(role__in=["supervisor", "system_admin"], ended_at__isnull=True).values_list(
            "user__username", flat=True
        )
    )
    assert set(told.values_list("user__username", flat=True)) <= names
    assert "supervisor" in set(told.values_list("user__username", flat=True))
    assert OutboxMessage.objects.filter(via=office, event=event).count() == 1
    words = Alarms([event]).words(event)
    assert "无人值班" in words.title
    assert "22:00" in words.body
