"""Writes of the reminders floor: the ladder's sweep, the fan-out of events, the delivery of messages."""

from reminders.services.defaults import install_default_ladder

__all__ = ["install_default_ladder"]
