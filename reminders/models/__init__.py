"""The ladder as data, notifications, preferences, channels, the outbox and the watchdog."""

from reminders.models.channels import DeliveryChannel
from reminders.models.ladder import LadderReplan, LadderRung
from reminders.models.notifications import Notification, NotificationQuerySet
from reminders.models.outbox import OutboxMessage
from reminders.models.preferences import Preference
from reminders.models.watchdog import Watchdog

__all__ = [
    "DeliveryChannel",
    "LadderReplan",
    "LadderRung",
    "Notification",
    "NotificationQuerySet",
    "OutboxMessage",
    "Preference",
    "Watchdog",
]
