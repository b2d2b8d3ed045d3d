"""The sweep of the ladder: what is due fires, once.

One pass reads the partial index of what is due, never what is open. What is due belongs to a subject that a domain
registered, by itself or as something that was made on one. Each batch is one transaction in this order: the subjects
are locked first, kind by kind (as every action on them does, so neither can wait for the other in a circle; one that
somebody works on now is left for the next pass), then their due deadlines are read again under the lock. The event, the
effect on the subject and the next rung are written together, so a worker that dies leaves either all or nothing.

Where time itself acts on a subject (``RungSpec.effect``), its deadline has a transaction of its own for the same steps
and the action, so that an action that fails holds nobody else up; it is tried again in the next pass.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction

from deadlines import kinds
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.services import load_calendar
from deadlines.subjects import behind
from journal.services import Entry, record_many
from reminders import subjects
from reminders.enums import REMIND
from reminders.ladder import Firing, Rung, fire
from reminders.reference import load_ladder
from reminders.subjects import Subject, SubjectStanding, Urged

logger = logging.getLogger(__name__)

BATCH: Final = 500
MOST_BATCHES: Final = 200
"""In one pass: well within a task's time limit. The next minute goes on."""
MOST_ACTIONS: Final = 1000
"""That time itself takes in one pass."""

_CANDIDATES = """
SELECT next_rung_at, id, subject_kind, subject_id FROM deadlines_deadline
WHERE state = 'running' AND next_rung_at <= %s AND (next_rung_at, id) > (%s, %s)
ORDER BY next_rung_at, id LIMIT %s
"""
_READ_DUE = """
SELECT id, subject_kind, subject_id, subdistrict_id, kind, "limit", party_id, counted_from, due_at, fired, next_rung_at
FROM deadlines_deadline WHERE id = ANY(%s) AND state = 'running' AND next_rung_at <= %s
ORDER BY id FOR NO KEY UPDATE
"""
_ADVANCE = """
UPDATE deadlines_deadline AS d SET next_rung_at = v.next_rung_at, next_rung = v.next_rung, fired = v.fired,
    counted_from = coalesce(v.counted_from, d.counted_from)
FROM jsonb_to_recordset(%s::jsonb)
    AS v(id bigint, next_rung_at timestamptz, next_rung text, fired smallint, counted_from timestamptz)
WHERE d.id = v.id
"""
_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")


@dataclass
class SweepResult:
    """What one pass did. ``fired`` counts events by rung, ``skipped`` rungs that were passed over after an outage.

    ``acted`` counts what time itself did, ``failed`` what it could not do and will try again. ``busy`` are left for the
    next pass because somebody works on them; ``unknown`` belong to a subject that does not exist or whose kind nobody
    registered: they never fire, and the health page shows it.
    """

    batches: int = 0
    deadlines: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    ended: int = 0
    busy: int = 0
    unknown: int = 0
    acted: Counter[str] = field(default_factory=Counter)
    failed: int = 0

    def as_json(self) -> dict[str, Any]:
        """The figures as ``sweep_deadlines`` prints them."""
        return {
            "due": self.deadlines,
            "fired": dict(sorted(self.fired.items())),
            "skipped": self.skipped,
            "ended": self.ended,
            "busy": self.busy,
            "unknown": self.unknown,
            "acted": dict(sorted(self.acted.items())),
            "failed": self.failed,
            "batches": self.batches,
        }


class DueRow(NamedTuple):
    """A due deadline as the sweep reads it."""

    id: int
    subject_kind: str
    subject_id: int
    subdistrict_id: int
    kind: str
    limit: str
    party_id: int | None
    counted_from: datetime
    due_at: datetime
    fired: int
    next_rung_at: datetime | None


class _Candidate(NamedTuple):
    """What may be due, and the subject that it stands for."""

    next_rung_at: datetime
    id: int
    subject: tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A due deadline, the subject that it stands for, and what happens to it."""

    due: DueRow
    subject: Subject[Any]
    standing: SubjectStanding
    firing: Firing

    @property
    def own(self) -> bool:
        """Whether it is the subject's own and not that of something made on it."""
        return self.due.subject_kind == self.subject.kind


def sweep(*, at: datetime, batch: int = BATCH) -> SweepResult:
    """Fire everything that is due at ``at``: one reminder for each due deadline, the highest rung only.

    What was made on a subject reminds also after the subject has ended. Running twice at once, or dying in between,
    neither repeats nor loses any.
    """
    result, after = SweepResult(), (_BEGINNING, 0)
    calendar = load_calendar()
    for _number in range(MOST_BATCHES):
        with transaction.atomic():
            read, candidates = _candidates(at, after, batch)
            acting = _fire_batch(candidates, calendar, at, result)
        result.unknown += len(read) - len(candidates)
        for candidate in acting[: MOST_ACTIONS - result.acted.total() - result.failed]:
            _act(candidate, calendar, at, result)
        if len(read) < batch:
            break
        after = read[-1]
    return result


def _candidates(
    at: datetime, after: tuple[datetime, int], batch: int
) -> tuple[list[tuple[datetime, int]], list[_Candidate]]:
    """What may be due next, in order; and of it what stands for a subject of a known kind."""
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [at, *after, batch])
        rows = cursor.fetchall()
    stands_for = behind({(kind, subject_id) for _at, _id, kind, subject_id in rows})
    found = [
        _Candidate(next_rung_at, pk, subject)
        for next_rung_at, pk, *own in rows
        if (subject := stands_for.get((own[0], own[1]))) is not None and subjects.find(subject[0]) is not None
    ]
    return [(next_rung_at, pk) for next_rung_at, pk, *_own in rows], found


def _fire_batch(
    candidates: Sequence[_Candidate], calendar: WorkCalendar, at: datetime, result: SweepResult
) -> list[_Candidate]:
    """Fire what is due and tells people; returns those by which time itself acts, untouched."""
    if not candidates:
        return []
    result.batches += 1
    rows = _rows(candidates, calendar, at, result)
    _write([row for row in rows if not row.firing.action], calendar, at, result)
    acting = {row.due.id for row in rows if row.firing.action}
    result.deadlines += len(rows) - len(acting)
    return [candidate for candidate in candidates if candidate.id in acting]


def _act(candidate: _Candidate, calendar: WorkCalendar, at: datetime, result: SweepResult) -> None:
    """Fire a rung by which time itself acts, and act, in one transaction."""
    done = SweepResult()
    try:
        with transaction.atomic():
            rows = _rows([candidate], calendar, at, done)
            _write(rows, calendar, at, done)
            for row in rows:
                if row.firing.action:
                    row.subject.act(row.firing.action, subject_id=row.standing.id, deadline_id=row.due.id, at=at)
                    done.acted[row.firing.action] += 1
            done.deadlines = len(rows)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("time could not act on %s %s; it is tried again in the next pass", *candidate.subject)
        result.failed += 1
        return
    result.deadlines += done.deadlines
    result.fired += done.fired
    result.acted += done.acted
    result.skipped += done.skipped
    result.ended += done.ended
    result.busy += done.busy
    result.unknown += done.unknown


def _rows(candidates: Sequence[_Candidate], calendar: WorkCalendar, at: datetime, result: SweepResult) -> list[_Row]:
    """Lock the subjects that nobody works on, then read what is due of them under the lock."""
    standings = _lock(candidates, result)
    free = {row.id: row.subject for row in candidates if row.subject in standings}
    with connection.cursor() as cursor:
        cursor.execute(_READ_DUE, [list(free), at])
        found = [DueRow(*row) for row in cursor.fetchall()]
    rows = []
    for due in found:
        subject, standing = standings[free[due.id]]
        rows.append(_Row(due, subject, standing, _firing(due, subject, standing, calendar, at)))
    return rows


def _lock(
    candidates: Sequence[_Candidate], result: SweepResult
) -> dict[tuple[str, int], tuple[Subject[Any], SubjectStanding]]:
    """The subjects that could be locked, kind by kind; the others are busy, or are not there at all."""
    locked: dict[tuple[str, int], tuple[Subject[Any], SubjectStanding]] = {}
    for subject in subjects.every():
        mine = [row.subject[1] for row in candidates if row.subject[0] == subject.kind]
        if not mine:
            continue
        standings = subject.lock(set(mine))
        locked |= {(subject.kind, pk): (subject, standing) for pk, standing in standings.items()}
        left = [pk for pk in mine if pk not in standings]
        there = subject.standings(set(left)) if left else {}
        result.busy += sum(pk in there for pk in left)
        result.unknown += sum(pk not in there for pk in left)
    return locked


def _firing(
    due: DueRow, subject: Subject[Any], standing: SubjectStanding, calendar: WorkCalendar, at: datetime
) -> Firing:
    """What happens to one deadline; a clock that was left running on a subject that ended stops reminding."""
    if not standing.is_open and due.subject_kind == subject.kind and not _outlives(due.kind):
        return Firing(None, (), False, due.fired, None, "")
    rungs = load_ladder(due.subdistrict_id).of(due.kind, Limit.parse(due.limit))
    return fire(due, [rung for rung in rungs if _fits(rung, subject, standing)], calendar, at)


def _outlives(clock: str) -> bool:
    spec = kinds.find(clock)
    return spec is not None and spec.outlives


def _fits(rung: Rung, subject: Subject[Any], standing: SubjectStanding) -> bool:
    """Whether the rung is for this subject, and time may act so on it."""
    return rung.fits_level(standing.level) and (not rung.acts or subject.may_act(rung.effect, standing))


def _write(rows: Sequence[_Row], calendar: WorkCalendar, at: datetime, result: SweepResult) -> None:
    """Urges, events and next rungs: a few statements, however many there are."""
    urged = _urge(rows, calendar, at)
    entries: list[Entry] = []
    for row in rows:
        rung = row.firing.rung
        if rung is None:
            result.ended += row.firing.next_rung_at is None
            continue
        result.fired[rung.code] += 1
        result.skipped += len(row.firing.skipped)
        data = {**_data(row, rung), **urged.get(row.due.id, {})}
        entries.append(Entry(subject_kind=row.subject.kind, subject_id=row.standing.id, kind=REMIND, at=at, data=data))
    record_many(entries)
    _advance(rows)


def _urge(rows: Sequence[_Row], calendar: WorkCalendar, at: datetime) -> dict[int, Mapping[str, Any]]:
    """Urge where a rung does; what the event of each deadline says of it."""
    found: dict[int, Mapping[str, Any]] = {}
    for subject in subjects.every():
        urged = [
            Urged(row.due.id, row.standing.id, row.due.kind, row.due.party_id, row.due.due_at)
            for row in rows
            if row.firing.urges and row.subject is subject
        ]
        found |= subject.urge(urged, at, calendar) if urged else {}
    return found


def _data(row: _Row, rung: Rung) -> dict[str, Any]:
    """What the event of a rung says: codes, ids and moments."""
    due, firing = row.due, row.firing
    data: dict[str, Any] = {
        "deadline": due.id,
        "deadline_kind": due.kind,
        "rung": rung.code,
        "skipped": list(firing.skipped),
        "due_at": due.due_at.isoformat(),
        "department": due.party_id,
        "roles": list(firing.roles),
        "status": row.standing.status,
    }
    if rung.channels:
        data["channels"] = list(rung.channels)
    if not row.own:
        data[due.subject_kind] = due.subject_id
    return data


def _advance(rows: Sequence[_Row]) -> None:
    moved = [
        {
            "id": row.due.id,
            "next_rung_at": row.firing.next_rung_at.isoformat() if row.firing.next_rung_at else None,
            "next_rung": row.firing.next_rung,
            "fired": row.firing.fired,
            "counted_from": row.firing.counted_from.isoformat() if row.firing.counted_from else None,
        }
        for row in rows
    ]
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(_ADVANCE, [json.dumps(moved)])
