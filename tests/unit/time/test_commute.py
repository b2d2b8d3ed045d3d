"""Two changes of one clock lead to the same due time in either order (docs/rules/time.md); without the database.

A deferral takes its time: the other change comes before it, meanwhile or after it. Nothing is overdue where the
calendar is corrected. A matter that joins brings its date as it is then: what pauses and extends the case before does
not move it, what comes afterwards does.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest

from tests.support.oracle.clock import Facts
from tests.support.oracle.days import DAY, SHANGHAI, Days
from tests.support.oracle.walks import GRACES, LIMITS, STARTS
from tests.support.sampling import length
from tests.unit.time.ours import Ours

ROUNDS = length(20, 400)
HOUR = timedelta(hours=1)


class Clock:
    """One clock of ours, its calendar, and whether a correction ever met it overdue."""

    def __init__(self, limit: str, at: datetime) -> None:
        self.days, self.caps = Days({}), dict[str, datetime]()
        self.ours = Ours(Facts("handle", limit, at), at, self.days)
        self.was_late = False

    def act(self, what: str, data: Any, at: datetime) -> None:
        self.ours.act(what, data, at, self.days)

    def cap(self, source: str, date: datetime | None, at: datetime) -> None:
        self.caps = {name: cap for name, cap in self.caps.items() if name != source} | ({source: date} if date else {})
        self.act("caps", self.caps, at)

    def correct(self, offset: int, at: datetime, day_of: datetime) -> None:
        before = Days(dict(self.days.known))
        on = day_of.date() + offset * DAY
        self.days.known[on] = not before.works(on)
        self.was_late |= at > self.ours.row.due_at
        self.ours.corrected(at, before, self.days)


Change = Callable[[Clock, datetime], None]


def _changes(random: Random, start: datetime) -> dict[str, Change]:
    """One change of each sort, with what it brings."""
    days, limit, offset = random.randint(1, 5), random.choice(LIMITS), random.randint(-3, 12)
    outside, theirs = (start + timedelta(minutes=random.randint(60, 9000)) for _cap in range(2))

    def visited(clock: Clock, at: datetime) -> None:
        clock.cap("7", theirs, at)
        clock.cap("7", None, at + HOUR)

    return {
        "extension": lambda clock, at: clock.act("extend", days, at),
        "limit": lambda clock, at: clock.act("limit", limit, at),
        "outside": lambda clock, at: clock.cap("outside", outside, at),
        "joined": lambda clock, at: clock.cap("9", theirs, at),
        "merge and unmerge": visited,
        "calendar": lambda clock, at: clock.correct(offset, at, start),
    }


def _orders(random: Random, changes: dict[str, Change]) -> Iterator[list[list[tuple[timedelta, Change]]]]:
    """Histories that are to end with the same date."""
    first, second = (timedelta(minutes=random.randint(30, 1500)) for _change in range(2))
    for (first_name, one), (other_name, other) in permutations(changes.items(), 2):
        if {first_name, other_name} == {"extension", "joined"}:
            continue
        yield [[(first, one), (first + second, other)], [(first, other), (first + second, one)]]
    begin = timedelta(minutes=random.randint(400, 3000))
    end, grace = begin + timedelta(minutes=random.randint(200, 9000)), random.choice(GRACES)
    deferral: list[tuple[timedelta, Change]] = [
        (begin, lambda clock, at: clock.act("pause", None, at)),
        (end, lambda clock, at: clock.act("resume", grace, at)),
    ]
    for name, change in changes.items():
        if name == "joined":
            continue
        places = (begin / 2, begin + (end - begin) / 3, end + HOUR)
        yield [sorted([*deferral, (place, change)], key=lambda step: step[0]) for place in places]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_pairs_commute(number: int) -> None:
    random = Random(number)
    start, limit = datetime.fromisoformat(random.choice(STARTS)).replace(tzinfo=SHANGHAI), random.choice(LIMITS)
    for histories in _orders(random, _changes(random, start)):
        clocks = [_led(Clock(limit, start), start, history) for history in histories]
        if not any(clock.was_late for clock in clocks):
            ends = {(clock.ours.row.due_at, clock.ours.row.rule) for clock in clocks}
            assert len(ends) == 1, (number, limit, start, ends)


def _led(clock: Clock, start: datetime, history: list[tuple[timedelta, Change]]) -> Clock:
    for moment, change in history:
        change(clock, start + moment)
    return clock
