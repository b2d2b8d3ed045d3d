"""The pages of reminders; :mod:`reminders.urls` names every one of them."""

from reminders.views.notifications import bell, notifications, open_notification, read_all, read_one, snooze

__all__ = ["bell", "notifications", "open_notification", "read_all", "read_one", "snooze"]
