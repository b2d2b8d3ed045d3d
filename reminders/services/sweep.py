"""The sweep of the ladder: what is due fires, once.

One pass reads the partial index of what is due, never what is open. Each batch is one transaction in this order: the
issues are locked first (as every action on an issue does, so neither can wait for the other in a circle; an issue that
somebody works on now is left for the next pass), then their due deadlines are read again under the lock. The event, the
effect on the issue and the next rung are written together, so a worker that dies leaves either all or nothing.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.services import load_calendar
from issues.enums import OPEN, SUBJECT, Supervision
from journal.services import Entry, record_many
from reminders.enums import REMIND
from reminders.ladder import Firing, fire
from reminders.reference import load_ladder

BATCH: Final = 500
MOST_BATCHES: Final = 200
"""In one pass: well within a task's time limit. The next minute goes on."""

_CANDIDATES = """
SELECT next_rung_at, id, subject_id FROM deadlines_deadline
WHERE state = 'running' AND next_rung_at <= %s AND subject_kind = %s AND (next_rung_at, id) > (%s, %s)
ORDER BY next_rung_at, id LIMIT %s
"""
_LOCK_ISSUES = """
SELECT id, status, urge_count, supervision FROM issues_issue
WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_READ_DUE = """
SELECT id, subject_id, subdistrict_id, kind, "limit", party_id, counted_from, due_at, fired FROM deadlines_deadline
WHERE id = ANY(%s) AND subject_id = ANY(%s) AND state = 'running' AND next_rung_at <= %s
ORDER BY id FOR NO KEY UPDATE
"""
_ADVANCE = """
UPDATE deadlines_deadline AS d SET next_rung_at = v.next_rung_at, next_rung = v.next_rung, fired = v.fired
FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, next_rung_at timestamptz, next_rung text, fired smallint)
WHERE d.id = v.id
"""
_URGE = """
UPDATE issues_issue AS i SET urge_count = i.urge_count + v.urges, changed_at = %s,
    supervision = CASE WHEN i.supervision = 'none' THEN 'urged' ELSE i.supervision END
FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, urges int) WHERE i.id = v.id
"""
_BEGINNING = datetime.fromisoformat("0001-01-02T00:00:00+00:00")


@dataclass
class SweepResult:
    """What one pass did. ``fired`` counts events by rung, ``skipped`` rungs that were passed over after an outage."""

    batches: int = 0
    deadlines: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    ended: int = 0
    busy: int = 0

    def as_json(self) -> dict[str, Any]:
        """The figures as ``sweep_deadlines`` prints them."""
        return {
            "due": self.deadlines,
            "fired": dict(sorted(self.fired.items())),
            "skipped": self.skipped,
            "ended": self.ended,
            "busy": self.busy,
            "batches": self.batches,
        }


class Due(NamedTuple):
    """A due deadline as the sweep reads it."""

    id: int
    subject_id: int
    subdistrict_id: int
    kind: str
    limit: str
    party_id: int | None
    counted_from: datetime
    due_at: datetime
    fired: int


class _Issue(NamedTuple):
    id: int
    status: str
    urge_count: int
    supervision: str


def sweep(*, at: datetime, batch: int = BATCH) -> SweepResult:
    """Fire everything that is due at ``at``: one reminder for each due deadline, the highest rung only.

    An urge raises the issue's supervision to at least ``urged`` and counts; the issue's ``version`` stays, for nothing
    that a person may be editing has changed. Running twice at once, or dying in between, neither repeats nor loses any.
    """
    result, after = SweepResult(), (_BEGINNING, 0)
    calendar = load_calendar()
    for _number in range(MOST_BATCHES):
        with transaction.atomic():
            candidates = _candidates(at, after, batch)
            if candidates:
                _fire_batch(candidates, calendar, at, result)
        if len(candidates) < batch:
            break
        after = (candidates[-1][0], candidates[-1][1])
    return result


def _candidates(at: datetime, after: tuple[datetime, int], batch: int) -> list[tuple[datetime, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [at, SUBJECT, *after, batch])
        return list(cursor.fetchall())


def _fire_batch(
    candidates: Sequence[tuple[datetime, int, int]], calendar: WorkCalendar, at: datetime, result: SweepResult
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ISSUES, [sorted({row[2] for row in candidates})])
        issues = {row[0]: _Issue(*row) for row in cursor.fetchall()}
        cursor.execute(_READ_DUE, [[row[1] for row in candidates], list(issues), at])
        found = [Due(*row) for row in cursor.fetchall()]
    result.batches += 1
    result.deadlines += len(found)
    result.busy += sum(1 for row in candidates if row[2] not in issues)
    firings = [(due, _firing(due, issues[due.subject_id], calendar, at)) for due in found]
    urges = _record(firings, issues, at, result)
    _advance(firings)
    _urge(urges, at)


def _firing(due: Due, issue: _Issue, calendar: WorkCalendar, at: datetime) -> Firing:
    """What happens to one deadline; a clock that was left running on an ended issue stops reminding."""
    if issue.status not in OPEN:
        return Firing(None, (), False, due.fired, None, "")
    rungs = load_ladder(due.subdistrict_id).of(due.kind, Limit.parse(due.limit))
    return fire(due, rungs, calendar, at)


def _record(
    firings: Sequence[tuple[Due, Firing]], issues: dict[int, _Issue], at: datetime, result: SweepResult
) -> Counter[int]:
    """Write the events of a batch with one statement; returns how often each issue is urged."""
    entries: list[Entry] = []
    urges: Counter[int] = Counter()
    for due, firing in firings:
        if firing.rung is None:
            result.ended += firing.next_rung_at is None
            continue
        result.fired[firing.rung.code] += 1
        result.skipped += len(firing.skipped)
        if firing.urges:
            urges[due.subject_id] += 1
        entries.append(_entry(due, firing, issues[due.subject_id], urges[due.subject_id], at))
    record_many(entries)
    return urges


def _entry(due: Due, firing: Firing, issue: _Issue, urges: int, at: datetime) -> Entry:
    rung = firing.rung
    if rung is None:
        raise ValueError("no rung, no event")
    data: dict[str, Any] = {
        "deadline": due.id,
        "deadline_kind": due.kind,
        "rung": rung.code,
        "skipped": list(firing.skipped),
        "due_at": due.due_at.isoformat(),
        "department": due.party_id,
        "roles": list(rung.roles),
        "status": issue.status,
    }
    if firing.urges:
        data["urges"] = issue.urge_count + urges
        if issue.supervision == Supervision.NONE:
            data["supervision"] = Supervision.URGED.value
    return Entry(subject_kind=SUBJECT, subject_id=due.subject_id, kind=REMIND, at=at, data=data)


def _advance(firings: Sequence[tuple[Due, Firing]]) -> None:
    rows = [
        {
            "id": due.id,
            "next_rung_at": firing.next_rung_at.isoformat() if firing.next_rung_at else None,
            "next_rung": firing.next_rung,
            "fired": firing.fired,
        }
        for due, firing in firings
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_ADVANCE, [json.dumps(rows)])


def _urge(urges: Counter[int], at: datetime) -> None:
    if urges:
        rows = [{"id": issue_id, "urges": count} for issue_id, count in urges.items()]
        with connection.cursor() as cursor:
            cursor.execute(_URGE, [at, json.dumps(rows)])
