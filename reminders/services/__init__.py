"""Writes of the reminders floor: the ladder's sweep, the fan-out of events, the delivery of messages."""
