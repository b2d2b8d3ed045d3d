"""The working calendar: which days are worked, and counting in working days and working minutes.

Pure: no ORM. Source of the rules: docs/rules/limits.md#office-hours. Office hours are the same on every working day, so
a moment's place in working time is *working days before it × minutes of a day + minutes of its own day*; both
directions are a look-up, never a walk over days.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Final

from common.clock import SHANGHAI

OFFICE_HOURS: Final = ((time(8, 30), time(12, 0)), (time(14, 0), time(17, 30)))

_MINUTE: Final = 60_000_000


def _since_midnight(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


_PERIODS: Final = tuple((_since_midnight(opens), _since_midnight(closes)) for opens, closes in OFFICE_HOURS)
_WORK: Final = sum(closes - opens for opens, closes in _PERIODS)

DAY_OPENS: Final = OFFICE_HOURS[0][0]
DAY_CLOSES: Final = OFFICE_HOURS[-1][1]
MINUTES_PER_DAY: Final = _WORK // _MINUTE
"""Working minutes of one working day: 420."""


def at_clock(on: date, clock: time) -> datetime:
    """``clock`` on that day in Asia/Shanghai."""
    return datetime.combine(on, clock, SHANGHAI)


def wall(at: datetime) -> datetime:
    """``at`` in Asia/Shanghai; ValueError where it is naive."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime has no place in the working calendar")
    return at if at.tzinfo is SHANGHAI else at.astimezone(SHANGHAI)


def _weekdays_through(ordinal: int) -> int:
    """Mondays to Fridays from 0001-01-01 (a Monday, ordinal 1) through ``ordinal``."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


def _weekday_number(count: int) -> int:
    """The ordinal of the ``count``-th Monday-to-Friday (from 1): the inverse of ``_weekdays_through``."""
    weeks, rest = divmod(count - 1, 5)
    return weeks * 7 + rest + 1


class WorkCalendar:
    """Immutable. Days that the mapping does not name are Monday-to-Friday working days and estimated (估算)."""

    __slots__ = ("_before", "_estimated", "_first", "_flags", "_last", "_through", "_workdays", "version")

    def __init__(self, days: Mapping[date, tuple[bool, bool]] | None = None, *, version: int = 0) -> None:
        """``days``: date → (is a working day, is estimated). ``version``: the last change that they hold."""
        self.version = version
        days = days or {}
        self._first = min(days).toordinal() if days else 1
        self._last = max(days).toordinal() if days else 0
        self._before = _weekdays_through(self._first - 1)
        self._flags: list[tuple[bool, bool]] = [
            days.get(date.fromordinal(ordinal), ((ordinal - 1) % 7 < 5, True))
            for ordinal in range(self._first, self._last + 1)
        ]
        self._workdays = [self._first + index for index, (work, _) in enumerate(self._flags) if work]
        self._through = list(accumulate((int(work) for work, _ in self._flags), initial=self._before))
        self._estimated = list(accumulate((int(guess) for _, guess in self._flags), initial=0))

    # Days

    def is_workday(self, on: date) -> bool:
        """Whether offices are open on this day."""
        ordinal = on.toordinal()
        if self._first <= ordinal <= self._last:
            return self._flags[ordinal - self._first][0]
        return (ordinal - 1) % 7 < 5

    def is_estimated(self, on: date) -> bool:
        """Whether the yearly notice that decides about this day is not out."""
        ordinal = on.toordinal()
        return not self._first <= ordinal <= self._last or self._flags[ordinal - self._first][1]

    def any_estimated(self, first: date, last: date) -> bool:
        """Whether a day from ``first`` through ``last`` is estimated; False for an empty span."""
        low, high = first.toordinal(), last.toordinal()
        if low > high:
            return False
        if low < self._first or high > self._last:
            return True
        return self._estimated[high - self._first + 1] > self._estimated[low - self._first]

    def _rank(self, ordinal: int) -> int:
        """The number of working days through this day, from a fixed origin."""
        if ordinal < self._first:
            return _weekdays_through(ordinal)
        if ordinal <= self._last:
            return self._through[ordinal - self._first + 1]
        return self._through[-1] + _weekdays_through(ordinal) - _weekdays_through(self._last)

    def _ordinal(self, rank: int) -> int:
        """The first day with that rank, which is a working day: the inverse of ``_rank``."""
        if rank <= self._before:
            return _weekday_number(rank)
        index = rank - self._before - 1
        if index < len(self._workdays):
            return self._workdays[index]
        return _weekday_number(rank - self._through[-1] + _weekdays_through(self._last))

    def shift_working_days(self, on: date, n: int) -> date:
        """The ``n``-th working day after ``on`` (before it where ``n`` is negative).

        With ``n`` = 0: ``on``, or the last working day before it where ``on`` is none.
        """
        rank = self._rank(on.toordinal())
        if n < 0 and not self.is_workday(on):
            rank += 1
        return date.fromordinal(self._ordinal(rank + n))

    def next_workday(self, on: date) -> date:
        """``on`` where it is a working day, else the next one."""
        return on if self.is_workday(on) else self.shift_working_days(on, 1)

    def working_days_between(self, start_at: datetime, end_at: datetime) -> int:
        """Working days after the day of ``start_at`` up to and including the day of ``end_at`` (negative backwards)."""
        return self._rank(wall(end_at).toordinal()) - self._rank(wall(start_at).toordinal())

    def add_working_days(self, start_at: datetime, n: int) -> datetime:
        """Due time of a limit of ``n`` working days: counted from the next working day, 17:30 of the ``n``-th."""
        if n < 1:
            raise ValueError("a limit in working days has at least one")
        return at_clock(self.shift_working_days(wall(start_at).date(), n), DAY_CLOSES)

    # Minutes

    def in_office_hours(self, at: datetime) -> bool:
        """Whether offices are open at this moment (open at 08:30 and 14:00, no longer at 12:00 and 17:30)."""
        local = wall(at)
        clock = _since_midnight(local.time())
        return self.is_workday(local.date()) and any(opens <= clock < closes for opens, closes in _PERIODS)

    def next_opening(self, at: datetime) -> datetime:
        """``at`` during office hours, else the moment when offices open next."""
        local = wall(at)
        on, clock = local.date(), _since_midnight(local.time())
        if self.is_workday(on):
            for (opens, closes), (opening, _) in zip(_PERIODS, OFFICE_HOURS, strict=True):
                if clock < opens:
                    return at_clock(on, opening)
                if clock < closes:
                    return local
        return at_clock(self.shift_working_days(on, 1), DAY_OPENS)

    def working_position(self, at: datetime) -> int:
        """Working time up to ``at`` in microseconds, from a fixed origin; only differences mean something."""
        local = wall(at)
        on = local.toordinal()
        rank = self._rank(on)
        if not self.is_workday(local.date()):
            return rank * _WORK
        clock = _since_midnight(local.time())
        worked = sum(min(max(clock - opens, 0), closes - opens) for opens, closes in _PERIODS)
        return (rank - 1) * _WORK + worked

    def at_working_position(self, position: int) -> datetime:
        """The earliest moment with this position, so a closing (12:00, 17:30), never the opening after it."""
        full_days, worked = divmod(position - 1, _WORK)
        worked += 1
        midnight = datetime.combine(date.fromordinal(self._ordinal(full_days + 1)), time(), SHANGHAI)
        for opens, closes in _PERIODS:
            if worked <= closes - opens:
                return midnight + timedelta(microseconds=opens + worked)
            worked -= closes - opens
        raise AssertionError("a position lies within a working day")

    def add_working_minutes(self, start_at: datetime, minutes: int) -> datetime:
        """``minutes`` of office time after ``start_at``; outside office hours the count begins at the next opening.

        A result on a closing stays there (17:30, not the next 08:30). With no minutes: ``next_opening(start_at)``.
        """
        if minutes < 0:
            raise ValueError("working minutes are added, not taken away")
        if minutes == 0:
            return self.next_opening(start_at)
        return self.at_working_position(self.working_position(start_at) + minutes * _MINUTE)

    def working_time_between(self, start_at: datetime, end_at: datetime) -> timedelta:
        """Office time from ``start_at`` to ``end_at`` (negative backwards)."""
        return timedelta(microseconds=self.working_position(end_at) - self.working_position(start_at))

    def working_minutes_between(self, start_at: datetime, end_at: datetime) -> int:
        """Whole minutes of office time from ``start_at`` to ``end_at`` (negative backwards, towards zero)."""
        minutes = abs(self.working_position(end_at) - self.working_position(start_at)) // _MINUTE
        return minutes if end_at >= start_at else -minutes
