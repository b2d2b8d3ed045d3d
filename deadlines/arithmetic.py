"""What clocks do: what a pause keeps, what is left, and when the rungs of a ladder fall due. Pure: no ORM.

Every function takes the limit that made the deadline: it says whether time is counted in working days, working minutes,
calendar days or on the clock. Source: docs/rules/limits.md, docs/rules/supervision.md.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from deadlines.calendar import DAY_CLOSES, DAY_OPENS, MINUTES_PER_DAY, WorkCalendar, at_clock, wall
from deadlines.limits import Due, Limit, Unit, worked_due

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
_HALF: Final = (1, 2)
_LAST_QUARTER: Final = (3, 4)


@dataclass(frozen=True, slots=True)
class PausedRest:
    """What a paused deadline keeps: ``amount`` in days (limits in days) or minutes, and whether it was overdue.

    Where it was overdue, ``amount`` is how far (a number of days may be 0: overdue since today).
    """

    amount: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Remaining:
    """还剩 or 超期 as days, hours and minutes: working days of seven hours for working limits, else clock time."""

    overdue: bool
    days: int
    hours: int
    minutes: int


class RungStep(Protocol):
    """A step of a ladder as data; ``offset`` as ``parse_offset`` reads it, the higher ``rank`` wins."""

    @property
    def rank(self) -> int: ...
    @property
    def offset(self) -> str: ...


RungT = TypeVar("RungT", bound=RungStep)


# Pausing, and what a co-department gets


def pause(due_at: datetime, at: datetime, limit: Limit, calendar: WorkCalendar) -> PausedRest:
    """What a deadline keeps when it is paused at ``at``.

    Limits in days keep the number of days after the day of ``at`` up to and including the due day; hours keep their
    minutes, a begun one counting as whole.
    """
    overdue = at > due_at
    amount = abs(_days_between(at, due_at, limit, calendar)) if limit.counts_days else 0
    if not limit.counts_days:
        time = calendar.working_time_between(at, due_at) if limit.is_working else due_at - at
        amount = abs(time) // _MINUTE if overdue else -(-time // _MINUTE)
    return PausedRest(amount, overdue)


def moved_start(
    counted_from: datetime, paused_at: datetime, resumed_at: datetime, limit: Limit, calendar: WorkCalendar
) -> datetime:
    """The start moved on by a pause, so that the time used at the resumption is what was used at the pause.

    Never back: a clock that was put right in between may let a pause end before it began.
    """
    if not limit.is_working:
        return wall(counted_from) + max(timedelta(0), resumed_at - paused_at)
    used = calendar.working_position(paused_at) - calendar.working_position(counted_from)
    moved = calendar.at_working_position(calendar.working_position(resumed_at) - used) if used else resumed_at
    return max(wall(moved), wall(counted_from))


def co_department_due(handle_due_at: datetime, at: datetime, limit: Limit, calendar: WorkCalendar) -> Due:
    """A co-department's due time: one working day before the lead's, but at least half of what is left.

    Where nothing is left, one working day from ``at``.
    """
    if handle_due_at <= at:
        return Limit(1, Unit.WORKING_DAYS).due(at, calendar)
    day_before = at_clock(calendar.shift_working_days(wall(handle_due_at).date(), -1), DAY_CLOSES)
    halfway = part_used_at(_HALF, at, handle_due_at, limit, calendar)
    return worked_due(at, max(day_before, halfway), limit, calendar)


def _days_between(start_at: datetime, end_at: datetime, limit: Limit, calendar: WorkCalendar) -> int:
    if limit.is_working:
        return calendar.working_days_between(start_at, end_at)
    return (wall(end_at).date() - wall(start_at).date()).days


def second_due(started_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a deadline's whole time has passed a second time, counted on from the due time in its own time.

    Limits in days count their days once more (1 working day, due on Thursday: Friday 17:30), at least one.
    """
    if limit.counts_days:
        days = max(1, _days_between(started_at, due_at, limit, calendar))
        return Limit(days, limit.unit).due(due_at, calendar).due_at
    if limit.is_working:
        return calendar.add_working_minutes(due_at, calendar.working_minutes_between(started_at, due_at))
    return wall(due_at) + (due_at - started_at)


# How much is used, and what is left


def part_used_at(
    part: tuple[int, int], started_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar
) -> datetime:
    """When the fraction ``part`` of a deadline's time is used, in the limit's own time, to the second below."""
    numerator, denominator = part
    if not limit.is_working:
        used = (due_at - started_at) * numerator / denominator
        return (wall(started_at) + used).replace(microsecond=0)
    begin, end = calendar.working_position(started_at), calendar.working_position(due_at)
    if end <= begin:
        return wall(due_at)
    return calendar.at_working_position(begin + (end - begin) * numerator // denominator).replace(microsecond=0)


def soon_at(started_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a deadline becomes due soon (临期): its last working day or its last quarter, whichever is shorter.

    The last working day begins when offices close on the one before. Clock limits know the last quarter only, calendar
    days the last day or quarter.
    """
    quarter = part_used_at(_LAST_QUARTER, started_at, due_at, limit, calendar)
    if limit.is_working:
        day_before = calendar.shift_working_days(wall(due_at).date(), -1)
        return max(quarter, at_clock(day_before, DAY_CLOSES))
    return max(quarter, wall(due_at) - _DAY) if limit.unit is Unit.DAYS else quarter


def remaining(due_at: datetime, now: datetime, limit: Limit, calendar: WorkCalendar) -> Remaining:
    """What is left (or by how much it is overdue): working time for working limits, clock time for the others.

    Whole minutes, rounded down.
    """
    overdue = now > due_at
    if limit.is_working:
        minutes, per_day = abs(calendar.working_minutes_between(now, due_at)), MINUTES_PER_DAY
    else:
        minutes, per_day = abs(due_at - now) // _MINUTE, 24 * 60
    days, rest = divmod(minutes, per_day)
    return Remaining(overdue, days, *divmod(rest, 60))


# Rungs

DAILY: Final = "daily"
"""The offset of a rung that comes every working morning."""

_OFFSET: Final = re.compile(
    r"(?:daily|(start|half|soon|due_day|due|twice)(?:([+-])([1-9][0-9]{0,3})(min|h|wh|wd|d|mo))?)", re.ASCII
)
_MONTHS: Final = "mo"


class OffsetError(ValueError):
    """The text is not a rung's offset."""


@dataclass(frozen=True, slots=True)
class Offset:
    """A moment in a deadline's life: an anchor, and how much after it (or before it, where ``amount`` is negative).

    Whole days and months counted forward end at 17:30 as limits do; counted back they begin at 08:30, so that a
    reminder in advance comes in the morning. ``unit`` is a limit's, or ``mo``: the same day of another month, or that
    month's last where it is shorter.
    """

    anchor: str
    amount: int = 0
    unit: str = ""

    def at(self, started_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
        """The moment itself. ``daily`` is the first working morning after ``started_at``."""
        match self.anchor:
            case "daily":
                return morning_after(started_at, calendar)
            case "start":
                moment = wall(started_at)
            case "half":
                moment = part_used_at(_HALF, started_at, due_at, limit, calendar)
            case "soon":
                moment = soon_at(started_at, due_at, limit, calendar)
            case "due_day":
                moment = at_clock(wall(due_at).date(), DAY_OPENS)
            case "twice":
                moment = second_due(started_at, due_at, limit, calendar)
            case _:
                moment = wall(due_at)
        return self._moved(moment, calendar) if self.amount else moment

    def _moved(self, moment: datetime, calendar: WorkCalendar) -> datetime:
        if self.unit == _MONTHS:
            return at_clock(add_months(moment.date(), self.amount), DAY_CLOSES if self.amount > 0 else DAY_OPENS)
        limit = _limit(abs(self.amount), self.unit)
        return _after(moment, limit, calendar) if self.amount > 0 else _before(moment, limit, calendar)


@lru_cache(maxsize=256)
def _limit(amount: int, unit: str) -> Limit:
    return Limit(amount, Unit(unit))


def _after(moment: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """``limit.due`` without asking which days are estimated: the sweep counts ten thousand of these."""
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.add_working_days(moment, limit.amount)
    return limit.due(moment, calendar).due_at


def _before(moment: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """As long before ``moment`` as ``limit`` says; working hours never end on a closing but on the opening after it."""
    if limit.unit is Unit.WORKING_DAYS:
        return at_clock(calendar.shift_working_days(moment.date(), -limit.amount), DAY_OPENS)
    if limit.unit is Unit.DAYS:
        return at_clock(moment.date() - limit.amount * _DAY, DAY_OPENS)
    if limit.unit is Unit.WORKING_HOURS:
        position = calendar.working_position(moment) - limit.minutes * 60_000_000
        return calendar.next_opening(calendar.at_working_position(position))
    return moment - limit.minutes * _MINUTE


def add_months(on: date, months: int) -> date:
    """The same day ``months`` later (earlier where negative), clamped to that month's last day (31 March −1: 28 or 29
    February).
    """
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def morning_after(at: datetime, calendar: WorkCalendar) -> datetime:
    """08:30 of the first working day that begins after ``at``."""
    local = wall(at)
    opening = at_clock(calendar.next_workday(local.date()), DAY_OPENS)
    return opening if opening > local else at_clock(calendar.shift_working_days(local.date(), 1), DAY_OPENS)


@lru_cache(maxsize=256)
def parse_offset(text: str) -> Offset:
    """``start``, ``half``, ``soon``, ``due_day`` (08:30 of the due day), ``due`` or ``twice``, ``+`` or ``-`` a limit
    or months (``due+3wd``, ``due-6mo``); or ``daily``.

    ``twice``: the deadline's whole time once more after it was due. OffsetError where the text is nothing of that.
    """
    match = _OFFSET.fullmatch(text)
    if match is None:
        raise OffsetError(text)
    if match[1] is None:
        return Offset(DAILY)
    amount = int(match[3] or 0)
    return Offset(match[1], -amount if match[2] == "-" else amount, match[4] or "")


def rung_time(offset: str, started_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a rung with this offset falls due."""
    return parse_offset(offset).at(started_at, due_at, limit, calendar)


def rung_moments(
    rungs: Iterable[RungT],
    started_at: datetime,
    due_at: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    *,
    mornings_after: datetime | None = None,
) -> list[tuple[datetime, RungT]]:
    """Every rung that this deadline has, in time order, as (moment, rung); of those that coincide the higher last.

    Left out: a rung whose time is not after the start (but ``start`` itself is kept), a rung within the first quarter.
    Neither is said of ``daily`` ones, which come on the first working morning after ``mornings_after`` (or the start).
    """
    found: list[tuple[datetime, RungT]] = []
    started_at, due_at = wall(started_at), wall(due_at)
    is_early = _early(started_at, due_at, limit, calendar)
    for rung in rungs:
        if rung.offset == DAILY:
            found.append((morning_after(mornings_after or started_at, calendar), rung))
            continue
        moment = rung_time(rung.offset, started_at, due_at, limit, calendar)
        if rung.offset == "start" or not (moment <= started_at or is_early(moment)):
            found.append((moment, rung))
    return sorted(found, key=lambda row: (row[0], row[1].rank))


def _early(started_at: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar) -> Callable[[datetime], bool]:
    """Whether less than a quarter of the deadline's own time is used at a moment."""
    if not limit.is_working:
        whole = due_at - started_at
        return lambda at: (at - started_at) * 4 < whole
    begin = calendar.working_position(started_at)
    worked = calendar.working_position(due_at) - begin
    return lambda at: (calendar.working_position(at) - begin) * 4 < worked
