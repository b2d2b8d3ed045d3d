"""What an edit of the ladder would do at once, before it is made: read from the open deadlines, nothing is written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, Final, NamedTuple

from django.db import connection

from deadlines import kinds
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.subjects import behind
from reminders import subjects
from reminders.enums import Ladder
from reminders.ladder import Firing, Rung, RungSet, fire, ladder_of, timeline, unfired
from reminders.subjects import SubjectStanding

PAGE: Final = 500
CAP: Final = 999
"""What is counted is counted this far (999+)."""
SHOWN: Final = 20
MOST_SECONDS: Final = 1.0
"""For counting; what was not reached by then is not counted, and the page says so."""

_CANDIDATES = """
SELECT d.id, d.kind, d."limit", d.counted_from, d.due_at, d.fired, d.next_rung_at, d.next_rung, d.subject_kind,
    d.subject_id
FROM deadlines_deadline d
JOIN unnest(%s::text[], %s::int[]) AS m(kind, mask) ON m.kind = d.kind AND d.fired & m.mask <> m.mask
WHERE d.state = 'running' AND d.subdistrict_id = %s
    AND (%s = '' OR (d."limit" ~ '[0-9](min|h)$') = (%s = 'clock')) AND (d.due_at, d.id) > (%s, %s)
ORDER BY d.due_at, d.id LIMIT %s
"""
_NEVER_FIRED: Final = 1 << 15
"""A bit that no deadline has."""
_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")


class OpenClock(NamedTuple):
    """An open deadline; ``standing`` is how the subject stands that it belongs to, or that it was made on."""

    id: int
    kind: str
    limit: str
    counted_from: datetime
    due_at: datetime
    fired: int
    next_rung_at: datetime | None
    next_rung: str
    own: bool
    standing: SubjectStanding


@dataclass(frozen=True)
class WouldFire:
    """A deadline that would fire at the next sweep, and with which rung; ``skipped`` are passed over with it."""

    number: str
    kind: str
    due_at: datetime
    rung: Rung
    skipped: tuple[str, ...]


@dataclass
class Preview:
    """What the edit would do at once. Both counts go as far as CAP + 1; ``complete``: every open deadline was asked.

    ``seen`` is how many were.
    """

    fires: int = 0
    replanned: int = 0
    first: list[WouldFire] = field(default_factory=list)
    seen: int = 0
    complete: bool = True


def preview(
    subdistrict_id: int, before: Iterable[Rung], after: Iterable[Rung], *, calendar: WorkCalendar, at: datetime
) -> Preview:
    """Compare two ladders over the open deadlines of a sub-district, those due first coming first.

    What would fire at once under the one that holds now is not counted: the edit does not change that. A handful of
    statements for each PAGE deadlines; it stops when both counts are full or MOST_SECONDS are over.
    """
    comparison = _Comparison(RungSet(before), RungSet(after), calendar, at)
    found, until = comparison.found, monotonic() + MOST_SECONDS
    for page in _pages(subdistrict_id, comparison.old, comparison.new):
        for clock in page:
            comparison.add(clock)
        if (found.fires > CAP and found.replanned > CAP) or monotonic() > until:
            found.complete = False
            break
    return found


class _Rungs(NamedTuple):
    """What deadlines of one kind and limit climb, before and after; ``of_`` are identities within ``both``."""

    before: Sequence[Rung]
    after: Sequence[Rung]
    both: Sequence[Rung]
    of_before: frozenset[int]
    of_after: frozenset[int]


def _next(coming: Sequence[tuple[datetime, Rung]]) -> tuple[datetime, str] | None:
    return (coming[0][0], coming[0][1].code) if coming else None


@dataclass
class _Comparison:
    old: RungSet
    new: RungSet
    calendar: WorkCalendar
    at: datetime
    found: Preview = field(default_factory=Preview)
    _known: dict[tuple[str, str], _Rungs] = field(default_factory=dict)

    def add(self, clock: OpenClock) -> None:
        """Count one deadline."""
        rungs = self._rungs(clock.kind, clock.limit)
        if rungs.before == rungs.after:
            return
        found = self.found
        found.seen += 1
        times = timeline(clock, rungs.both, self.calendar, self.at)
        planned = _next(unfired(clock, [row for row in times if id(row[1]) in rungs.of_after]))
        if _next(unfired(clock, [row for row in times if id(row[1]) in rungs.of_before])) == planned:
            return
        found.replanned = min(found.replanned + 1, CAP + 1)
        if planned is None or planned[0] > self.at or found.fires > CAP or not _reminds(clock):
            return
        firing = self._firing(clock, rungs.after)
        if firing.rung is None or self._firing(clock, rungs.before).rung is not None:
            return
        found.fires += 1
        if len(found.first) < SHOWN:
            found.first.append(WouldFire(clock.standing.number, clock.kind, clock.due_at, firing.rung, firing.skipped))

    def _rungs(self, kind: str, limit: str) -> _Rungs:
        key = (kind, limit)
        if key not in self._known:
            before, after = self.old.of(kind, Limit.parse(limit)), self.new.of(kind, Limit.parse(limit))
            both = (*before, *(rung for rung in after if rung not in before))
            of_before, of_after = (frozenset(id(rung) for rung in both if rung in side) for side in (before, after))
            self._known[key] = _Rungs(before, after, both, of_before, of_after)
        return self._known[key]

    def _firing(self, clock: OpenClock, rungs: Sequence[Rung]) -> Firing:
        return fire(clock, [rung for rung in rungs if rung.fits_level(clock.standing.level)], self.calendar, self.at)


def _reminds(clock: OpenClock) -> bool:
    """Whether the sweep still reminds of it: of what was made on a subject also after that ended."""
    return not clock.own or clock.standing.is_open


def _pages(subdistrict_id: int, old: RungSet, new: RungSet) -> Iterator[list[OpenClock]]:
    masks, ladder = _touched(old, new)
    codes = list(masks)
    after: tuple[datetime, int] = (_BEGINNING, 0)
    while codes:
        with connection.cursor() as cursor:
            cursor.execute(_CANDIDATES, [codes, list(masks.values()), subdistrict_id, ladder, ladder, *after, PAGE])
            rows = cursor.fetchall()
        yield _with_standings(rows)
        if len(rows) < PAGE:
            return
        after = (rows[-1][4], rows[-1][0])


def _with_standings(rows: Sequence[tuple[Any, ...]]) -> list[OpenClock]:
    """The deadlines of a page whose subject is there. One statement for each kind of subjects, one for promises."""
    stands_for = behind({row[8:] for row in rows})
    standings: dict[tuple[str, int], SubjectStanding] = {}
    for subject in subjects.every():
        ids = {pk for kind, pk in stands_for.values() if kind == subject.kind}
        if ids:
            standings |= {(subject.kind, pk): standing for pk, standing in subject.standings(ids).items()}
    return [
        OpenClock._make((*row[:8], stands_for[row[8:]] == row[8:], standings[stands_for[row[8:]]]))
        for row in rows
        if stands_for.get(row[8:]) in standings
    ]


def _touched(old: RungSet, new: RungSet) -> tuple[dict[str, int], str]:
    """The kinds of deadlines whose rungs differ, and on which ladder ("": on both).

    With each kind the bits of the rungs that decide: those that differ, and all lower ones, which may have stood behind
    one of them. A deadline that has all of these bits stays as it is.
    """
    masks: dict[str, int] = {}
    ladders: set[str] = set()
    for limit in (Limit.parse("1wd"), Limit.parse("1h")):
        for kind in (spec.code for spec in kinds.every()):
            before, after = old.of(kind, limit), new.of(kind, limit)
            differing = [rung for rung in (*before, *after) if (rung in before) != (rung in after)]
            if not differing:
                continue
            highest = max(rung.rank for rung in differing)
            mask = masks.get(kind, 0)
            for rung in (*before, *after):
                if rung in differing or rung.rank < highest:
                    mask |= rung.bit or _NEVER_FIRED
            masks[kind] = mask
            ladders.add(ladder_of(limit).value)
    return masks, "" if len(ladders) == len(Ladder) else next(iter(ladders), "")
