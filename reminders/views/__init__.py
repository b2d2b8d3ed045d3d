"""The pages of reminders; :mod:`reminders.urls` names every one of them."""

from reminders.views.notifications import notifications, open_notification, read_all

__all__ = ["notifications", "open_notification", "read_all"]
