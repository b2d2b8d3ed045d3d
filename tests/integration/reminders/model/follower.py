"""Leads the model's clocks by what happens to the application's: pauses, extensions, notices, ends.

It reads of a deadline what somebody decided (its kind, its limit, that it pauses, what a correction makes of it) and
counts for itself what follows from that: what is left, when it is due again, from when it counts. It never reads
``counted_from``, ``fired`` or ``next_rung``.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from tests.integration.reminders.model.days import MINUTE, Days, local
from tests.integration.reminders.model.ladder import Clock, due_by

SET_BY_SOMEBODY = frozenset({"suspension_review", "co_reply", "fulfil", "commitment_review", "note"})
"""Kinds whose first date is not what their limit gives."""

ADDING = frozenset({"grant_extension", "assign_final"})
"""Actions that move a due time by working days."""

_ROWS = """
SELECT d.id, d.kind, d."limit", d.state, d.rule, d.started_at, d.due_at, d.paused_at, d.remaining, d.next_rung_at,
    coalesce(c.subject_id, d.subject_id) AS issue_id
FROM deadlines_deadline d LEFT JOIN commitments_commitment c ON d.subject_kind = 'commitment' AND c.id = d.subject_id
WHERE coalesce(c.subject_id, d.subject_id) = ANY(%s) ORDER BY d.id
"""


@dataclass(frozen=True)
class Row:
    """A deadline as the database has it."""

    id: int
    kind: str
    limit: str
    state: str
    rule: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    remaining: int | None
    next_rung_at: datetime | None
    issue_id: int


def read(issues: list[int]) -> list[Row]:
    """All deadlines of these issues and of what was promised on them."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [issues])
        return [Row(*row) for row in cursor.fetchall()]


@dataclass
class Follower:
    """The model's clocks by the deadline's id."""

    days: Days
    clocks: dict[int, Clock] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)

    def follow(self, rows: list[Row], at: datetime, cause: str = "", data: dict[str, Any] | None = None) -> None:
        """Take in what changed since the last time. ``cause``: the action that somebody took, "" for time's own."""
        for row in rows:
            before, clock = self.rows.get(row.id), self.clocks.get(row.id)
            self.rows[row.id] = row
            if before is None or clock is None:
                self.clocks[row.id] = self._begun(row, at)
            elif before != row:
                self._changed(clock, before, row, at, cause, data or {})

    def notice(self, rows: list[Row], at: datetime, before: Days) -> None:
        """A notice changed the calendar: what is not overdue keeps what is left, counted by the new one.

        What the changed days do not touch stays where it is.
        """
        for row in rows:
            clock = self.clocks[row.id]
            self.rows[row.id] = row
            if clock.runs and clock.in_office_time and at <= clock.due:
                aside, after = replace(clock), replace(clock)
                aside.pause(at, before)
                after.pause(at, self.days)
                if aside.left != after.left or not self.days.works(local(clock.due).date()):
                    clock.due = aside.due_from(at, self.days)
            assert row.due_at == clock.due, (row, clock)

    def _begun(self, row: Row, at: datetime) -> Clock:
        if row.kind not in SET_BY_SOMEBODY and not row.rule.startswith("external:"):
            assert row.due_at == due_by(row.limit, row.started_at, self.days), row
        clock = Clock(row.kind, row.limit, row.started_at, row.due_at)
        if row.state == "paused":
            clock.pause(at, self.days)
        clock.open = row.state in ("running", "paused")
        return clock

    def _changed(self, clock: Clock, before: Row, row: Row, at: datetime, cause: str, data: dict[str, Any]) -> None:
        assert row.started_at == before.started_at, (before, row)
        was, now = before.state, row.state
        if now not in ("running", "paused"):
            clock.open = False
            return
        assert clock.open, "what has ended runs again"
        if (was, now) == ("running", "paused"):
            self._paused(clock, row, at)
        elif (was, now) == ("paused", "running"):
            self._resumed(clock, row, at, cause)
        elif (clock.limit, clock.due) != (row.limit, row.due_at):
            self._moved(clock, row, cause, data)

    def _paused(self, clock: Clock, row: Row, at: datetime) -> None:
        clock.pause(at, self.days)
        assert (row.due_at, row.paused_at) == (clock.due, at)
        if not clock.late:
            assert row.remaining == clock.left, (row, clock)

    def _resumed(self, clock: Clock, row: Row, at: datetime, cause: str) -> None:
        paused = clock.paused or at
        due = clock.resume(at, self.days)
        if due is None:
            assert row.due_at < max(at, paused), "a pause forgave that it was late"
        elif cause in ("", "give_info"):
            assert row.due_at in (due, max(due, self.days.reach(max(at, paused), 240 * MINUTE))), (row, clock, due)
        else:
            assert row.due_at == due, (row, clock, due)
        clock.due = row.due_at

    def _moved(self, clock: Clock, row: Row, cause: str, data: dict[str, Any]) -> None:
        """Somebody gave time, or corrected what the matter is, or a department came in between."""
        if cause in ADDING and row.kind == "handle":
            days = int(data.get("extra_days") or data["days"])
            assert row.due_at == self.days.closing(self.days.later(local(clock.due).date(), days)), (row, clock)
        else:
            assert cause, ("a due time moved by itself", row, clock)
        clock.limit, clock.due = row.limit, row.due_at
