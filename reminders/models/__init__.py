"""The ladder as data, notifications, the outbox and the watchdog."""

from reminders.models.ladder import LadderRung
from reminders.models.notifications import Notification, NotificationQuerySet
from reminders.models.outbox import OutboxMessage
from reminders.models.watchdog import Watchdog

__all__ = ["LadderRung", "Notification", "NotificationQuerySet", "OutboxMessage", "Watchdog"]
