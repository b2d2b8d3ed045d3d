"""The facts of clocks that run: pauses and caps were not recorded before, only what they had led to.

Every open clock keeps its due time; once one of its facts changes it is counted from what is written here, which leads
to the due time that it had. What moved it before is one pause of the right length from its start.
"""

import json
from datetime import UTC, datetime

from django.db import migrations

from deadlines.calendar import WorkCalendar, wall
from deadlines.limits import Limit, Unit
from deadlines.reckoning import OUTSIDE, Facts, reckon
from deadlines.sources import YEARS_AHEAD, built_in

CAPPED = frozenset({"respond", "accept", "dispatch", "acknowledge", "first_report", "handle"})
BATCH = 1000

FIXED = """
UPDATE deadlines_deadline SET fixed_due_at = original_due_at
WHERE (state IN ('running', 'paused') OR stopped_at > now() - interval '2 days')
    AND (rule IN ('commitment', 'until') OR rule LIKE 'co:%%')
"""
JOINED = """
UPDATE issues_issue AS m SET joined_dates = v.dates FROM (
    SELECT master_id, jsonb_object_agg(number, dates) AS dates FROM (
        SELECT i.master_id, i.number, jsonb_object_agg(d.kind, d.due_at) AS dates
        FROM issues_issue i CROSS JOIN LATERAL (
            SELECT kind, min(due_at) AS due_at FROM deadlines_deadline
            WHERE subject_kind = 'issue' AND subject_id = i.id AND stopped_at = i.closed_at
                AND state IN ('cancelled', 'late')
                AND kind NOT IN ('progress', 'signature', 'urge_reply', 'inform')
            GROUP BY kind
        ) AS d
        WHERE i.status = 'merged' GROUP BY i.master_id, i.number
    ) AS one GROUP BY master_id
) AS v
WHERE m.id = v.master_id AND m.status NOT IN ('closed', 'rejected', 'withdrawn', 'merged')
"""
OPEN = """
SELECT d.id, d.kind, d."limit", d.rule, d.started_at, d.counted_from, d.due_at, d.paused_at, d.extended,
    d.fixed_due_at, i.external_due_at, i.joined_dates
FROM deadlines_deadline d JOIN issues_issue i ON i.id = d.subject_id
WHERE d.subject_kind = 'issue' AND d.state IN ('running', 'paused') AND d.id > %s
    AND (d.state = 'paused' OR d.counted_from <> d.started_at OR d.due_at <> d.original_due_at
        OR i.external_due_at IS NOT NULL OR i.joined_dates <> '{}')
ORDER BY d.id LIMIT %s
"""
WRITE = """
UPDATE deadlines_deadline AS d SET pauses = v.pauses, caps = v.caps
FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, pauses jsonb, caps jsonb) WHERE d.id = v.id
"""


def pauses_for(facts, due_at, counted_from, calendar):
    """The pause from its start that leads to ``due_at``, of about the length by which the start was moved on."""
    started, limit = wall(facts.started_at), facts.limit
    own = reckon(facts, calendar).own_due_at
    if any(cap == due_at for _source, cap in facts.caps):
        return [[started.isoformat(), wall(counted_from).isoformat(), ""]] if counted_from > started else []
    if due_at <= own:
        return []
    if limit.unit is Unit.WORKING_HOURS:
        passed = calendar.working_position(due_at) - calendar.working_position(own)
        until = calendar.at_working_position(calendar.working_position(started) + passed)
    elif limit.counts_days:
        days = (wall(due_at).date() - own.date()).days
        on = wall(started).date()
        if limit.is_working:
            days = calendar.working_days_between(own, due_at)
            until_on = calendar.shift_working_days(on, days)
        else:
            until_on = type(on).fromordinal(on.toordinal() + days)
        moved = wall(counted_from)
        until = moved if moved.date() == until_on else datetime.combine(until_on, datetime.min.time(), started.tzinfo)
        until = until if until > started else datetime.combine(until_on, started.timetz())
    else:
        until = started + (due_at - own)
    return [[started.isoformat(), until.isoformat(), ""]]


def facts_of(row, calendar):
    """The pauses and caps of one row of ``OPEN``."""
    (_pk, kind, limit, rule, started, counted_from, due_at, paused_at, extended, fixed, outside, joined) = row
    joined = json.loads(joined) if isinstance(joined, str) else joined
    caps = {number: datetime.fromisoformat(dates[kind]) for number, dates in joined.items() if kind in dates}
    if outside is not None and kind in CAPPED:
        caps[OUTSIDE] = outside
    pauses = []
    if kind != "signature":
        facts = Facts(
            Limit.parse(limit),
            started,
            fixed_due=fixed,
            extended=extended,
            caps=tuple(caps.items()),
            at_once=kind == "handle" and "redo:" not in rule,
        )
        pauses = pauses_for(facts, due_at, counted_from, calendar)
    if paused_at is not None:
        pauses.append([wall(paused_at).isoformat(), None, ""])
    return pauses, {source: wall(cap).isoformat() for source, cap in caps.items()}


def calendar_of(days):
    """The stored calendar; of a table that is empty the one that the library knows."""
    stored = {on: (work, guess) for on, work, guess in days.values_list("on", "workday", "estimated")}
    return WorkCalendar(stored) if stored else built_in(datetime.now(UTC).year + YEARS_AHEAD)


def record(apps, schema_editor):
    days = apps.get_model("deadlines", "CalendarDay").objects.using(schema_editor.connection.alias)
    calendar = None
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FIXED)
        cursor.execute(JOINED)
        after = 0
        while True:
            cursor.execute(OPEN, [after, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            calendar = calendar or calendar_of(days)
            after, found = rows[-1][0], []
            for row in rows:
                pauses, caps = facts_of(row, calendar)
                if pauses or caps:
                    found.append({"id": row[0], "pauses": pauses, "caps": caps})
            cursor.execute(WRITE, [json.dumps(found)])


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0010_joined_dates"),
        ("commitments", "0001_initial"),
        ("deadlines", "0009_facts"),
    ]

    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
