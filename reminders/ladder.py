"""The ladder's rules: which rungs a deadline has, which are due, which comes next. Pure: no ORM, no HTTP.

Source: docs/rules/supervision.md#the-ladder.

A rung fires once for a due time: ``Deadline.fired`` has one bit for each rank, set when the rung fired or was passed
over. A due time that is set anew has its own rungs (``carried``, docs/rules/time.md). What is due together fires as one
reminder, the highest rung; the others are passed over, and the event says so.
A ``daily`` rung has no bit: when it fires its deadline counts on from that moment, so that it comes the next morning.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from deadlines import arithmetic, kinds
from deadlines.arithmetic import DAILY
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit, Unit
from reminders import rungs as specs
from reminders.enums import Ladder, RungCode, RungEffect, RungRole

AT_START: Final = "start"

_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung; see models.LadderRung for the meaning of each field.

    ``rank`` tells it from every other rung of the same deadline; its code may stand on a ladder more than once.
    """

    ladder: str
    code: str
    rank: int
    offset: str
    roles: tuple[str, ...]
    kinds: frozenset[str] = frozenset()
    effect: str = ""
    levels: frozenset[str] = frozenset()
    channels: tuple[str, ...] = ()
    since: datetime | None = None

    @property
    def bit(self) -> int:
        """Its place in ``Deadline.fired``; 0 for a daily one, which fires again and again."""
        return 0 if self.is_daily else 1 << (self.rank - 1)

    @property
    def is_daily(self) -> bool:
        """Whether it comes every working morning until its deadline ends."""
        return self.offset == DAILY

    @property
    def acts(self) -> bool:
        """Whether time itself acts on the issue by it."""
        spec = specs.effect_of(self.effect)
        return spec is not None and spec.acts

    def serves(self, deadline_kind: str) -> bool:
        """Whether deadlines of this kind have it."""
        if self.kinds:
            return deadline_kind in self.kinds
        spec = kinds.find(deadline_kind)
        return spec is None or not (spec.side or spec.outside)

    def fits_level(self, level: str) -> bool:
        """Whether it is for issues of this level."""
        return not self.levels or level in self.levels

    @property
    def told_by_event(self) -> bool:
        """Whether the event that starts the deadline tells it at once, so that the sweep need not."""
        return self.offset == AT_START


class Clock(Protocol):
    """What the ladder reads of a deadline. ``next_rung_at``: when the rung planned last is due, None where none was."""

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
    @property
    def next_rung_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Firing:
    """What one pass does to one deadline: the rung that fires, those passed over, and what comes next.

    ``urges``: it or one passed over has the effect of an urge, which an outage does not forgive; so ``roles``, whom it
    tells, are those of an urge too that was passed over. ``action`` is the effect by which time itself acts, the
    highest of those due, "" where there is none. ``fired`` is the new value of ``Deadline.fired``; ``next_rung_at`` is
    None where nothing comes any more. ``counted_from`` is where the deadline counts on from after a daily rung.
    """

    rung: Rung | None
    skipped: tuple[str, ...]
    urges: bool
    fired: int
    next_rung_at: datetime | None
    next_rung: str
    action: str = ""
    counted_from: datetime | None = None
    roles: tuple[str, ...] = ()


def ladder_of(limit: Limit) -> Ladder:
    """Limits in minutes and hours climb the clock's ladder, all others the working one."""
    return Ladder.CLOCK if limit.unit in (Unit.MINUTES, Unit.HOURS) else Ladder.WORKING


class RungSet:
    """The rungs of one sub-district."""

    def __init__(self, rungs: Iterable[Rung]) -> None:
        self.rungs = tuple(rungs)
        self._for: dict[tuple[str, str], tuple[Rung, ...]] = {}

    def add(self, rungs: Iterable[Rung]) -> None:
        """Let these stand on it too."""
        self.rungs = (*self.rungs, *rungs)
        self._for.clear()

    def of(self, deadline_kind: str, limit: Limit) -> tuple[Rung, ...]:
        """The rungs that the sweep fires for deadlines of this kind and limit, lowest first, whatever the level."""
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

    def at_start(self, deadline_kind: str, level: str = "", ladder: str = "") -> tuple[Rung, ...]:
        """The rungs told by the event that starts a deadline of this kind, lowest first.

        ``level`` is the issue's ("" : only rungs for every level), ``ladder`` the one its limit climbs ("" : either).
        """
        found = (
            rung
            for rung in self.rungs
            if rung.told_by_event
            and deadline_kind in rung.kinds
            and rung.fits_level(level)
            and ladder in ("", rung.ladder)
        )
        return tuple(sorted(found, key=lambda rung: rung.rank))

    def at_start_roles(self, deadline_kind: str, level: str) -> tuple[str, ...]:
        """Whom the start of a deadline of this kind tells on an issue of this level, each role once."""
        return tuple(dict.fromkeys(role for rung in self.at_start(deadline_kind, level) for role in rung.roles))


def moments(
    clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar, *, at: datetime | None = None
) -> list[tuple[datetime, Rung]]:
    """The rungs of this deadline that have not fired, with their times, earliest first.

    Rungs that coincide are one, the highest, whether it has fired or not. A rung with ``since`` lets pass what was due
    before that. ``at`` is when they are planned: a daily rung comes on the first morning from then on, or from the rung
    planned last where that is still to fire.
    """
    return unfired(clock, timeline(clock, rungs, calendar, at))


def timeline(
    clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar, at: datetime | None
) -> list[tuple[datetime, Rung]]:
    """Every rung of this deadline with its time, earliest first, of those that coincide the highest last."""
    if all(rung.bit & clock.fired for rung in rungs):
        return []
    planned = clock.next_rung_at
    floor = min(planned, at) if planned and at else planned or at or clock.counted_from
    return arithmetic.rung_moments(
        rungs,
        clock.counted_from,
        clock.due_at,
        Limit.parse(clock.limit),
        calendar,
        mornings_after=max(clock.counted_from, floor - _TICK),
    )


def unfired(clock: Clock, found: Iterable[tuple[datetime, Rung]]) -> list[tuple[datetime, Rung]]:
    """What is left of a timeline: of rungs that coincide the highest, where it has not fired."""
    highest = dict(found)
    return [(moment, rung) for moment, rung in highest.items() if _waits(clock, rung, moment)]


def _waits(clock: Clock, rung: Rung, moment: datetime) -> bool:
    return not clock.fired & rung.bit and (rung.since is None or moment >= rung.since)


def plan(
    clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar, at: datetime | None = None
) -> tuple[datetime, str] | None:
    """The next rung as (moment, code). A moment that is past is left so: the next pass finds it due."""
    coming = moments(clock, rungs, calendar, at=at)
    return (coming[0][0], coming[0][1].code) if coming else None


def carried(
    clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar, at: datetime, *, fired: int, same_ladder: bool
) -> int:
    """The bits of a deadline whose due time or ladder moved at ``at``, of those that ``fired`` for the one before.

    Said already is only what the new date would have said by now; everything that it still has to say is unsaid.
    """
    if not fired or not same_ladder:
        return 0
    found = arithmetic.rung_moments(rungs, clock.counted_from, clock.due_at, Limit.parse(clock.limit), calendar)
    past = 0
    for moment, rung in found:
        past |= rung.bit if moment <= at else 0
    return past & fired


def date_key(due_at: datetime, limit: Limit) -> str:
    """By what ``Deadline.fired_before`` knows a due time and its ladder."""
    return f"{due_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}|{ladder_of(limit).value}"


def fire(clock: Clock, rungs: Sequence[Rung], calendar: WorkCalendar, at: datetime) -> Firing:
    """What falls due for this deadline by ``at``."""
    coming = moments(clock, rungs, calendar)
    due = [rung for moment, rung in coming if moment <= at]
    highest = max(due, key=lambda rung: rung.rank, default=None)
    acting = max((rung for rung in due if rung.acts), key=lambda rung: rung.rank, default=None)
    fired = clock.fired
    for rung in due:
        fired |= rung.bit
    counted_from = at if any(rung.is_daily for rung in due) else None
    later = [(moment, rung) for moment, rung in coming if moment > at]
    later += [(arithmetic.morning_after(at, calendar), rung) for rung in due if rung.is_daily]
    told = [rung for rung in due if rung is highest or rung.effect == RungEffect.URGE]
    following = min(later, key=lambda row: (row[0], -row[1].rank), default=None)
    return Firing(
        rung=highest,
        skipped=tuple(rung.code for rung in due if rung is not highest and rung is not acting),
        urges=any(rung.effect == RungEffect.URGE for rung in due),
        fired=fired,
        next_rung_at=following[0] if following else None,
        next_rung=following[1].code if following else "",
        action=acting.effect if acting else "",
        counted_from=counted_from,
        roles=tuple(dict.fromkeys(role for rung in told for role in rung.roles)),
    )


_HANDLER, _HEAD = RungRole.HANDLER.value, RungRole.HEAD.value
_WORKING, _CLOCK = Ladder.WORKING.value, Ladder.CLOCK.value

DEFAULT_LADDER: Final = RungSet(
    (
        Rung(_WORKING, RungCode.NOTICE, 2, "half", (_HANDLER,)),
        Rung(_WORKING, RungCode.DUE_SOON, 3, "soon", (_HANDLER,)),
        Rung(_WORKING, RungCode.DUE_TODAY, 4, "due_day", (_HANDLER, _HEAD)),
        Rung(_WORKING, RungCode.URGE, 5, "due", (_HANDLER, _HEAD), effect=RungEffect.URGE),
        Rung(_CLOCK, RungCode.NOTICE, 2, "half", (_HANDLER,)),
        Rung(_CLOCK, RungCode.URGE, 5, "due", (_HANDLER, _HEAD), effect=RungEffect.URGE),
        Rung(_CLOCK, RungCode.DUTY_LEADER, 6, "due+1h", (RungRole.DUTY_LEADER.value,)),
        Rung(_CLOCK, RungCode.ORDER, 9, "due+4h", (), effect=RungEffect.ORDER),
    )
)
"""The ladder of a new installation, which edits its own copy; domains add the rungs that name their own clocks."""
