"""Meetings: what is planned and held, the screen on which a secretary types, what is left unfinished."""
