"""When synthetic issues were logged: three years, busier on working days and in office hours. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final

from common.clock import SHANGHAI
from deadlines.calendar import WorkCalendar

YEARS: Final = 3
_OFFSET: Final = 8 * 3600
_EPOCH: Final = date(1970, 1, 1).toordinal()
_WORKDAY, _RESTDAY = 100, 35
_HOURS: Final = ((0, 0), (7, 3), (8, 8), (12, 52), (14, 60), (18, 90), (22, 98), (24, 100))
"""Hour of the day → how many of a hundred issues were logged by then."""


def instant(seconds: int) -> datetime:
    """Seconds since 1970 as a moment in Asia/Shanghai."""
    return datetime.fromtimestamp(seconds, SHANGHAI)


def _share_by(second_of_day: int) -> float:
    for (hour, before), (next_hour, after) in pairwise(_HOURS):
        if second_of_day < next_hour * 3600:
            return (before + (after - before) * (second_of_day - hour * 3600) / ((next_hour - hour) * 3600)) / 100
    return 1.0


def _second_at(share: float) -> int:
    percent = share * 100
    for (hour, before), (next_hour, after) in pairwise(_HOURS):
        if percent < after:
            return int((hour + (next_hour - hour) * (percent - before) / (after - before)) * 3600)
    return 86399


@dataclass(frozen=True)
class LoadTimeline:
    """Puts ``count`` issues, in order, on the days from three years before ``end`` to ``end`` (seconds since 1970)."""

    count: int
    seed: int
    end: int
    first_day: int
    sums: Sequence[float]

    @classmethod
    def until(cls, now: datetime, count: int, seed: int, calendar: WorkCalendar) -> "LoadTimeline":
        """The timeline that ends at ``now``."""
        end = int(now.timestamp())
        last = now.astimezone(SHANGHAI).date()
        first = (last - timedelta(days=YEARS * 365)).toordinal()
        days = range(first, last.toordinal() + 1)
        weights = [float(_WORKDAY if calendar.is_workday(date.fromordinal(day)) else _RESTDAY) for day in days]
        weights[-1] *= _share_by((end + _OFFSET) % 86400)
        return cls(count, seed, end, first, tuple(accumulate(weights)))

    def logged(self, index: int) -> int:
        """When issue ``index`` was logged, in seconds since 1970; never decreases with ``index``."""
        jitter = ((index * 2654435761 + self.seed * 40503 + 12345) & 0xFFFFFFFF) / 2**32
        wanted = (index + jitter) / self.count * self.sums[-1]
        day = min(bisect_right(self.sums, wanted), len(self.sums) - 1)
        before = self.sums[day - 1] if day else 0.0
        own = self.sums[day] - before
        share = (wanted - before) / own if own else 0.0
        if day == len(self.sums) - 1:
            share *= _share_by((self.end + _OFFSET) % 86400)
        at = (self.first_day + day - _EPOCH) * 86400 - _OFFSET + _second_at(share)
        return min(at, self.end)

    def years(self) -> list[tuple[int, int, int]]:
        """(year, first index, one past the last index) of every year that has issues."""
        found: list[tuple[int, int, int]] = []
        first = 0
        while first < self.count:
            year = instant(self.logged(first)).year
            low, high = first, self.count
            while low < high:
                middle = (low + high) // 2
                if instant(self.logged(middle)).year > year:
                    high = middle
                else:
                    low = middle + 1
            found.append((year, first, low))
            first = low
        return found
