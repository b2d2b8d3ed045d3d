"""When a deadline is due: a pure function of its facts and the calendar (docs/rules/time.md). No ORM, no HTTP.

Nothing moves a date. An action adds, changes or takes away a fact, and ``reckon`` counts the date again from all of
them; so what is undone leaves no trace, and two changes lead to the same date in either order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from deadlines.arithmetic import moved_start
from deadlines.arithmetic import pause as left_at
from deadlines.calendar import DAY_CLOSES, WorkCalendar, at_clock, wall
from deadlines.limits import Limit, Unit, worked_due

AT_ONCE: Final = timedelta(minutes=1)
"""What is due at once is due this long after its start, so that its ladder begins."""

OUTSIDE: Final = "outside"
"""The source of the cap that a body outside sets; any other source is the number of a matter that joined."""

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock stood still; open where ``to_at`` is None.

    ``at_least``: what the clock has left at the end where it was not overdue at the beginning.
    """

    from_at: datetime
    to_at: datetime | None = None
    at_least: Limit | None = None

    @property
    def until(self) -> datetime:
        """Its end; never before its beginning, though a clock that was put right in between may say so."""
        return max(self.to_at or self.from_at, self.from_at)


class Joined(NamedTuple):
    """Since when the date of a matter that joined is the case's own, and what had been granted to the clock by then."""

    since: datetime
    extended: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a deadline. ``fixed_due``: the date that somebody set in place of the one the limit gives.

    ``pauses`` in the order in which they happened, only the last may be open. ``extended``: working days granted in
    all. ``caps``: (source, moment) of what somebody else allows at most; of those that ``joined`` later pauses and
    extensions move it, the others stand whatever we do. ``at_once``: a cap that was past when the clock started holds
    all the same (handling); for other clocks it does not.
    """

    limit: Limit
    started_at: datetime
    fixed_due: datetime | None = None
    extended: int = 0
    pauses: tuple[Pause, ...] = ()
    caps: tuple[tuple[str, datetime], ...] = ()
    joined: Mapping[str, Joined] = field(default_factory=dict)
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The due time and what follows with it.

    ``own_due_at`` is the date without caps; ``held_by`` the source of the cap that holds in its place, "" where none
    does. ``ours``: the cap is an outside time that our own pauses or extensions would have passed, and nothing else.
    ``counted_from`` is the start moved on by the pauses that have ended. ``remaining`` is what a paused clock keeps
    (days for limits in days, else minutes), None while it runs.
    """

    due_at: datetime
    own_due_at: datetime
    counted_from: datetime
    estimated: bool
    held_by: str = ""
    ours: bool = False
    remaining: int | None = None


def reckon(facts: Facts, calendar: WorkCalendar) -> Reckoned:
    """When a deadline with these facts is due. ValueError where the limit is ``none`` and no date was fixed."""
    ended = [pause for pause in facts.pauses if pause.to_at is not None]
    open_since = next((pause.from_at for pause in facts.pauses if pause.to_at is None), None)
    first = facts.fixed_due or facts.limit.due(facts.started_at, calendar).due_at
    own = due_after_pauses(_extended(first, facts.extended, calendar), ended, facts.limit, calendar)
    held_by, cap = _earliest_cap(facts, calendar)
    held = cap is not None and cap < own
    due_at = wall(cap if cap is not None and held else own)
    if open_since is not None and held and held_by in facts.joined:
        open_since = max(open_since, facts.joined[held_by].since)
    remaining = None if open_since is None else left_at(due_at, open_since, facts.limit, calendar).amount
    return Reckoned(
        due_at=due_at,
        own_due_at=wall(own),
        counted_from=_counted_from(facts.started_at, ended, facts.limit, calendar),
        estimated=worked_due(facts.started_at, own, facts.limit, calendar).estimated,
        held_by=held_by if held else "",
        ours=held and held_by == OUTSIDE and cap is not None and first <= cap,
        remaining=remaining,
    )


def due_after_pauses(due_at: datetime, pauses: Iterable[Pause], limit: Limit, calendar: WorkCalendar) -> datetime:
    """The due time after these pauses, which have all ended, one after the other."""
    for pause in pauses:
        due_at = _after(due_at, pause, limit, calendar)
    return due_at


def _extended(due_at: datetime, days: int, calendar: WorkCalendar) -> datetime:
    return calendar.add_working_days(due_at, days) if days else due_at


def _after(due_at: datetime, pause: Pause, limit: Limit, calendar: WorkCalendar) -> datetime:
    """The due time after one pause: moved by the time that passed; late stays late, in time stays in time."""
    until = pause.until
    moved = _moved(due_at, pause.from_at, until, limit, calendar)
    if pause.from_at > due_at:
        return min(moved, _latest_overdue(until, limit, calendar))
    if moved < until:
        moved = _earliest_in_time(until, limit, calendar)
    return moved if pause.at_least is None else max(moved, pause.at_least.due(until, calendar).due_at)


def _moved(due_at: datetime, start_at: datetime, end_at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """``due_at`` moved by the time from ``start_at`` to ``end_at`` in the limit's own measure; by none, it stays."""
    if limit.unit is Unit.WORKING_HOURS:
        passed = calendar.working_position(end_at) - calendar.working_position(start_at)
        return calendar.at_working_position(calendar.working_position(due_at) + passed) if passed else due_at
    if not limit.counts_days:
        return due_at + (end_at - start_at)
    on = wall(due_at).date()
    if limit.unit is Unit.DAYS:
        days = (wall(end_at).date() - wall(start_at).date()).days
        return at_clock(on + days * _DAY, DAY_CLOSES) if days else due_at
    days = calendar.working_days_between(start_at, end_at)
    return at_clock(calendar.shift_working_days(on, days), DAY_CLOSES) if days else due_at


def _latest_overdue(at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """The latest due time of what is overdue at ``at``: the last closing before, or a minute before."""
    if not limit.counts_days:
        return at - _MINUTE
    on = _workday_back(wall(at).date(), limit, calendar)
    if at_clock(on, DAY_CLOSES) >= at:
        on = _workday_back(on - _DAY, limit, calendar)
    return at_clock(on, DAY_CLOSES)


def _earliest_in_time(at: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """The earliest due time of what is not overdue at ``at``: a closing that is not past, or the next opening."""
    if limit.unit is Unit.WORKING_HOURS:
        return calendar.next_opening(at)
    on = wall(at).date()
    if at > at_clock(on, DAY_CLOSES):
        on += _DAY
    return at_clock(calendar.next_workday(on) if limit.is_working else on, DAY_CLOSES)


def _workday_back(on: date, limit: Limit, calendar: WorkCalendar) -> date:
    return calendar.shift_working_days(on, 0) if limit.is_working else on


def _counted_from(started_at: datetime, ended: Sequence[Pause], limit: Limit, calendar: WorkCalendar) -> datetime:
    counted = wall(started_at)
    for pause in ended:
        counted = moved_start(counted, pause.from_at, pause.until, limit, calendar)
    return counted


def handed_on(facts: Facts, calendar: WorkCalendar) -> dict[str, datetime]:
    """The dates of those who joined as later pauses and extensions moved them, for the case that they go on to.

    That this clock began after such a date, and is due at once for it, says nothing of the date.
    """
    return {source: _moved_on(source, at, facts, calendar) for source, at in facts.caps if source in facts.joined}


def _moved_on(source: str, at: datetime, facts: Facts, calendar: WorkCalendar) -> datetime:
    since, before = facts.joined[source]
    later = [
        replace(pause, from_at=max(pause.from_at, since))
        for pause in facts.pauses
        if pause.to_at is not None and pause.until > since
    ]
    return due_after_pauses(_extended(at, max(0, facts.extended - before), calendar), later, facts.limit, calendar)


def _holding(facts: Facts, calendar: WorkCalendar) -> dict[str, datetime]:
    holding: dict[str, datetime] = {}
    for source, at in facts.caps:
        if at > facts.started_at or facts.at_once:
            held = at if at > facts.started_at else facts.started_at + AT_ONCE
            holding[source] = _moved_on(source, held, facts, calendar) if source in facts.joined else held
    return holding


def _earliest_cap(facts: Facts, calendar: WorkCalendar) -> tuple[str, datetime | None]:
    """The cap that wins with its source; of those at the same moment the outside time."""
    holding = [(at, source != OUTSIDE, source) for source, at in _holding(facts, calendar).items()]
    if not holding:
        return "", None
    cap, _joined, source = min(holding)
    return source, cap
