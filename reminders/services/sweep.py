"""The sweep of the ladder: what is due fires, once.

One pass reads the partial index of what is due, never what is open. What is due belongs to an issue, its own clocks and
those of the commitments that were made on it. Each batch is one transaction in this order: the issues are locked first
(as every action on an issue does, so neither can wait for the other in a circle; an issue that somebody works on now is
left for the next pass), then their due deadlines are read again under the lock. The event, the effect on the issue and
the next rung are written together, so a worker that dies leaves either all or nothing.

Where time itself acts on an issue (``RungEffect``), its deadline has a transaction of its own for the same steps and
the action, so that an action that fails holds nobody else up; it is tried again in the next pass.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction

from commitments.enums import SUBJECT as COMMITMENT
from deadlines.calendar import WorkCalendar
from deadlines.enums import OUTLIVING
from deadlines.limits import Limit
from deadlines.services import load_calendar
from issues.enums import OPEN, SUBJECT, DraftKind, Level, Status
from issues.services import elapsing
from issues.services.urging import Urged, urged_by_time
from journal.services import Entry, record_many
from reminders.enums import REMIND, RungEffect
from reminders.ladder import Firing, Rung, fire
from reminders.reference import load_ladder

logger = logging.getLogger(__name__)

BATCH: Final = 500
MOST_BATCHES: Final = 200
"""In one pass: well within a task's time limit. The next minute goes on."""
MOST_ACTIONS: Final = 1000
"""That time itself takes in one pass."""

_CANDIDATES = """
SELECT next_rung_at, id, subject_kind, subject_id FROM deadlines_deadline
WHERE state = 'running' AND next_rung_at <= %s AND subject_kind = ANY(%s) AND (next_rung_at, id) > (%s, %s)
ORDER BY next_rung_at, id LIMIT %s
"""
_ISSUES_OF_COMMITMENTS = """
SELECT id, subject_id FROM commitments_commitment WHERE id = ANY(%s) AND subject_kind = %s
"""
_LOCK_ISSUES = """
SELECT id, status, level FROM issues_issue
WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
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

    ``acted`` counts what time itself did, ``failed`` what it could not do and will try again.
    """

    batches: int = 0
    deadlines: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    ended: int = 0
    busy: int = 0
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
            "acted": dict(sorted(self.acted.items())),
            "failed": self.failed,
            "batches": self.batches,
        }


class Due(NamedTuple):
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

    @property
    def of_commitment(self) -> bool:
        """Whether it is a promise's and not the issue's own."""
        return self.subject_kind == COMMITMENT


class _Issue(NamedTuple):
    id: int
    status: str
    level: str


class _Candidate(NamedTuple):
    next_rung_at: datetime
    id: int
    issue_id: int | None


_Fired = Sequence[tuple[Due, _Issue, Firing]]


def sweep(*, at: datetime, batch: int = BATCH) -> SweepResult:
    """Fire everything that is due at ``at``: one reminder for each due deadline, the highest rung only.

    An urge raises the issue's supervision to at least ``urged`` and counts; the issue's ``version`` stays, for nothing
    that a person may be editing has changed. A promise reminds also after its issue has ended, and then urges its owner
    only. Running twice at once, or dying in between, neither repeats nor loses any.
    """
    result, after = SweepResult(), (_BEGINNING, 0)
    calendar = load_calendar()
    for _number in range(MOST_BATCHES):
        with transaction.atomic():
            candidates = _candidates(at, after, batch)
            acting = _fire_batch(candidates, calendar, at, result)
        for candidate in acting[: MOST_ACTIONS - result.acted.total() - result.failed]:
            _act(candidate, calendar, at, result)
        if len(candidates) < batch:
            break
        after = (candidates[-1].next_rung_at, candidates[-1].id)
    return result


def _candidates(at: datetime, after: tuple[datetime, int], batch: int) -> list[_Candidate]:
    """What may be due next, each with the issue behind it (None where there is none)."""
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [at, [SUBJECT, COMMITMENT], *after, batch])
        rows = cursor.fetchall()
        promised = [subject_id for _at, _id, kind, subject_id in rows if kind == COMMITMENT]
        issue_of: dict[int, int] = {}
        if promised:
            cursor.execute(_ISSUES_OF_COMMITMENTS, [promised, SUBJECT])
            issue_of = dict(cursor.fetchall())
    return [
        _Candidate(next_rung_at, pk, issue_of.get(subject_id) if kind == COMMITMENT else subject_id)
        for next_rung_at, pk, kind, subject_id in rows
    ]


def _fire_batch(
    candidates: Sequence[_Candidate], calendar: WorkCalendar, at: datetime, result: SweepResult
) -> list[_Candidate]:
    """Fire what is due and tells people; returns those by which time itself acts, untouched."""
    if not candidates:
        return []
    result.batches += 1
    issues, found = _lock(candidates, at, result)
    firings = _firings(candidates, issues, found, calendar, at)
    _write([row for row in firings if not row[2].action], calendar, at, result)
    acting = {due.id for due, _issue, firing in firings if firing.action}
    result.deadlines += len(firings) - len(acting)
    return [candidate for candidate in candidates if candidate.id in acting]


def _act(candidate: _Candidate, calendar: WorkCalendar, at: datetime, result: SweepResult) -> None:
    """Fire a rung by which time itself acts, and act, in one transaction."""
    done = SweepResult()
    try:
        with transaction.atomic():
            issues, found = _lock([candidate], at, done)
            firings = _firings([candidate], issues, found, calendar, at)
            _write(firings, calendar, at, done)
            for due, issue, firing in firings:
                if firing.action:
                    _take_action(firing.action, due, issue.id, at)
                    done.acted[firing.action] += 1
            done.deadlines = len(firings)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("time could not act on issue %s; it is tried again in the next pass", candidate.issue_id)
        result.failed += 1
        return
    result.deadlines += done.deadlines
    result.fired += done.fired
    result.acted += done.acted
    result.skipped += done.skipped
    result.ended += done.ended
    result.busy += done.busy


_DRAFTS: Final[Mapping[str, DraftKind]] = {
    RungEffect.ORDER: DraftKind.ORDER,
    RungEffect.YELLOW_CARD: DraftKind.YELLOW_CARD,
    RungEffect.RED_CARD: DraftKind.RED_CARD,
}
"""Documents of supervision that time drafts; somebody signs them."""


def _take_action(action: str, due: Due, issue_id: int, at: datetime) -> None:
    if action == RungEffect.DEEM:
        elapsing.acknowledge_by_time(issue_id=issue_id, at=at)
    elif action == RungEffect.EXPIRE:
        elapsing.info_expired(issue_id=issue_id, at=at)
    else:
        elapsing.draft_by_time(issue_id=issue_id, kind=_DRAFTS[action], deadline_id=due.id, at=at)


def _lock(candidates: Sequence[_Candidate], at: datetime, result: SweepResult) -> tuple[dict[int, _Issue], list[Due]]:
    """Lock the issues that nobody works on, then read what is due of them under the lock."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ISSUES, [sorted({row.issue_id for row in candidates if row.issue_id is not None})])
        issues = {row[0]: _Issue(*row) for row in cursor.fetchall()}
        free = [row.id for row in candidates if row.issue_id in issues]
        cursor.execute(_READ_DUE, [free, at])
        found = [Due(*row) for row in cursor.fetchall()]
    result.busy += len(candidates) - len(free)
    return issues, found


def _firings(
    candidates: Sequence[_Candidate],
    issues: Mapping[int, _Issue],
    found: Sequence[Due],
    calendar: WorkCalendar,
    at: datetime,
) -> list[tuple[Due, _Issue, Firing]]:
    issue_of = {row.id: row.issue_id for row in candidates}
    rows = []
    for due in found:
        issue = issues[issue_of[due.id] or 0]
        rows.append((due, issue, _firing(due, issue, calendar, at)))
    return rows


def _firing(due: Due, issue: _Issue, calendar: WorkCalendar, at: datetime) -> Firing:
    """What happens to one deadline; a clock that was left running on an ended issue stops reminding."""
    if issue.status not in OPEN and not due.of_commitment and due.kind not in OUTLIVING:
        return Firing(None, (), False, due.fired, None, "")
    rungs = load_ladder(due.subdistrict_id).of(due.kind, Limit.parse(due.limit))
    return fire(due, [rung for rung in rungs if _fits(rung, issue)], calendar, at)


def _fits(rung: Rung, issue: _Issue) -> bool:
    """Whether the rung is for this issue, and time may act so on it: never by silence on a critical or urgent one
    (docs/rules/supervision.md#side-ladders).
    """
    if not rung.fits_level(issue.level):
        return False
    if rung.effect == RungEffect.DEEM:
        return issue.status == Status.DISPATCHED and issue.level not in (Level.CRITICAL, Level.URGENT)
    return rung.effect != RungEffect.EXPIRE or issue.status == Status.NEED_INFO


def _write(firings: _Fired, calendar: WorkCalendar, at: datetime, result: SweepResult) -> None:
    """Urges, events and next rungs: a few statements, however many there are."""
    urged = _urge(firings, calendar, at)
    entries: list[Entry] = []
    for due, issue, firing in firings:
        if firing.rung is None:
            result.ended += firing.next_rung_at is None
            continue
        result.fired[firing.rung.code] += 1
        result.skipped += len(firing.skipped)
        data = _data(due, firing.rung, firing, issue) | urged.get(due.id, {})
        entries.append(Entry(subject_kind=SUBJECT, subject_id=issue.id, kind=REMIND, at=at, data=data))
    record_many(entries)
    _advance(firings)


def _urge(firings: _Fired, calendar: WorkCalendar, at: datetime) -> dict[int, dict[str, Any]]:
    """Urge where a rung does; what the event of each deadline says of it."""
    rows = [
        Urged(due.id, issue.id, due.kind, due.party_id, due.due_at) for due, issue, firing in firings if firing.urges
    ]
    return urged_by_time(rows, at, calendar) if rows else {}


def _data(due: Due, rung: Rung, firing: Firing, issue: _Issue) -> dict[str, Any]:
    """What the event of a rung says: codes, ids and moments."""
    data: dict[str, Any] = {
        "deadline": due.id,
        "deadline_kind": due.kind,
        "rung": rung.code,
        "skipped": list(firing.skipped),
        "due_at": due.due_at.isoformat(),
        "department": due.party_id,
        "roles": list(firing.roles),
        "status": issue.status,
    }
    if rung.channels:
        data["channels"] = list(rung.channels)
    if due.of_commitment:
        data["commitment"] = due.subject_id
    return data


def _advance(firings: _Fired) -> None:
    rows = [
        {
            "id": due.id,
            "next_rung_at": firing.next_rung_at.isoformat() if firing.next_rung_at else None,
            "next_rung": firing.next_rung,
            "fired": firing.fired,
            "counted_from": firing.counted_from.isoformat() if firing.counted_from else None,
        }
        for due, _issue, firing in firings
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_ADVANCE, [json.dumps(rows)])
