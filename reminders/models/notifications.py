"""The in-app inbox."""

from datetime import datetime

from django.conf import settings
from django.db import models

from journal.models import Event
from reminders.enums import Reason


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Reads of the inbox."""

    def of(self, user_id: int) -> "NotificationQuerySet":
        """What this person was told."""
        return self.filter(user_id=user_id)

    def unread(self) -> "NotificationQuerySet":
        """Not yet read."""
        return self.filter(read_at__isnull=True)

    def shown(self, at: datetime) -> "NotificationQuerySet":
        """Not put off (稍后处理) beyond ``at``."""
        return self.filter(models.Q(snoozed_until_at__isnull=True) | models.Q(snoozed_until_at__lte=at))


class Notification(models.Model):
    """One person was told of one event. ``kind`` is the event's kind, for a reminder the rung's code.

    ``reason`` says why this person, ``covering`` for whom where it came as absence cover. Rows from before either was
    kept have neither. ``snoozed_until_at``: out of sight until then (稍后处理).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=24)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True, default="", db_default="")
    covering = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    snoozed_until_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="reminders_notification_once"),
            models.CheckConstraint(
                condition=models.Q(reason__in=["", *Reason.values]), name="reminders_notification_reason"
            ),
        ]
        indexes = [
            # the inbox page, newest first
            models.Index(fields=["user", "-id"], name="reminders_inbox"),
            # the bell's count and the unread tab
            models.Index(
                fields=["user", "-id"], condition=models.Q(read_at__isnull=True), name="reminders_inbox_unread"
            ),
            # who was told of an issue
            models.Index(fields=["subject_kind", "subject_id"], name="reminders_told_of"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} told of {self.event_id}"
