"""A person's own inbox: what was read, what is put off (稍后处理). Each person's own, and nobody else's.

Whatever is put off is unread and comes back unread: ``snoozed_until_at`` is set only where ``read_at`` is not.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from deadlines.calendar import WorkCalendar, at_clock, wall
from reminders.models import Notification

LONGEST_SNOOZE: Final = timedelta(days=92)
MORNING: Final = time(8, 30)
BEFORE_DAWN: Final = timedelta(hours=4)
"""Whoever is up at two in the night means the morning that is coming."""


class Snooze(StrEnum):
    """The moments that are offered."""

    HOUR = "hour"
    MORNING = "morning"
    WORKDAY = "workday"


class SnoozeError(ValidationError):
    """This moment cannot be chosen."""


_MOMENTS: Final[dict[Snooze, Callable[[datetime, WorkCalendar], datetime]]] = {
    Snooze.HOUR: lambda at, calendar: at + timedelta(hours=1),
    Snooze.MORNING: lambda at, calendar: at_clock(wall(at - BEFORE_DAWN).date() + timedelta(days=1), MORNING),
    Snooze.WORKDAY: lambda at, calendar: at_clock(calendar.next_workday(wall(at).date() + timedelta(days=1)), MORNING),
}


def snooze_moments(at: datetime, calendar: WorkCalendar) -> dict[Snooze, datetime]:
    """What is offered at ``at``: in an hour, the coming morning at 08:30, the next working day if that is another."""
    moments = {choice: moment(at, calendar) for choice, moment in _MOMENTS.items()}
    if moments[Snooze.WORKDAY] == moments[Snooze.MORNING]:
        del moments[Snooze.WORKDAY]
    return moments


def mark_read(*, user_id: int, notification_id: int, at: datetime) -> Notification | None:
    """Mark one notification of this person as read and return it; None where the person has no such notification.

    One that was read before keeps its first time; one that was put off is so no longer.
    """
    row = Notification.objects.of(user_id).filter(pk=notification_id).first()
    if row is not None and row.read_at is None:
        row.read_at, row.snoozed_until_at = at, None
        row.save(update_fields=["read_at", "snoozed_until_at"])
    return row


def mark_all_read(*, user_id: int, at: datetime) -> int:
    """Mark everything that this person sees as read; returns how many were unread. What is put off stays so."""
    return Notification.objects.of(user_id).unread().shown(at).update(read_at=at, snoozed_until_at=None)


def mark_matter_read(user_id: int, subject_kind: str, subject_id: int, at: datetime) -> int:
    """Mark what this person was told of a matter as read: it lies before them. What is put off stays so."""
    rows = Notification.objects.of(user_id).filter(subject_kind=subject_kind, subject_id=subject_id)
    return rows.unread().shown(at).update(read_at=at, snoozed_until_at=None)


def snooze(*, user_id: int, notification_id: int, until: datetime, at: datetime) -> Notification | None:
    """Put one notification of this person off until ``until``: it leaves the list and comes back unread then.

    None where the person has no such notification. Raises SnoozeError for a moment that has passed or is too far away.
    """
    if until <= at:
        raise SnoozeError(_("请选择将来的时间"), code="past")
    if until > at + LONGEST_SNOOZE:
        raise SnoozeError(_("最多推迟三个月"), code="far")
    row = Notification.objects.of(user_id).filter(pk=notification_id).first()
    if row is not None:
        row.read_at, row.snoozed_until_at = None, until
        row.save(update_fields=["read_at", "snoozed_until_at"])
    return row


def wake(*, user_id: int, notification_id: int, at: datetime) -> Notification | None:
    """Bring back at once what was put off; None where the person has no such notification."""
    row = Notification.objects.of(user_id).filter(pk=notification_id).first()
    if row is not None and row.snoozed_until_at is not None and row.snoozed_until_at > at:
        row.snoozed_until_at = at
        row.save(update_fields=["snoozed_until_at"])
    return row
