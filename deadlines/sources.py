"""Where calendar days come from: a library that knows the published swaps, and estimates for the years after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar
import holidays

from deadlines.calendar import WorkCalendar

FIRST_YEAR = 2022
YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class SourceDay:
    """A day as a source knows it."""

    on: date
    workday: bool
    estimated: bool
    name: str


def days_of(first_year: int, last_year: int) -> Iterator[SourceDay]:
    """Every day of these years: as published (State Council's yearly notices), else estimated.

    An estimated year has the statutory holidays, as far as the almanac gives them, but no swaps: those are only known
    from the notice.
    """
    for year in range(first_year, last_year + 1):
        on, end = date(year, 1, 1), date(year + 1, 1, 1)
        published = _is_published(year)
        statutory = None if published else holidays.country_holidays("CN", years=year, language="zh_CN")
        while on < end:
            if statutory is None:
                yield _published(on)
            else:
                name = statutory.get(on, "")
                yield SourceDay(on, on.weekday() < 5 and not name, estimated=True, name=name[:40])
            on += timedelta(days=1)


def _is_published(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 12, 31))
    except NotImplementedError:
        return False
    return True


def _published(on: date) -> SourceDay:
    workday = chinese_calendar.is_workday(on)
    _rest, name = chinese_calendar.get_holiday_detail(on)
    chinese = chinese_calendar.Holiday(name).chinese if name in _HOLIDAY_NAMES else ""
    return SourceDay(on, workday, estimated=False, name=chinese)


_HOLIDAY_NAMES = frozenset(holiday.value for holiday in chinese_calendar.Holiday)


@lru_cache(maxsize=4)
def built_in(last_year: int) -> WorkCalendar:
    """The calendar of an installation whose table is still empty."""
    return WorkCalendar({day.on: (day.workday, day.estimated) for day in days_of(FIRST_YEAR, last_year)})
