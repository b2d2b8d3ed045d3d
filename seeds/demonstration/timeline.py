"""When things happened: moments in office time before the present one. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from deadlines.calendar import MINUTES_PER_DAY, WorkCalendar, at_clock, wall

_MINUTE: Final = 60_000_000
_LATE_MORNING: Final = time(11)
_AGO: Final = re.compile(r"(\d+(?:\.\d+)?)(min|wh|wd)")


@dataclass(frozen=True, slots=True)
class Ago:
    """How long ago: minutes by the clock, or minutes of office time."""

    minutes: float
    working: bool

    @staticmethod
    def parse(text: str) -> "Ago":
        """``25min`` by the clock, ``3wh`` or ``2.5wd`` of office time. ValueError for anything else."""
        found = _AGO.fullmatch(text)
        if found is None:
            raise ValueError(text)
        factor = {"min": 1, "wh": 60, "wd": MINUTES_PER_DAY}[found[2]]
        return Ago(float(found[1]) * factor, working=found[2] != "min")


def days(number: float) -> Ago:
    """So many working days ago."""
    return Ago(number * MINUTES_PER_DAY, working=True)


class StoryTimeline:
    """Moments before ``now``.

    Outside office hours the working day that comes next counts as begun, so that what is due on it is found as due soon
    whenever the demonstration is loaded; nothing lies later than ``now`` all the same.
    """

    def __init__(self, calendar: WorkCalendar, now: datetime) -> None:
        self.calendar = calendar
        self.now = wall(now).replace(microsecond=0)
        opening = calendar.next_opening(self.now)
        reference = max(opening, at_clock(opening.date(), _LATE_MORNING)) if opening > self.now else opening
        self._reference = calendar.working_position(reference)
        self._present = calendar.working_position(self.now)

    def before(self, last: Ago, gaps: list[float]) -> list[datetime]:
        """The moments of ``len(gaps)`` steps in order: the last one ``last`` ago, each its gap after the one before.

        The first gap is without effect. Gaps are minutes of office time, or by the clock where ``last`` does.
        """
        after: list[float] = [0.0]
        for gap in reversed(gaps[1:]):
            after.append(after[-1] + gap)
        return [self._moment(last.minutes + minutes, number, last.working) for number, minutes in enumerate(after)][
            ::-1
        ]

    def _moment(self, minutes: float, steps_left: int, working: bool) -> datetime:
        if not working:
            return self.now - timedelta(minutes=minutes)
        position = self._reference - round(minutes * 60) * 1_000_000
        latest = self._present - (steps_left + 1) * 3 * _MINUTE
        found = self.calendar.at_working_position(min(position, latest))
        return min(found, self.now).replace(microsecond=0)
