"""The ladder's rules: which rungs a deadline has, which are due, which comes next. Pure: no ORM, no HTTP.

Source: product.md section 6. Supervision orders and cards come with signing.

A rung fires once per deadline: ``Deadline.fired`` has one bit for each rank, set when the rung fired or was passed
over. What is due together fires as one reminder, the highest rung; the others are passed over, and the event says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from deadlines import arithmetic
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit, Unit
from reminders.enums import Ladder, RungCode, RungEffect, RungRole

_AT_START: Final = "start"

OWED_BY_REPORTER: Final = frozenset({"more_info"})
"""Deadlines that nobody in the house owes: only rungs that name them are theirs, so nobody is reminded or urged."""

ACTIONS: Final = frozenset({RungEffect.DEEM.value, RungEffect.EXPIRE.value})
"""Effects by which time itself acts on the issue."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung; see models.LadderRung for the meaning of each field."""

    ladder: str
    code: str
    rank: int
    offset: str
    roles: tuple[str, ...]
    kinds: frozenset[str] = frozenset()
    effect: str = ""

    @property
    def bit(self) -> int:
        """Its place in ``Deadline.fired``."""
        return 1 << (self.rank - 1)

    @property
    def acts(self) -> bool:
        """Whether time itself acts on the issue by it."""
        return self.effect in ACTIONS

    def serves(self, deadline_kind: str) -> bool:
        """Whether deadlines of this kind have it."""
        return deadline_kind in self.kinds if self.kinds else deadline_kind not in OWED_BY_REPORTER

    @property
    def told_by_event(self) -> bool:
        """Whether the event that starts the deadline tells it at once, so that the sweep need not."""
        return self.offset == _AT_START


class Clock(Protocol):
    """What the ladder reads of a deadline."""

    @property
    def kind(self) -> str: ...
    @property
    def limit(self) -> str: ...
    @property
    def counted_from(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def fired(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Firing:
    """What one pass does to one deadline: the rung that fires, those passed over, and what comes next.

    ``urges``: it or one passed over has the effect of an urge, which an outage does not forgive; ``action`` is the
    effect by which time itself acts, "" where there is none. ``fired`` is the new value of ``Deadline.fired``;
    ``next_rung_at`` is None where nothing comes any more.
    """

    rung: Rung | None
    skipped: tuple[str, ...]
    urges: bool
    fired: int
    next_rung_at: datetime | None
    next_rung: str
    action: str = ""


def ladder_of(limit: Limit) -> Ladder:
    """Limits in minutes and hours climb the clock's ladder, all others the working one."""
    return Ladder.CLOCK if limit.unit in (Unit.MINUTES, Unit.HOURS) else Ladder.WORKING


class RungSet:
    """The rungs of one sub-district."""

    def __init__(self, rungs: Iterable[Rung]) -> None:
        self.rungs = tuple(rungs)
        self._for: dict[tuple[str, str], tuple[Rung, ...]] = {}

    def of(self, deadline_kind: str, limit: Limit) -> tuple[Rung, ...]:
        """The rungs that the sweep fires for deadlines of this kind and limit, lowest first."""
        key = (deadline_kind, ladder_of(limit).value)
        found = self._for.get(key)
        if found is None:
            fitting = (
                rung
                for rung in self.rungs
                if rung.ladder == key[1] and not rung.told_by_event and rung.serves(deadline_kind)
            )
            found = self._for[key] = tuple(sorted(fitting, key=lambda rung: rung.rank))
        return found

    def at_start(self, deadline_kind: str) -> Rung | None:
        """The rung that the start of a deadline of this kind tells."""
        return next((rung for rung in self.rungs if rung.told_by_event and deadline_kind in rung.kinds), None)

    def at_start_roles(self, deadline_kind: str, level: str) -> tuple[str, ...]:
        """Whom the start of a deadline of this kind tells, on an issue of this level."""
        rung = self.at_start(deadline_kind)
        return rung.roles if rung else ()

    def find(self, code: str, limit: Limit) -> Rung | None:
        """The rung with this code on the ladder of this limit."""
        ladder = ladder_of(limit)
        return next((rung for rung in self.rungs if rung.code == code and rung.ladder == ladder), None)


def moments(clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar) -> list[tuple[datetime, Rung]]:
    """The rungs of this deadline that have not fired, with their times, earliest first.

    Rungs that coincide are one, the highest, whether it has fired or not.
    """
    if all(clock.fired & rung.bit for rung in rungs):
        return []
    by_code = {rung.code: rung for rung in rungs}
    planned = arithmetic.plan_rungs(rungs, clock.counted_from, clock.due_at, Limit.parse(clock.limit), calendar)
    return [(at, by_code[code]) for at, code in planned if not clock.fired & by_code[code].bit]


def plan(clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar) -> tuple[datetime, str] | None:
    """The next rung as (moment, code). A moment that is past is left so: the next pass finds it due."""
    coming = moments(clock, rungs, calendar)
    return (coming[0][0], coming[0][1].code) if coming else None


def fire(clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar, at: datetime) -> Firing:
    """What falls due for this deadline by ``at``."""
    coming = moments(clock, rungs, calendar)
    due = [rung for moment, rung in coming if moment <= at]
    later = [(moment, rung) for moment, rung in coming if moment > at]
    fired = clock.fired
    for rung in due:
        fired |= rung.bit
    highest = max(due, key=lambda rung: rung.rank, default=None)
    skipped = tuple(rung.code for rung in due if rung is not highest)
    next_at, next_code = (later[0][0], later[0][1].code) if later else (None, "")
    urges = any(rung.effect == RungEffect.URGE for rung in due)
    action = next((rung.effect for rung in due if rung.acts), "")
    return Firing(highest, skipped, urges, fired, next_at, next_code, action)


_DESK, _HANDLER, _HEAD = RungRole.DESK.value, RungRole.HANDLER.value, RungRole.HEAD.value
_NEW_FOR: Final = frozenset({"acknowledge"})
_EXPIRES: Final = frozenset({"more_info"})
_DEEM, _EXPIRE = RungEffect.DEEM.value, RungEffect.EXPIRE.value
_WORKING, _CLOCK = Ladder.WORKING.value, Ladder.CLOCK.value

DEFAULT_LADDER: Final = RungSet(
    (
        Rung(_WORKING, RungCode.NEW, 1, "start", (_DESK,), _NEW_FOR),
        Rung(_WORKING, RungCode.NOTICE, 2, "half", (_HANDLER,)),
        Rung(_WORKING, RungCode.DUE_SOON, 3, "soon", (_HANDLER,)),
        Rung(_WORKING, RungCode.DUE_TODAY, 4, "due_day", (_HANDLER, _HEAD)),
        Rung(_WORKING, RungCode.URGE, 5, "due", (_HANDLER, _HEAD), effect=RungEffect.URGE),
        Rung(_WORKING, RungCode.DEEMED, 7, "twice", (), _NEW_FOR, effect=_DEEM),
        Rung(_WORKING, RungCode.EXPIRED, 8, "due", (), _EXPIRES, effect=_EXPIRE),
        Rung(_CLOCK, RungCode.NEW, 1, "start", (_DESK,), _NEW_FOR),
        Rung(_CLOCK, RungCode.NOTICE, 2, "half", (_HANDLER,)),
        Rung(_CLOCK, RungCode.URGE, 5, "due", (_HANDLER, _HEAD), effect=RungEffect.URGE),
        Rung(_CLOCK, RungCode.DUTY_LEADER, 6, "due+1h", (RungRole.DUTY_LEADER.value,)),
        Rung(_CLOCK, RungCode.EXPIRED, 8, "due", (), _EXPIRES, effect=_EXPIRE),
    )
)
"""The ladder of product.md section 6; an installation edits its own copy."""
