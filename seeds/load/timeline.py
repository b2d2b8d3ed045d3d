"""When synthetic issues were logged: three years, busier on working days and in office hours. Pure."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, pairwise
from random import Random
from typing import Final

from common.clock import SHANGHAI
from deadlines.calendar import WorkCalendar

YEARS: Final = 3
_OFFSET: Final = 8 * 3600
_EPOCH: Final = date(1970, 1, 1).toordinal()
_WORKDAY, _RESTDAY = 100, 35
_A_WHILE: Final = 3600
_HOURS: Final = ((0, 0), (7, 3), (8, 8), (12, 52), (14, 60), (18, 90), (22, 98), (24, 100))
"""Hour of the day → how many of a hundred issues were logged by then."""


def instant(seconds: int) -> datetime:
    """Seconds since 1970 as a moment in Asia/Shanghai."""
    return datetime.fromtimestamp(seconds, SHANGHAI)


def day_of(at: datetime) -> int:
    """The ordinal of its day in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date().toordinal()


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
    """How ``count`` issues lie on the days from three years before ``end`` to ``end`` (seconds since 1970).

    Of the newest most are still open; of all, ``open_share``.
    """

    count: int
    open_share: float
    end: int
    first_day: int
    sums: tuple[float, ...]
    """For every day the share of all issues that were logged by its end."""

    @classmethod
    def until(cls, now: datetime, count: int, open_share: float, calendar: WorkCalendar) -> "LoadTimeline":
        """The timeline that ends at ``now``."""
        end = int(now.timestamp())
        last = now.astimezone(SHANGHAI).date()
        first = (last - timedelta(days=YEARS * 365)).toordinal()
        days = range(first, last.toordinal() + 1)
        weights = [float(_WORKDAY if calendar.is_workday(date.fromordinal(day)) else _RESTDAY) for day in days]
        weights[-1] *= _share_by((end + _OFFSET) % 86400)
        whole = sum(weights)
        return cls(count, open_share, end, first, tuple(total / whole for total in accumulate(weights)))

    def _open_by(self, share: float) -> float:
        """Of the oldest ``share`` of all issues, what share of all is still open."""
        newest, part = 1 - share, self.open_share
        if part <= 0.5:
            newest = min(newest, 2 * part)
            among = newest - newest * newest / (4 * part) if part else 0.0
        else:
            among = newest - (1 - part) * newest * newest
        return part - among

    def on_days(self, *, unfinished: bool) -> list[int]:
        """How many of those that are still open, or of those that have ended, were logged on each day."""
        opened = round(self.count * self._open_by(1.0))
        whole = opened if unfinished else self.count - opened
        until = [0]
        for share in self.sums:
            still_open = self._open_by(share)
            until.append(min(round(self.count * (still_open if unfinished else share - still_open)), whole))
        until[-1] = whole
        return [after - before for before, after in pairwise(until)]

    def by_year(self) -> Counter[int]:
        """How many were logged in each year."""
        found = Counter[int]()
        for unfinished in (False, True):
            for day, number in enumerate(self.on_days(unfinished=unfinished)):
                found[date.fromordinal(self.first_day + day).year] += number
        return found

    def moments(self, number: int, random: Random, *, unfinished: bool) -> list[int]:
        """When ``number`` issues were logged that lie as those of ``on_days`` do, in seconds since 1970.

        Those that have ended were logged a while ago.
        """
        last = self.end if unfinished else self.end - _A_WHILE
        counts = list(accumulate(self.on_days(unfinished=unfinished)))
        found = []
        for index in range(number):
            wanted = (index + random.random()) / number * counts[-1]
            day = next(position for position, total in enumerate(counts) if total > wanted)
            share = random.random()
            if day == len(counts) - 1:
                share *= _share_by((self.end + _OFFSET) % 86400)
            found.append(min((self.first_day + day - _EPOCH) * 86400 - _OFFSET + _second_at(share), last))
        return sorted(found)
