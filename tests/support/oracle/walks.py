"""Random walks: what happens to three matters' clocks, told as plain steps that can be run again, cut short, kept.

A step is (minutes that pass before it, what happens, whom it concerns, with what). A step that makes no sense where the
walk stands (a pause of what stands still) is nothing at all, so any part of a walk is a walk.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple, Protocol

from tests.support.oracle.clock import Facts
from tests.support.oracle.days import DAY, SHANGHAI, Days, local
from tests.support.oracle.rungs import Speaker

STARTS = (
    "2026-02-11T10:00", "2026-02-14T09:15", "2026-03-18T10:00", "2026-04-03T20:05", "2026-04-30T17:29",
    "2026-09-18T08:00", "2026-09-30T11:59", "2026-12-29T16:00",
)  # fmt: skip
KINDS = ("handle", "handle", "handle", "respond", "first_report", "tracking", "suspension_review", "co_reply")
FIXED = {"suspension_review": timedelta(days=12, hours=3), "co_reply": timedelta(days=2, minutes=95)}
"""Kinds whose date somebody sets, and when after the start."""
LIMITS = ("1wd", "3wd", "5wd", "10wd", "15wd", "4wh", "4wh", "24h", "2h", "30min", "30d", "3d")
GRACES = ("", "", "4wh", "1wd")
MATTERS = "abc"


class Step(NamedTuple):
    """One thing that happens. ``whom`` is a matter, "" where it concerns all."""

    minutes: int
    what: str
    whom: str = ""
    data: Any = None


class Walk(NamedTuple):
    """Where it begins (when, with which clock) and what happens."""

    start: str
    kind: str
    limit: str
    steps: tuple[Step, ...]


def drawn(seed: int) -> Walk:
    """The walk with this number."""
    random = Random(seed)
    count = random.randint(4, 24)
    first = Walk(random.choice(STARTS), random.choice(KINDS), random.choice(LIMITS), ())
    return first._replace(steps=tuple(_step(random) for _number in range(count)))


def _step(random: Random) -> Step:
    minutes = random.choice(_PASSES)(random)
    what = random.choice(tuple(_STEPS))
    return Step(minutes, what, "" if what in _OF_ALL else random.choice("aaabc"), _STEPS[what](random))


_PASSES: tuple[Callable[[Random], int], ...] = (
    lambda random: 0,
    lambda random: random.randint(1, 90),
    lambda random: random.randint(60, 1500),
    lambda random: random.choice((30, 60, 210, 240, 1440, 2880)),
    lambda random: random.randint(1440, 6 * 1440),
)
_OF_ALL = ("sweep", "sweep again", "calendar", "put back")
_STEPS: dict[str, Callable[[Random], Any]] = {
    "sweep": lambda random: None,
    "sweep again": lambda random: None,
    "pause": lambda random: None,
    "resume": lambda random: random.choice(GRACES),
    "extend": lambda random: random.randint(1, 5),
    "limit": lambda random: random.choice(LIMITS),
    "outside": lambda random: random.choice((None, -300, 30, 300, 1440, 4000, 9000)),
    "join": lambda random: random.choice("bc"),
    "leave": lambda random: random.choice("bc"),
    "anew": lambda random: random.choice(LIMITS),
    "calendar": lambda random: [random.choice((-30, -9, -3, -1, 0, 1, 2, 5, 9, "due")) for _day in range(2)],
    "put back": lambda random: random.randint(1, 600),
}


class Code(Protocol):
    """The application's clock, led through the same steps as the oracle's."""

    def act(self, what: str, data: Any, at: datetime, days: Days) -> None:
        """``pause``, ``resume`` (at least), ``extend`` (by days), ``limit`` (text), ``caps`` (by source)."""

    def end(self, at: datetime) -> None:
        """It ends, for its matter joins another."""

    def again(self, at: datetime, days: Days) -> None:
        """It runs again: its matter was taken out."""

    def corrected(self, at: datetime, before: Days, days: Days) -> None:
        """The calendar was corrected."""

    def agrees(self, speaker: Speaker, at: datetime, days: Days) -> None:
        """Compare due time, whose it is, what is left, and when the next rung comes."""

    def sweep(self, at: datetime, days: Days) -> tuple[str, frozenset[str]] | None:
        """What it says now, and what it passes over."""


@dataclass
class Matter:
    """The oracle's clock beside the application's."""

    speaker: Speaker
    code: Code
    joined: str = ""
    known: dict[date, bool] = field(default_factory=dict)
    """The calendar's days when it joined."""

    @property
    def facts(self) -> Facts:
        return self.speaker.facts


@dataclass
class Walker:
    """Leads both through a walk and compares them after every step."""

    make: Callable[[Facts, datetime, Days], Code]
    at: datetime = datetime(2026, 1, 1, tzinfo=SHANGHAI)
    days: Days = field(default_factory=lambda: Days({}))
    matters: dict[str, Matter] = field(default_factory=dict)
    taken: int = 0

    def run(self, walk: Walk) -> None:
        self.at = datetime.fromisoformat(walk.start).replace(tzinfo=SHANGHAI)
        for number, name in enumerate(MATTERS):
            started = self.at + timedelta(minutes=7 * number)
            fixed = started + FIXED[walk.kind] if walk.kind in FIXED else None
            self._begin(name, Facts(walk.kind, walk.limit, started, fixed))
        self.at += timedelta(minutes=20)
        for step in walk.steps:
            self.at += timedelta(minutes=step.minutes)
            getattr(self, f"_{step.what.replace(' ', '_')}")(step.whom, step.data)
            self._compare()
            self.taken += 1
        self._to_the_end()

    def _begin(self, name: str, facts: Facts) -> None:
        speaker = Speaker(facts)
        speaker.settle(facts.started, self.days)
        self.matters[name] = Matter(speaker, self.make(facts, facts.started, self.days))

    def _open(self) -> Iterator[Matter]:
        return (matter for matter in self.matters.values() if not matter.joined)

    def _compare(self) -> None:
        for matter in self._open():
            matter.code.agrees(matter.speaker, self.at, self.days)

    def _do(self, matter: Matter, what: str, data: Any = None) -> None:
        """Both do it; what the oracle kept of before a correction of the calendar is counted again."""
        if what != "pause":
            matter.facts.kept = None
        matter.speaker.settle(self.at, self.days)
        matter.code.act(what, data, self.at, self.days)

    # What happens

    def _pause(self, whom: str, _data: None) -> None:
        matter = self.matters[whom]
        if not matter.joined and matter.facts.paused is None:
            matter.facts.pause(self.at)
            self._do(matter, "pause")

    def _resume(self, whom: str, at_least: str) -> None:
        matter = self.matters[whom]
        if not matter.joined and matter.facts.paused is not None:
            matter.facts.resume(self.at, at_least)
            self._do(matter, "resume", at_least)

    def _extend(self, whom: str, count: int) -> None:
        matter = self.matters[whom]
        if not matter.joined:
            matter.facts.extended += count
            self._do(matter, "extend", count)

    def _limit(self, whom: str, limit: str) -> None:
        matter = self.matters[whom]
        if not matter.joined and matter.facts.fixed is None and matter.facts.limit != limit:
            matter.facts.limit = limit
            self._do(matter, "limit", limit)

    def _outside(self, whom: str, minutes: int | None) -> None:
        matter = self.matters[whom]
        if matter.joined or (minutes is None and "outside" not in matter.facts.caps):
            return
        matter.facts.caps.pop("outside", None)
        if minutes is not None:
            matter.facts.caps["outside"] = self.at + timedelta(minutes=minutes)
        self._do(matter, "caps", matter.facts.caps)

    def _join(self, whom: str, other: str) -> None:
        """What stood still runs on before it ends: it does not wait any more."""
        master, joining = self.matters[whom], self.matters[other]
        if whom == other or master.joined or joining.joined or any(row.joined == other for row in self._all()):
            return
        self._resume(other, "")
        master.facts.caps[other] = joining.facts.due(self.days)
        master.facts.joined[other] = (self.at, master.facts.extended)
        joining.joined, joining.known = whom, dict(self.days.known)
        joining.code.end(self.at)
        self._do(master, "caps", master.facts.caps)

    def _leave(self, _whom: str, other: str) -> None:
        """It runs on with its facts, as if it had never joined; a calendar corrected meanwhile counts from now on."""
        leaving = self.matters[other]
        if leaving.joined:
            master, leaving.joined = self.matters[leaving.joined], ""
            del master.facts.caps[other]
            self._do(master, "caps", master.facts.caps)
            if leaving.known != self.days.known:
                leaving.facts.keep(self.at, Days(leaving.known))
            leaving.speaker.settle(self.at, self.days)
            leaving.code.again(self.at, self.days)

    def _anew(self, whom: str, limit: str) -> None:
        """A redo: a new clock in place of the one that has ended."""
        if not self.matters[whom].joined and not any(row.joined == whom for row in self._all()):
            self._begin(whom, Facts(self.matters[whom].facts.kind, limit, self.at))

    def _all(self) -> list[Matter]:
        return list(self.matters.values())

    def _calendar(self, _whom: str, which: list[Any]) -> None:
        """What is overdue or stands still keeps its date, until something else changes."""
        before = Days(dict(self.days.known))
        for one in which:
            due = self.matters["a"].facts.due(self.days)
            on: date = local(due).date() if one == "due" else local(self.at).date() + one * DAY
            self.days.known[on] = not before.works(on)
        for matter in self._open():
            matter.facts.keep(self.at, before)
            matter.speaker.corrected(self.at, before)
            matter.speaker.settle(self.at, self.days)
            matter.code.corrected(self.at, before, self.days)

    def _put_back(self, _whom: str, minutes: int) -> None:
        self.at -= timedelta(minutes=minutes)

    # Sweeps

    def _sweep(self, _whom: str, _data: None) -> None:
        for matter in self._open():
            wanted = matter.speaker.expected(self.at, "normal", "in_progress", self.days)
            said = matter.code.sweep(self.at, self.days)
            expected = (wanted.code, wanted.skipped) if wanted else None
            assert said == expected, (matter.facts, self.at, said, wanted)
            if wanted is not None:
                matter.speaker.hear(wanted, self.at, self.days)

    def _sweep_again(self, whom: str, data: None) -> None:
        self._sweep(whom, data)
        self._sweep(whom, data)

    def _to_the_end(self) -> None:
        """Everything runs on, and is swept long after: nobody is silent for a date in force."""
        for matter in self._open():
            if matter.facts.paused is not None:
                matter.facts.resume(self.at)
                self._do(matter, "resume", "")
        for later in (timedelta(hours=30), timedelta(days=9), timedelta(days=300)):
            self.at += later
            self._sweep_again("", None)
            self._compare()
        for matter in self._open():
            assert not matter.speaker.steps("normal", "in_progress", self.days)


def shortest(walk: Walk, fails: Callable[[Walk], bool]) -> Walk:
    """The walk without every step that its failure does not need."""
    number = 0
    while number < len(walk.steps):
        after = walk.steps[number + 1 :]
        waits = walk.steps[number].minutes
        later = (after[0]._replace(minutes=after[0].minutes + waits), *after[1:]) if after else ()
        for rest in (after, later):
            shorter = walk._replace(steps=(*walk.steps[:number], *rest))
            if fails(shorter):
                walk = shorter
                break
        else:
            number += 1
    return walk


def told(walk: Walk) -> str:
    """The walk as a line for test_found."""
    steps = ", ".join(f"Step({step.minutes}, {step.what!r}, {step.whom!r}, {step.data!r})" for step in walk.steps)
    return f"Walk({walk.start!r}, {walk.kind!r}, {walk.limit!r}, ({steps},))"
