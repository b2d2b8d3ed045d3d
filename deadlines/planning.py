"""The hook by which the floor that owns the ladder fills ``next_rung_at`` in the statement that writes a deadline."""

from collections.abc import Callable
from datetime import datetime

from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline

Planner = Callable[[Deadline, WorkCalendar, datetime], tuple[datetime, str] | None]
"""A running deadline, the calendar and a moment → the first rung not before that moment, as (at, code), or None."""

_registered: list[Planner] = []


def register(planner: Planner | None) -> Planner | None:
    """Use ``planner`` from now on (None: no ladder). Returns the one before. Call it in ``AppConfig.ready()``."""
    before = _registered[0] if _registered else None
    _registered[:] = [planner] if planner else []
    return before


def plan(deadline: Deadline, calendar: WorkCalendar, at: datetime) -> None:
    """Set the deadline's next rung as it stands at ``at``; none while it does not run."""
    planned = _registered[0](deadline, calendar, at) if _registered and deadline.is_running else None
    deadline.next_rung_at, deadline.next_rung = planned or (None, "")
