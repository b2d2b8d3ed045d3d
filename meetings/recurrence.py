"""When a series of meetings is held: a rule as data, and its dates on the working calendar. Pure: no ORM.

A rule is what ``Series.rule`` stores::

    {"every": "week", "weekday": 2, "else": "drop"}      each Tuesday; not on a day off
    {"every": "month", "nth": -1}                        the last working day of each month
    {"every": "quarter", "month": 3, "nth": 5}           the fifth working day of each quarter's third month
    {"every": "dates", "dates": ["2026-03-20"], "else": "next"}

``weekday`` counts from Monday = 1. ``else`` says what becomes of a date on a day off: it is dropped, or moved to the
working day before or after it. A working day of a month is counted from its first (1) or from its last (-1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from deadlines.calendar import WorkCalendar

MOST_DATES: Final = 60
_MOVED: Final = timedelta(days=31)
"""Farther than any run of days off: what is moved comes from at most so far outside of what is asked for."""


class Every(models.TextChoices):
    """How often."""

    WEEK = "week", _("每周")
    MONTH = "month", _("每月")
    QUARTER = "quarter", _("每季度")
    DATES = "dates", _("指定日期")


class OffDay(models.TextChoices):
    """What becomes of a date on which nobody works."""

    DROP = "drop", _("不开")
    NEXT = "next", _("顺延到下一个工作日")
    PREVIOUS = "previous", _("提前到上一个工作日")


class Occurrence(NamedTuple):
    """One date. ``planned_on`` is what the rule names before it was moved; ``estimated``: its year's notice is not out.

    ``planned_on`` tells the occurrence from all others of its series, also after a new notice moved it.
    """

    on: date
    planned_on: date
    estimated: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read: see the module."""

    every: Every
    weekday: int = 1
    month: int = 1
    nth: int = 1
    off_day: OffDay = OffDay.DROP
    on_dates: tuple[date, ...] = ()

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Rule":
        """The rule that ``data`` says. ValueError where it says none."""
        try:
            rule = cls(
                every=Every(data["every"]),
                weekday=int(data.get("weekday", 1)),
                month=int(data.get("month", 1)),
                nth=int(data.get("nth", 1)),
                off_day=OffDay(data.get("else", OffDay.DROP)),
                on_dates=tuple(sorted({date.fromisoformat(text) for text in data.get("dates", ())})),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no rule of recurrence: {data!r}") from error
        if not (1 <= rule.weekday <= 7 and 1 <= rule.month <= 3 and 1 <= abs(rule.nth) <= 15):
            raise ValueError(f"out of range: {data!r}")
        if len(rule.on_dates) > MOST_DATES or (rule.every is Every.DATES) != bool(rule.on_dates):
            raise ValueError(f"dates belong to single dates: {data!r}")
        return rule

    def as_data(self) -> dict[str, Any]:
        """As it is stored: what the kind of rule asks for, and nothing else."""
        found: dict[str, Any] = {"every": self.every.value}
        if self.every is Every.WEEK:
            found["weekday"] = self.weekday
        if self.every is Every.QUARTER:
            found["month"] = self.month
        if self.every in (Every.MONTH, Every.QUARTER):
            found["nth"] = self.nth
        else:
            found["else"] = self.off_day.value
        if self.every is Every.DATES:
            found["dates"] = [on.isoformat() for on in self.on_dates]
        return found


def dates(rule: Rule, calendar: WorkCalendar, first: date, last: date) -> list[Occurrence]:
    """The dates from ``first`` through ``last``, in order; where two fall on one day, the first that names it."""
    found: dict[date, Occurrence] = {}
    for planned_on in _named(rule, calendar, first - _MOVED, last + _MOVED):
        on = _held_on(rule, calendar, planned_on)
        if on is not None and first <= on <= last and on not in found:
            low, high = min(on, planned_on), max(on, planned_on)
            found[on] = Occurrence(on, planned_on, calendar.any_estimated(low, high))
    return [found[on] for on in sorted(found)]


def _held_on(rule: Rule, calendar: WorkCalendar, planned_on: date) -> date | None:
    if calendar.is_workday(planned_on):
        return planned_on
    if rule.off_day is OffDay.DROP:
        return None
    return calendar.shift_working_days(planned_on, 1 if rule.off_day is OffDay.NEXT else -1)


def _named(rule: Rule, calendar: WorkCalendar, first: date, last: date) -> Iterator[date]:
    """What the rule names, before anything is moved; in order."""
    if rule.every is Every.DATES:
        yield from (on for on in rule.on_dates if first <= on <= last)
    elif rule.every is Every.WEEK:
        on = first + timedelta(days=(rule.weekday - first.isoweekday()) % 7)
        while on <= last:
            yield on
            on += timedelta(days=7)
    else:
        yield from (on for on in _of_months(rule, calendar, first, last) if first <= on <= last)


def _of_months(rule: Rule, calendar: WorkCalendar, first: date, last: date) -> Iterator[date]:
    """The ``nth`` working day of the months; of one that has fewer, none."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = divmod(number, 12)
        if rule.every is Every.QUARTER and month % 3 + 1 != rule.month:
            continue
        begins, ends = date(year, month + 1, 1), date(year + month // 11, (month + 1) % 12 + 1, 1)
        if rule.nth > 0:
            on = calendar.shift_working_days(begins - timedelta(days=1), rule.nth)
        else:
            on = calendar.shift_working_days(ends, rule.nth)
        if begins <= on < ends:
            yield on
