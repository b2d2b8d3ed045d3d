"""Time limits as text: ``30min``, ``2h``, ``4wh``, ``3wd``, ``30d``, ``none``. Pure: no ORM."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext, ngettext

from deadlines.calendar import DAY_CLOSES, WorkCalendar, at_clock, wall

_TEXT: Final = re.compile(r"([1-9][0-9]{0,3})(min|h|wh|wd|d)", re.ASCII)


class LimitError(ValueError):
    """The text is not a limit."""


class Unit(StrEnum):
    """What a limit is counted in."""

    MINUTES = "min"
    HOURS = "h"
    WORKING_HOURS = "wh"
    WORKING_DAYS = "wd"
    DAYS = "d"
    NONE = "none"


_CLOCK_MINUTES: Final = {Unit.MINUTES: 1, Unit.HOURS: 60}


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit ends, and whether a day that decided this is estimated (估算)."""

    due_at: datetime
    estimated: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit. Working days and hours follow the calendar; hours, minutes and calendar days always run."""

    amount: int
    unit: Unit

    @staticmethod
    def parse(text: str) -> "Limit":
        """The limit that ``text`` names; LimitError where it names none."""
        return _parse(text.strip())

    def __str__(self) -> str:
        return self.unit.value if self.is_none else f"{self.amount}{self.unit.value}"

    @property
    def is_none(self) -> bool:
        """Whether there is no clock at all."""
        return self.unit is Unit.NONE

    @property
    def is_working(self) -> bool:
        """Whether time is counted in working days or hours."""
        return self.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS)

    @property
    def counts_days(self) -> bool:
        """Whether whole days are counted and the due time is 17:30."""
        return self.unit in (Unit.WORKING_DAYS, Unit.DAYS)

    @property
    def minutes(self) -> int:
        """The length in clock or working minutes; ValueError for limits in days."""
        if self.unit is Unit.WORKING_HOURS:
            return self.amount * 60
        if self.unit not in _CLOCK_MINUTES:
            raise ValueError(f"{self} has no length in minutes")
        return self.amount * _CLOCK_MINUTES[self.unit]

    def due(self, start_at: datetime, calendar: WorkCalendar) -> Due:
        """When a clock started at ``start_at`` is due; ValueError for ``none``."""
        if self.unit is Unit.WORKING_DAYS:
            return worked_due(start_at, calendar.add_working_days(start_at, self.amount), self, calendar)
        if self.unit is Unit.WORKING_HOURS:
            return worked_due(start_at, calendar.add_working_minutes(start_at, self.minutes), self, calendar)
        if self.unit is Unit.DAYS:
            return Due(at_clock(wall(start_at).date() + timedelta(days=self.amount), DAY_CLOSES), estimated=False)
        return Due(wall(start_at) + timedelta(minutes=self.minutes), estimated=False)

    def label(self) -> str:
        """The limit in the active language: 3个工作日, 4个工作小时, 2小时, 30分钟, 30天, 不限时."""
        n = self.amount
        match self.unit:
            case Unit.WORKING_DAYS:
                text = ngettext("%(n)d个工作日", "%(n)d个工作日", n)
            case Unit.WORKING_HOURS:
                text = ngettext("%(n)d个工作小时", "%(n)d个工作小时", n)
            case Unit.HOURS:
                text = ngettext("%(n)d小时", "%(n)d小时", n)
            case Unit.MINUTES:
                text = ngettext("%(n)d分钟", "%(n)d分钟", n)
            case Unit.DAYS:
                text = ngettext("%(n)d天", "%(n)d天", n)
            case Unit.NONE:
                return gettext("不限时")
        return text % {"n": n}


NO_LIMIT: Final = Limit(0, Unit.NONE)


def worked_due(start_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar) -> Due:
    """``due_at`` with its mark: estimated where a counted day is. The start's own day counts for hours only."""
    if not limit.is_working:
        return Due(due_at, estimated=False)
    first = wall(start_at).date() + timedelta(days=limit.unit is Unit.WORKING_DAYS)
    return Due(due_at, calendar.any_estimated(first, wall(due_at).date()))


@lru_cache(maxsize=256)
def _parse(text: str) -> Limit:
    if text == "none":
        return NO_LIMIT
    match = _TEXT.fullmatch(text)
    if match is None:
        raise LimitError(gettext("无法识别的时限：%(text)s（例：30min、2h、4wh、3wd、30d、none）") % {"text": text})
    return Limit(int(match[1]), Unit(match[2]))


def working_days(n: int) -> Limit:
    """A limit of ``n`` working days."""
    return Limit(n, Unit.WORKING_DAYS)
