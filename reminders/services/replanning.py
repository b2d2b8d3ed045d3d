"""After an edit of the ladder: the open deadlines get their next rung anew, in batches, in the background.

Nothing is repeated: what fired keeps its bit. Each batch is one short transaction that also says how far it came, so
that a worker that dies loses nothing and a million deadlines are never one transaction. A batch waits for nobody: it
leaves out deadlines that somebody works on now and comes back to them.

It begins once every process has read the new ladder (``held.CHECK_AFTER``): whoever plans a deadline before that
may still use the old one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from common.held import CHECK_AFTER
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.services import load_calendar
from reminders import ladder
from reminders.models import LadderReplan
from reminders.reference import load_ladder

BATCH: Final = 1000
MOST_BATCHES: Final = 100
"""In one pass: well within a task's time limit. The next minute goes on."""
SETTLED_AFTER: Final = timedelta(seconds=CHECK_AFTER + 5)
MOST_AGAIN: Final = 10_000
"""Deadlines to come back to; more than that and the pass waits for them first."""

_CANDIDATES = """
SELECT id FROM deadlines_deadline
WHERE id > %s AND state = 'running' AND (%s::bigint IS NULL OR subdistrict_id = %s) ORDER BY id LIMIT %s
"""
_LOCK = """
SELECT id, subdistrict_id, kind, "limit", counted_from, due_at, fired, next_rung_at, next_rung
FROM deadlines_deadline WHERE id = ANY(%s) AND state = 'running' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_STILL_RUNNING = "SELECT id FROM deadlines_deadline WHERE id = ANY(%s) AND state = 'running'"
_PLAN = """
UPDATE deadlines_deadline AS d SET next_rung_at = v.next_rung_at, next_rung = v.next_rung
FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, next_rung_at timestamptz, next_rung text) WHERE d.id = v.id
"""


@dataclass
class ReplanResult:
    """What one pass did: deadlines looked at, those that have another next rung now, and edits that are done."""

    seen: int = 0
    changed: int = 0
    finished: int = 0
    batches: int = 0

    def as_json(self) -> dict[str, int]:
        """The figures as the task notes them."""
        return {"seen": self.seen, "changed": self.changed, "finished": self.finished, "batches": self.batches}


class _Row(NamedTuple):
    id: int
    subdistrict_id: int
    kind: str
    limit: str
    counted_from: datetime
    due_at: datetime
    fired: int
    next_rung_at: datetime | None
    next_rung: str


def replan(*, at: datetime, batch: int = BATCH, most_batches: int = MOST_BATCHES) -> ReplanResult:
    """Go on with what was requested. Running twice at once shares the requests; dying in between loses nothing."""
    result = ReplanResult()
    calendar = load_calendar()
    for _number in range(most_batches):
        with transaction.atomic():
            if not _next_batch(at, batch, calendar, result):
                break
    return result


def _next_batch(at: datetime, batch: int, calendar: WorkCalendar, result: ReplanResult) -> bool:
    """One batch of the oldest request; False where nothing is left to do now."""
    open_requests = LadderReplan.objects.filter(finished_at__isnull=True, requested_at__lte=at - SETTLED_AFTER)
    request = open_requests.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if request is None:
        return False
    area = request.subdistrict_id
    with connection.cursor() as cursor:
        ids: list[int] = []
        if len(request.again) < MOST_AGAIN:
            cursor.execute(_CANDIDATES, [request.after_id, area, area, batch])
            ids = [row[0] for row in cursor.fetchall()]
        back = not ids
        wanted = ids or request.again[:batch]
        planned, changed = _plan(cursor, wanted, calendar, at)
        left = _left(cursor, wanted, planned)
    request.again = [*(request.again[batch:] if back else request.again), *left]
    request.after_id = ids[-1] if ids else request.after_id
    request.seen += len(planned)
    request.changed += changed
    if back and not request.again:
        request.finished_at = at
        result.finished += 1
    request.save(update_fields=["again", "after_id", "seen", "changed", "finished_at"])
    result.batches += 1
    result.seen += len(planned)
    result.changed += changed
    return not back or not left


def _plan(cursor: Any, ids: Sequence[int], calendar: WorkCalendar, at: datetime) -> tuple[set[int], int]:
    """Plan those that nobody works on; returns which were looked at, and how many have another next rung now."""
    if not ids:
        return set(), 0
    cursor.execute(_LOCK, [list(ids)])
    found = [_Row(*row) for row in cursor.fetchall()]
    moved = []
    for row in found:
        rungs = load_ladder(row.subdistrict_id).of(row.kind, Limit.parse(row.limit))
        next_at, code = ladder.plan(row, rungs, calendar, at) or (None, "")
        if (next_at, code) != (row.next_rung_at, row.next_rung):
            moved.append({"id": row.id, "next_rung_at": next_at.isoformat() if next_at else None, "next_rung": code})
    if moved:
        cursor.execute(_PLAN, [json.dumps(moved)])
    return {row.id for row in found}, len(moved)


def _left(cursor: Any, wanted: Sequence[int], planned: set[int]) -> list[int]:
    """Those that somebody works on and that still run."""
    missing = [pk for pk in wanted if pk not in planned]
    if not missing:
        return []
    cursor.execute(_STILL_RUNNING, [missing])
    return [row[0] for row in cursor.fetchall()]
