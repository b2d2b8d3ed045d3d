"""Changing the calendar: what differs, writing it with a record of what was, and having the calendar of before again.

The days change at once; the open deadlines are counted again afterwards, by the floors that own their subjects
(reminders.services.recounting). Until then each deadline knows by its ``calendar_version`` which calendar counted it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.clock import local, today
from deadlines import sources
from deadlines.calendar import WorkCalendar
from deadlines.models import CalendarChange, CalendarDay, ChangeSource, DaySource
from deadlines.reference import forget, refresh_calendar

Wanted = Mapping[date, tuple[bool, str]]
"""Day → (is worked, whose holiday or swap it is)."""

FARTHEST_YEARS: Final = 3
"""A notice comes a few weeks before its year; a date further away is a slip of the pen."""

_COLUMNS: Final = ("workday", "estimated", "name", "source", "updated_at")


class ChangeRefused(Exception):  # noqa: N818 - named as prose
    """The calendar is not changed so; ``message`` says why."""

    def __init__(self, message: "str | Promise") -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class DayChange:
    """One day as it is and as it is to be."""

    on: date
    was_workday: bool
    was_estimated: bool
    workday: bool
    name: str

    @property
    def moves(self) -> bool:
        """Whether offices open or close on it now; else it only becomes certain, or gets another name."""
        return self.workday != self.was_workday

    @property
    def counts(self) -> bool:
        """Whether deadlines may look different for it."""
        return self.moves or self.was_estimated


def difference(wanted: Wanted) -> list[DayChange]:
    """What these days would change, in order. One statement."""
    if not wanted:
        return []
    present = CalendarDay.objects.in_bulk(list(wanted))
    return [change for change in (_change(on, wanted[on], present.get(on)) for on in sorted(wanted)) if change]


def _change(on: date, wanted: tuple[bool, str], present: CalendarDay | None) -> DayChange | None:
    workday, name = wanted
    if present is None:
        return DayChange(on, on.weekday() < 5, True, workday, name)
    if present.workday == workday and not present.estimated and _is_called(present.name, name):
        return None
    return DayChange(on, present.workday, present.estimated, workday, name)


def _is_called(present: str, wanted: str) -> bool:
    """Whether a day has that name already: the library says 清明 where the notice says 清明节."""
    return not wanted or present.removesuffix("节") == wanted.removesuffix("节")


def digest(changes: Sequence[DayChange]) -> str:
    """By what a confirmation knows that what is confirmed is what was shown."""
    rows = [[one.on.isoformat(), one.was_workday, one.was_estimated, one.workday, one.name] for one in changes]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def apply_changes(
    *, wanted: Wanted, source: ChangeSource, year: int | None, shown: str, by_id: int, at: datetime
) -> CalendarChange:
    """Write the days and the record of what they were. ``shown``: the digest of what the person confirmed.

    Raises ChangeRefused where nothing differs, where it is no longer what was shown, and far from today.
    """
    if any(abs(on.year - local(at).year) > FARTHEST_YEARS for on in wanted):
        raise ChangeRefused(_("日期离今天太远"))
    with transaction.atomic():
        if not CalendarDay.objects.exists():
            refresh_calendar(at=at)
        list(CalendarDay.objects.filter(on__in=list(wanted)).order_by("on").select_for_update())
        changes = difference(wanted)
        if not changes:
            raise ChangeRefused(_("日历已经是这样，没有需要保存的改动"))
        if digest(changes) != shown:
            raise ChangeRefused(_("日历刚刚被别人改过，请重新核对"))
        _write(changes, at)
        counting = [change for change in changes if change.counts]
        made = CalendarChange.objects.create(
            source=source,
            year=year,
            first_on=min((change.on for change in counting), default=changes[0].on),
            before={change.on.isoformat(): [change.was_workday, change.was_estimated] for change in counting},
            made_at=at,
            made_by_id=by_id,
            finished_at=None if counting else at,
        )
    transaction.on_commit(forget)
    forget()
    return made


def _write(changes: Iterable[DayChange], at: datetime) -> None:
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(
                on=change.on,
                workday=change.workday,
                estimated=False,
                name=change.name,
                source=DaySource.NOTICE,
                updated_at=at,
            )
            for change in changes
        ],
        update_conflicts=True,
        unique_fields=["on"],
        update_fields=list(_COLUMNS),
    )


def calendars_with(changes: Iterable[DayChange]) -> tuple[WorkCalendar, WorkCalendar]:
    """The calendar as it is, and as it would be with ``changes``. One statement."""
    days = _days()
    after = days | {change.on: (change.workday, False) for change in changes}
    return WorkCalendar(days), WorkCalendar(after)


def calendars_around(change: CalendarChange) -> tuple[WorkCalendar, WorkCalendar]:
    """The calendars of just before and just after a change that was made, whatever was changed since. Two statements.

    The second one bears the change as its version.
    """
    days = _days()
    since = CalendarChange.objects.filter(pk__gte=change.pk).order_by("-pk")
    after = dict(days)
    for one in since:
        if one.pk == change.pk:
            after = dict(days)
        days |= {date.fromisoformat(on): (workday, estimated) for on, (workday, estimated) in one.before.items()}
    return WorkCalendar(days), WorkCalendar(after, version=change.pk)


def _days() -> dict[date, tuple[bool, bool]]:
    """The stored days; of a table that is still empty those that the library knows."""
    rows = CalendarDay.objects.values_list("on", "workday", "estimated")
    found = {on: (workday, estimated) for on, workday, estimated in rows}
    known = sources.days_of(sources.FIRST_YEAR, today().year + sources.YEARS_AHEAD) if not found else ()
    return found or {day.on: (day.workday, day.estimated) for day in known}
