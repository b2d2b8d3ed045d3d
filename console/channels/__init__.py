"""Channels of notifications, and what could not be delivered."""
