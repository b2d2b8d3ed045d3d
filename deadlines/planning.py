"""The hooks by which the floor that owns the ladder fills what a deadline knows of its rungs in the statement that
writes it: which comes next, and after a move which have fired for the date in force.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from deadlines.calendar import WorkCalendar

if TYPE_CHECKING:
    from deadlines.models import Deadline


@dataclass(frozen=True, slots=True)
class Was:
    """What a deadline was before the action at ``at`` changed its facts."""

    at: datetime
    due_at: datetime
    limit: str
    rule: str
    fired: int
    fired_before: dict[str, int]


Planner = Callable[["Deadline", WorkCalendar, datetime], tuple[datetime, str] | None]
"""A running deadline, the calendar and a moment → the first rung not before that moment, as (at, code), or None."""

Mover = Callable[["Deadline", Was, WorkCalendar, datetime], tuple[int, dict[str, int]]]
"""A deadline, what it was, the calendar and the moment of the move → ``fired`` and ``fired_before`` from now on."""

_planners: list[Planner] = []
_movers: list[Mover] = []


def register(planner: Planner | None) -> Planner | None:
    """Use ``planner`` from now on (None: no ladder). Returns the one before. Call it in ``AppConfig.ready()``."""
    before = _planners[0] if _planners else None
    _planners[:] = [planner] if planner else []
    return before


def register_mover(mover: Mover | None) -> Mover | None:
    """Use ``mover`` from now on (None: nothing is carried). Returns the one before."""
    before = _movers[0] if _movers else None
    _movers[:] = [mover] if mover else []
    return before


def plan(deadline: "Deadline", calendar: WorkCalendar, at: datetime) -> None:
    """Set the deadline's next rung as it stands at ``at``; none while it does not run."""
    planned = _planners[0](deadline, calendar, at) if _planners and deadline.is_running else None
    deadline.next_rung_at, deadline.next_rung = planned or (None, "")


def move(deadline: "Deadline", calendar: WorkCalendar, at: datetime) -> None:
    """Set what has fired for the date that the deadline has now, by what it was before the action (``was``)."""
    if _movers and deadline.was is not None:
        deadline.fired, deadline.fired_before = _movers[0](deadline, deadline.was, calendar, at)
