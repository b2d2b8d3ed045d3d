"""From an event to the people it concerns: the journal's reader ``notifications``."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from psycopg2.extras import execute_values

from deadlines.calendar import WorkCalendar
from deadlines.services import load_calendar
from issues.enums import SUBJECT
from issues.models import Issue
from journal import services as journal
from journal.models import Event, Pending
from reminders.audience import (
    NOBODY,
    STARTS_AT_DESK,
    TOLD_KINDS,
    Audience,
    Happening,
    audience,
    notification_kind,
)
from reminders.channels import email_is_configured
from reminders.enums import READER, REMIND, SET_ASIDE, Channel
from reminders.reference import load_ladder
from reminders.services.directory import Directory, Rights

logger = logging.getLogger(__name__)

BATCH: Final = 500
MOST_BATCHES: Final = 200
"""In one pass: well within a task's time limit."""

_NOTIFY = """
INSERT INTO reminders_notification (user_id, event_id, kind, subject_kind, subject_id, created_at) VALUES %s
ON CONFLICT (event_id, user_id) DO NOTHING
"""
_QUEUE = """
INSERT INTO reminders_outboxmessage
    (event_id, recipient_id, channel, state, attempts, created_at, next_attempt_at, error) VALUES %s
ON CONFLICT (event_id, recipient_id, channel) DO NOTHING
"""


@dataclass
class FanOutResult:
    """What one pass did: events read, notifications and messages written."""

    events: int = 0
    notifications: int = 0
    messages: int = 0

    def as_json(self) -> dict[str, int]:
        """The figures as the commands print them."""
        return {"events": self.events, "notifications": self.notifications, "messages": self.messages}


@dataclass(frozen=True)
class _Told:
    event: Event
    issue: Issue
    user_id: int


def fan_out(*, at: datetime, batch: int = BATCH) -> FanOutResult:
    """Tell people of every event that waits. Each batch writes its rows and takes its events off the list together."""
    result = FanOutResult()
    for _number in range(MOST_BATCHES):
        try:
            read = _read_batch(at, batch, result)
        except _Unreadable as failed:
            logger.exception("an event could not be told; the batch is read again one by one")
            _one_by_one(at, len(failed.event_ids), result)
            continue
        if read < batch:
            break
    return result


class _Unreadable(Exception):  # noqa: N818 - carries what was being read
    """Telling these events failed for what they hold, and would fail again."""

    def __init__(self, event_ids: Sequence[int]) -> None:
        super().__init__(event_ids)
        self.event_ids = event_ids


def _read_batch(at: datetime, batch: int, result: FanOutResult) -> int:
    """Work off up to ``batch`` events in one transaction; returns how many there were. Raises _Unreadable."""
    done = FanOutResult()
    with transaction.atomic():
        claimed = journal.claim(reader=READER, limit=batch)
        try:
            _tell(claimed, at, done)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise _Unreadable(claimed) from error
    result.events += len(claimed)
    result.notifications += done.notifications
    result.messages += done.messages
    return len(claimed)


def _one_by_one(at: datetime, count: int, result: FanOutResult) -> None:
    """Set aside the events that cannot be told, so that they do not keep the others waiting."""
    for _number in range(count):
        try:
            _read_batch(at, 1, result)
        except _Unreadable as failed:
            logger.error("event %s was set aside for %s", failed.event_ids, SET_ASIDE)
            Pending.objects.filter(reader=READER, event_id__in=failed.event_ids).update(reader=SET_ASIDE)


def _tell(event_ids: Sequence[int], at: datetime, result: FanOutResult) -> None:
    events = list(Event.objects.filter(pk__in=event_ids, subject_kind=SUBJECT, kind__in=TOLD_KINDS).order_by("pk"))
    if not events:
        return
    issues = _issues({event.subject_id for event in events})
    concerned = [(event, issues[event.subject_id]) for event in events if event.subject_id in issues]
    audiences = [(event, issue, audience(_happening(event, issue))) for event, issue in concerned]
    audiences = [row for row in audiences if row[2] is not NOBODY]
    departments = {pk for _event, _issue, found in audiences for pk in found.department_ids}
    directory = Directory(list(issues.values()), departments, [event.at for event, _issue, _found in audiences])
    rights = Rights(list(issues))
    told = list(_recipients(audiences, directory, rights, load_calendar()))
    result.notifications += _notify(told, at)
    if email_is_configured():
        result.messages += _queue([row for row in told if rights.email_of(row.user_id)], at)


def _issues(ids: Iterable[int]) -> dict[int, Issue]:
    columns = ("subdistrict_id", "community_id", "lead_department_id", "officer_id", "level", "turn", "status")
    waiting = ("co_waiting_ids", "suspended_at", "suspension_count")
    return Issue.objects.only(*columns, *waiting).in_bulk(list(ids))


def _happening(event: Event, issue: Issue) -> Happening:
    new = load_ladder(issue.subdistrict_id).at_start("acknowledge") if event.kind in STARTS_AT_DESK else None
    return Happening(
        kind=event.kind,
        at=event.at,
        actor_role=event.actor_role,
        data=event.data,
        level=issue.level,
        turn=issue.turn,
        department_id=issue.lead_department_id,
        new_roles=new.roles if new else (),
        suspended_at=issue.suspended_at,
        suspensions=issue.suspension_count,
    )


def _recipients(
    rows: Sequence[tuple[Event, Issue, Audience]], directory: Directory, rights: Rights, calendar: WorkCalendar
) -> Iterable[_Told]:
    """Everybody once for each event: not the actor, nobody without the right to see the issue.

    A reminder that so reaches nobody (an owner of a promise that never saw the matter) goes to the supervisors.
    """
    named = [(event, issue, found, directory.people(found, issue, event.at)) for event, issue, found in rows]
    shifts = {event.pk: directory.on_shift(issue, event.at) for event, issue, _found in rows}
    rights.load(
        {pk for _event, _issue, _found, people in named for pk in people}
        | {pk for shift in shifts.values() for pk in (*shift.clerks, *shift.leaders)}
        | {pk for _event, issue, _found in rows for pk in directory.supervisors(issue)}
    )
    for event, issue, found, people in named:
        allowed = [pk for pk in people if rights.may_see(pk, issue.pk)]
        if event.kind == REMIND and not allowed:
            allowed = [pk for pk in directory.supervisors(issue) if rights.may_see(pk, issue.pk)]
        if found.urgent and not calendar.in_office_hours(event.at):
            shift = shifts[event.pk]
            for stand_in in (shift.clerks, shift.leaders, directory.supervisors(issue)):
                on_duty = [pk for pk in stand_in if rights.may_see(pk, issue.pk)]
                if on_duty:
                    allowed += on_duty
                    break
        yield from (_Told(event, issue, pk) for pk in dict.fromkeys(allowed) if pk != event.actor_id)


def _notify(told: Sequence[_Told], at: datetime) -> int:
    return _insert(
        _NOTIFY,
        [
            (row.user_id, row.event.pk, notification_kind(row.event.kind, row.event.data), SUBJECT, row.issue.pk, at)
            for row in told
        ],
    )


def _queue(told: Sequence[_Told], at: datetime) -> int:
    return _insert(_QUEUE, [(row.event.pk, row.user_id, Channel.EMAIL.value, "queued", 0, at, at, "") for row in told])


def _insert(statement: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows that are not there yet; returns how many were written."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        returned = execute_values(cursor.cursor, statement + " RETURNING 1", rows, page_size=1000, fetch=True)
    return len(returned)
