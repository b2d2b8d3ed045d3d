"""Marking notifications as read: each person's own, and nobody else's."""

from datetime import datetime

from reminders.models import Notification


def mark_read(*, user_id: int, notification_id: int, at: datetime) -> Notification | None:
    """Mark one notification of this person as read and return it; None where the person has no such notification.

    One that was read before keeps its first time.
    """
    row = Notification.objects.of(user_id).filter(pk=notification_id).first()
    if row is not None and row.read_at is None:
        row.read_at = at
        row.save(update_fields=["read_at"])
    return row


def mark_all_read(*, user_id: int, at: datetime) -> int:
    """Mark everything of this person as read; returns how many notifications were unread."""
    return Notification.objects.of(user_id).unread().update(read_at=at)
