"""Where the ladder takes up a clock that began before the load: rungs that are past are passed over, not fired late."""

from datetime import datetime
from typing import Final

from deadlines import planning
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline

_BITS: Final = 15
_bit_of: dict[str, int] = {}


def plan_from(deadline: Deadline, calendar: WorkCalendar, now: datetime) -> None:
    """Plan the first rung after ``now``; the bits of ``Deadline.fired`` say which were passed over."""
    planning.plan(deadline, calendar, now)
    while deadline.next_rung_at is not None and deadline.next_rung_at <= now:
        bit = _bit_of.get(deadline.next_rung) or _find_bit(deadline, calendar, now)
        if not bit or deadline.fired & bit:
            deadline.next_rung_at, deadline.next_rung = None, ""
            return
        deadline.fired |= bit
        planning.plan(deadline, calendar, now)


def _find_bit(deadline: Deadline, calendar: WorkCalendar, now: datetime) -> int:
    """The bit of the deadline's next rung: the one whose setting makes the ladder go on. 0 where there is none."""
    rung, before = deadline.next_rung, deadline.fired
    found = 0
    for position in range(_BITS):
        deadline.fired = before | 1 << position
        planning.plan(deadline, calendar, now)
        if deadline.fired != before and deadline.next_rung != rung:
            found = _bit_of[rung] = 1 << position
            break
    deadline.fired, deadline.next_rung = before, rung
    return found
