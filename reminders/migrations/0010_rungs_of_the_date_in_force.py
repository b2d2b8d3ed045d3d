"""What has fired belongs to a due time (docs/rules/time.md): before, it belonged to the deadline.

Open deadlines whose due time moved have bits of rungs that fired for an earlier one. The journal knows for which date
each rung fired: those of the date in force stay fired, those of earlier dates are kept beside. A rung whose moment was
past when the date moved, and which had fired for the date before, has been said; one whose moment came after the move
was swallowed and fires now, of several the highest.
"""

import json
from datetime import UTC, datetime

from django.db import migrations

from deadlines.arithmetic import rung_moments
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.sources import YEARS_AHEAD, built_in
from reminders.ladder import DEFAULT_LADDER, Rung, RungSet, date_key, plan

BATCH = 500
MOVED = """
SELECT d.id, CASE d.subject_kind WHEN 'issue' THEN d.subject_id ELSE c.subject_id END, d.subdistrict_id, d.kind,
    d."limit", d.counted_from, d.due_at, d.fired, d.next_rung_at, d.next_rung, d.state
FROM deadlines_deadline d LEFT JOIN commitments_commitment c ON d.subject_kind = 'commitment' AND c.id = d.subject_id
WHERE d.state IN ('running', 'paused') AND d.fired <> 0 AND d.due_at <> d.original_due_at AND d.id > %s
ORDER BY d.id LIMIT %s
"""
REMINDED = """
SELECT (data ->> 'deadline')::bigint, data ->> 'rung', data -> 'skipped', data ->> 'due_at', at
FROM journal_event WHERE subject_kind = 'issue' AND subject_id = ANY(%s) AND kind = 'remind' AND data ? 'deadline'
"""
MOVES = """
SELECT subject_id, max(at) FROM journal_event
WHERE subject_kind = 'issue' AND subject_id = ANY(%s) AND kind = ANY(%s) GROUP BY subject_id
"""
MOVING = [
    "grant_extension",
    "assign_final",
    "edit",
    "accept",
    "give_info",
    "resume",
    "recount",
    "join",
    "leave",
    "unmerge",
]
WRITE = """
UPDATE deadlines_deadline AS d SET fired = v.fired, fired_before = v.fired_before, next_rung_at = v.next_rung_at,
    next_rung = v.next_rung
FROM jsonb_to_recordset(%s::jsonb)
    AS v(id bigint, fired smallint, fired_before jsonb, next_rung_at timestamptz, next_rung text)
WHERE d.id = v.id
"""


class Row:
    """A deadline as the ladder's rules read it."""

    def __init__(self, values):
        (
            self.id, self.issue_id, self.subdistrict_id, self.kind, self.limit, self.counted_from, self.due_at,
            self.fired, self.next_rung_at, self.next_rung, self.state,
        ) = values  # fmt: skip


def rung_sets(apps, alias):
    """Sub-district → its ladder, None for the installation's."""
    sets = {}
    stored = apps.get_model("reminders", "LadderRung").objects.using(alias).filter(retired_at__isnull=True)
    for row in stored.order_by("ladder", "rank", "id"):
        sets.setdefault(row.subdistrict_id, []).append(
            Rung(
                row.ladder,
                row.code,
                row.rank,
                row.offset,
                tuple(row.roles),
                frozenset(row.kinds),
                row.effect,
                frozenset(row.levels),
                since=row.since_at,
            )
        )
    return {area: RungSet(rungs) for area, rungs in sets.items()}


def bits_of(codes, rungs):
    """The bits of the rungs with these codes; a code may stand on a ladder more than once."""
    return sum({rung.bit for rung in rungs if rung.code in codes})


def settle(row, rungs, said, past_at, calendar):
    """``fired`` and ``fired_before`` of one deadline. ``said``: (due time, codes) of each reminder about it; ``past_at``:
    when its date moved.
    """
    limit = Limit.parse(row.limit)
    in_force, before = 0, {}
    for due_at, codes in said:
        bits = bits_of(codes, rungs) & row.fired
        if due_at == row.due_at:
            in_force |= bits
        else:
            key = date_key(due_at, limit)
            before[key] = before.get(key, 0) | bits
    earlier = row.fired & ~in_force
    for moment, rung in rung_moments(rungs, row.counted_from, row.due_at, limit, calendar):
        if moment <= past_at:
            in_force |= rung.bit & earlier
    return in_force, {key: bits for key, bits in before.items() if bits}


def record(apps, schema_editor):
    alias, at = schema_editor.connection.alias, datetime.now(UTC)
    sets, calendar, after = None, None, 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(MOVED, [after, BATCH])
            rows = [Row(values) for values in cursor.fetchall()]
            if not rows:
                return
            after = rows[-1].id
            if sets is None:
                sets = rung_sets(apps, alias)
                days = apps.get_model("deadlines", "CalendarDay").objects.using(alias)
                stored = {on: (work, guess) for on, work, guess in days.values_list("on", "workday", "estimated")}
                calendar = WorkCalendar(stored) if stored else built_in(datetime.now(UTC).year + YEARS_AHEAD)
            issues = list({row.issue_id for row in rows})
            cursor.execute(REMINDED, [issues])
            said = {}
            for pk, code, skipped, due_at, _at in cursor.fetchall():
                codes = {code, *(json.loads(skipped) if isinstance(skipped, str) else skipped or ())}
                said.setdefault(pk, []).append((datetime.fromisoformat(due_at), codes))
            cursor.execute(MOVES, [issues, MOVING])
            moved_at = dict(cursor.fetchall())
            found = []
            for row in rows:
                ladder = sets.get(row.subdistrict_id) or sets.get(None) or DEFAULT_LADDER
                rungs = ladder.of(row.kind, Limit.parse(row.limit))
                past_at = moved_at.get(row.issue_id, at)
                row.fired, before = settle(row, rungs, said.get(row.id, []), past_at, calendar)
                coming = plan(row, rungs, calendar, at) if row.state == "running" else None
                found.append(
                    {
                        "id": row.id,
                        "fired": row.fired,
                        "fired_before": before,
                        "next_rung_at": coming[0].isoformat() if coming else None,
                        "next_rung": coming[1] if coming else "",
                    }
                )
            cursor.execute(WRITE, [json.dumps(found)])


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0009_failing_from"),
        ("commitments", "0001_initial"),
        ("deadlines", "0009_facts"),
        ("journal", "0001_initial"),
    ]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
