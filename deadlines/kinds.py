"""The kinds of things that can be due, as the domains register them in ``AppConfig.ready()``.

A new kind is a row of its domain's table and rewrites no constraint: what a CHECK could guard, the system check and
``manage.py check_deadlines`` guard (deadlines.subjects).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise


class Owed(StrEnum):
    """Who owes a clock where no party stands on it."""

    COMMUNITY = "community"
    DEPARTMENT = "department"
    SUPERVISOR = "supervisor"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True)
class ClockSpec:
    """One kind of clock. ``verb`` says what whoever owes it has to do, ``since`` from when its limit counts.

    ``side``: it climbs only rungs that name it, never governs its matter's own due time, and residents see none.
    ``outside``: somebody outside the house does it, so only rungs that name it serve it, and nobody is supervised for
    it. ``outlives``: it may run on after its matter has ended. ``carded``: cards are for it. ``told_at_start``:
    the event that starts it tells its rungs at the start. ``at_once``: an earlier
    time that was past when it began holds at once (deadlines.reckoning). ``public``: whoever raised the matter sees its
    date, and is told where the calendar moves it.
    """

    code: str
    label: Promise
    owed_by: Owed = Owed.DEPARTMENT
    verb: Promise | str = ""
    since: Promise | str = ""
    side: bool = False
    outside: bool = False
    outlives: bool = False
    carded: bool = False
    told_at_start: bool = False
    at_once: bool = False
    public: bool = False


_specs: Final[dict[str, ClockSpec]] = {}


def register(specs: Iterable[ClockSpec]) -> None:
    """Make these kinds known. ValueError where another domain has one of the same code."""
    for spec in specs:
        if _specs.setdefault(spec.code, spec) != spec:
            raise ValueError(f"two kinds of deadlines are called {spec.code}")


def every() -> tuple[ClockSpec, ...]:
    """All kinds, in the order in which they were registered."""
    return tuple(_specs.values())


def find(code: str | None) -> ClockSpec | None:
    """The row of a kind; None where nobody registered it."""
    return _specs.get(code or "")


def label(code: str | None) -> str:
    """Its name in the active language; the code itself where nobody registered it, "" for none."""
    spec = find(code)
    return str(spec.label) if spec else code or ""


def since(code: str) -> str:
    """From when its limit counts, in words: 自受理起; "" where nobody said so."""
    spec = find(code)
    return str(spec.since) if spec else ""


def those(test: Callable[[ClockSpec], bool]) -> frozenset[str]:
    """The codes of the kinds of which ``test`` holds."""
    return frozenset(spec.code for spec in _specs.values() if test(spec))
