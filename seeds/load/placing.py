"""On which days a recorded journey may be stamped, and which of them go where.

Due times hang on which days offices are open. So a recording moves only by whole days, and only to where every day that
its rules looked at is as it was: open or closed, decided or estimated. What still runs moves back alone, and no further
than all that lies ahead of it still does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from seeds.load.recording import Recorded
from seeds.load.timeline import LoadTimeline, day_of

_DAY: Final = timedelta(days=1)
_MARGIN: Final = 800
"""Days before and after the timeline whose kind is known: no recording reaches further."""
_ROUNDS: Final = 30


class DayKinds:
    """Two bits for every day: whether offices are open, whether that is estimated."""

    def __init__(self, calendar: WorkCalendar, first_day: int, last_day: int) -> None:
        self.first = first_day - _MARGIN
        self.bits = 0
        for place, ordinal in enumerate(range(self.first, last_day + _MARGIN)):
            on = date.fromordinal(ordinal)
            kind = calendar.is_workday(on) | calendar.is_estimated(on) << 1
            self.bits |= kind << 2 * place

    def mask(self, days: Iterable[int]) -> int:
        """Both bits of each of these days."""
        found = 0
        for day in days:
            found |= 3 << 2 * (day - self.first)
        return found

    def alike(self, mask: int, shift: int) -> bool:
        """Whether the days of the mask are all of the same kind ``shift`` days later."""
        moved = self.bits >> 2 * shift if shift >= 0 else self.bits << -2 * shift
        return not (moved ^ self.bits) & mask


@dataclass(frozen=True)
class Placing:
    """Where one recording stands (``day``, and the second of that day) and the days to which it may go."""

    day: int
    second: int
    days: frozenset[int]

    @classmethod
    def of(cls, recorded: Recorded, kinds: DayKinds, timeline: LoadTimeline, now: datetime) -> "Placing":
        """Find them."""
        logged = recorded.issues[0].created_at
        day = day_of(logged)
        mask = kinds.mask(_days_that_count(recorded))
        low, high = _reach(recorded, now)
        first, last = timeline.first_day - day, timeline.first_day + len(timeline.sums) - 1 - day
        shifts = range(max(low, first), min(high, last) + 1)
        second = recorded.journey.lot.logged + 8 * 3600
        return cls(day, second % 86400, frozenset(day + by for by in shifts if kinds.alike(mask, by)))


def _days_that_count(recorded: Recorded) -> set[int]:
    """The day of every event; of a working limit, and of all that still runs, every day from its start to its end."""
    found = {day_of(event.at) for event in recorded.events}
    for row in recorded.deadlines:
        if row.is_open or row.time_limit.is_working:
            until = max(row.due_at, row.original_due_at, row.next_rung_at or row.due_at)
            found |= set(range(day_of(row.started_at), day_of(until) + 1))
    return found


def _reach(recorded: Recorded, now: datetime) -> tuple[int, int]:
    """By how many days it may move at least and at most (the least is negative: back)."""
    last = max(event.at for event in recorded.events)
    running = [row for row in recorded.deadlines if row.is_open]
    if not running and not recorded.journey.lot.unfinished:
        return -_MARGIN * 2, (now - last) // _DAY
    ahead = [at for row in running for at in _moments(row) if at > now]
    return -min(((at - now) // _DAY for at in ahead), default=0), 0


def _moments(row: Deadline) -> Sequence[datetime]:
    return [row.soon_at, row.due_at, *([row.next_rung_at] if row.next_rung_at else [])]


def spread(
    placings: Sequence[Placing], sizes: Sequence[int], targets: Sequence[int], first_day: int, random: Random
) -> list[list[int]]:
    """For every day the recordings that are stamped on it, as places in ``placings``: together ``targets`` issues.

    Each recording is used about as often as any other. A day on which none is true leaves its share to the nearest
    that has one. ``sizes``: how many issues each recording holds; what is too many on a day is spared on the next.
    """
    fitting = [
        [place for place, row in enumerate(placings) if day in row.days]
        for day in range(first_day, first_day + len(targets))
    ]
    wanted = _moved(targets, [bool(found) for found in fitting])
    weights = _balanced(fitting, wanted, len(placings))
    left, chosen = 0, []
    for places, number in zip(fitting, wanted, strict=True):
        left += number
        drawn = random.choices(places, [weights[place] for place in places], k=left) if left > 0 else []
        taken = []
        for place in drawn:
            if left > 0:
                taken.append(place)
                left -= sizes[place]
        chosen.append(taken)
    return chosen


def _moved(targets: Sequence[int], able: Sequence[bool]) -> list[int]:
    days = [day for day, fits in enumerate(able) if fits]
    found = [0] * len(targets)
    for day, number in enumerate(targets):
        if number:
            found[min(days, key=lambda other: abs(other - day)) if not able[day] else day] += number
    return found


def _balanced(fitting: Sequence[Sequence[int]], wanted: Sequence[int], number: int) -> list[float]:
    """Weights by which every day gets what it wants and every recording an equal part, as nearly as that goes."""
    weights = [1.0] * number
    equal = sum(wanted) / max(1, number)
    for _round in range(_ROUNDS):
        used = [0.0] * number
        for places, target in zip(fitting, wanted, strict=True):
            if target:
                rate = target / sum(weights[place] for place in places)
                for place in places:
                    used[place] += rate * weights[place]
        weights = [
            max(weight * equal / part, 1e-9) if part else weight for weight, part in zip(weights, used, strict=True)
        ]
    return weights
