"""The sweep of 10,000 due deadlines of issues, and of promises, beside the same rows written by execute_values."""

import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from bench.report import alternate, emit, median
from commitments.models import Commitment
from common.clock import now
from issues.models import Issue
from journal.models import Event
from journal.services import readers
from papers.models import Paper
from reminders.services.sweep import BATCH, sweep

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
DUE = 10_000
SLOWER = 3.0

_ISSUES = """
CREATE TEMPORARY TABLE bench_due AS
SELECT d.id, d.subject_id, row_number() OVER (ORDER BY d.id) AS n FROM deadlines_deadline d
JOIN issues_issue i ON i.id = d.subject_id AND d.subject_kind = 'issue'
WHERE d.state = 'running' AND i.closed_at IS NULL AND d.kind NOT IN ('more_info', 'urge_reply')
ORDER BY d.id DESC LIMIT %s
"""
_PROMISES = """
CREATE TEMPORARY TABLE bench_due AS
SELECT d.id, d.subject_id, row_number() OVER (ORDER BY d.id) AS n FROM deadlines_deadline d
WHERE d.state = 'running' AND d.subject_kind = 'commitment' AND d.kind = 'fulfil'
ORDER BY d.id DESC LIMIT %s
"""
_PROMISED = """
WITH office AS (SELECT subdistrict_id AS id FROM communities_community WHERE name_zh = '夏东社区'),
organisations AS (SELECT array_agg(id ORDER BY id) AS ids FROM communities_department
    WHERE subdistrict_id IN (SELECT id FROM office)),
made AS (
    INSERT INTO commitments_commitment (id, subdistrict_id, subject_kind, subject_id, source_kind, text, owner_id,
        due_on, first_on, precision, state, version, public, historic, evidence, made_at, made_by_id)
    SELECT pk, office.id, 'commitment', pk, '', '压测承诺' || n,
        organisations.ids[1 + n %% cardinality(organisations.ids)], current_date + 5, current_date + 5, 'day', 'open',
        1, false, false, '', now() - interval '8 days', (SELECT min(id) FROM accounts_user)
    FROM office, organisations, LATERAL (
        SELECT n, nextval(pg_get_serial_sequence('commitments_commitment', 'id')) AS pk FROM generate_series(1, %s) AS n
    ) AS numbered
    RETURNING id, subdistrict_id, owner_id
)
INSERT INTO deadlines_deadline (subject_kind, subject_id, subdistrict_id, kind, state, party_id, rule, "limit",
    estimated, started_at, counted_from, soon_at, due_at, original_due_at, extended, extensions, next_rung, fired)
SELECT 'commitment', id, subdistrict_id, 'fulfil', 'running', owner_id, 'fixed', '5wd', false,
    at - interval '8 days', at - interval '8 days', at + interval '4 days', at + interval '5 days',
    at + interval '5 days', 0, 0, '', 0
FROM made, LATERAL (SELECT now() AS at) AS moment
"""
_LATER = (
    "UPDATE deadlines_deadline SET next_rung_at = %s + interval '30 days' WHERE next_rung_at <= %s + interval '1 hour'"
)
_MAKE_DUE = """
UPDATE deadlines_deadline d SET
    "limit" = '5wd', started_at = %(at)s - interval '8 days', counted_from = %(at)s - interval '8 days',
    due_at = CASE WHEN b.n %% 4 = 0 OR d.kind IN ('progress', 'inform') THEN %(at)s - interval '1 minute'
        ELSE %(at)s + interval '5 hours' END,
    soon_at = %(at)s - interval '1 day', fired = 0, next_rung_at = %(at)s - interval '1 minute', next_rung = 'due_soon'
FROM bench_due b WHERE b.id = d.id
"""


def measure_sweep() -> bool:
    """Seconds for 10,000 due deadlines of issues, and of promises that stand for themselves.

    A quarter of them is overdue, so that what they stand for is urged by a numbered paper. Among those of issues are
    the side clocks that the seeded ones have. Rungs by which time itself acts on an issue are left out: each of those
    is an action of the workflow with a transaction of its own (see the measure ``actions``).
    """
    at = now()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_LATER, [at, at])
        if not Commitment.objects.filter(source_kind="", text__startswith="压测承诺").exists():
            cursor.execute(_PROMISED, [DUE])
    opened = Issue.objects.open().count()
    seconds, good = _measure("sweep_10000", _ISSUES, at, opened)
    _seconds, also = _measure("sweep_10000_promises", _PROMISES, at, opened)
    kept = Path(os.environ["BENCH_RECORDINGS"]) / f"sweep-{opened}.json"
    kept.write_text(json.dumps({"open": opened, "seconds": seconds}), encoding="utf-8")
    return good and also


def _measure(name: str, chosen: str, at: datetime, opened: int) -> tuple[float, bool]:
    """The seconds of one sweep of what is chosen, and whether the bound is held."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_due")
        cursor.execute(chosen, [DUE])
        cursor.execute("CREATE UNIQUE INDEX ON bench_due (id)")
        cursor.execute("SELECT count(*) FROM bench_due")
        found = cursor.fetchone()[0]
    if found < DUE:
        raise RuntimeError(f"only {found} running deadlines")
    _due(at)
    first = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    first_paper = Paper.objects.order_by("-id").values_list("id", flat=True).first() or 0
    done = sweep(at=at)
    if done.deadlines != DUE:
        raise RuntimeError(f"the sweep found {done.deadlines} of {DUE} due deadlines")
    if done.acted or done.failed:
        raise RuntimeError(f"time acted: {done.as_json()}")
    rows = _written(first, first_paper)

    def ours() -> float:
        _due(at)
        began = time.perf_counter()
        sweep(at=at)
        return time.perf_counter() - began

    def plain() -> float:
        _due(at)
        began = time.perf_counter()
        _write(rows)
        return time.perf_counter() - began

    mine, theirs = alternate(ours, plain, ROUNDS)
    ratio = median(mine) / median(theirs)
    emit(
        name,
        passed=ratio <= SLOWER,
        open_issues=opened,
        ratio=ratio,
        bound=SLOWER,
        seconds=median(mine),
        plain_seconds=median(theirs),
        fired=dict(done.fired),
        rows={kind: len(written) for kind, written in rows.items()},
    )
    return median(mine), ratio <= SLOWER


def _due(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_DUE, {"at": at})
        cursor.execute("DELETE FROM journal_pending")
        cursor.execute("VACUUM deadlines_deadline, journal_pending, issues_issue" if _small() else "SELECT 1")


def _small() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples < 100000 FROM pg_class WHERE oid = 'issues_issue'::regclass")
        return bool(cursor.fetchone()[0])


def _written(after: int, after_paper: int) -> dict[str, list[Any]]:
    """The rows that the sweep just wrote: events, deadlines, issues, papers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT subject_kind, subject_id, kind, at, actor_id, actor_role, visible, data::text, texts::text "
            "FROM journal_event WHERE id > %s ORDER BY id",
            [after],
        )
        events = cursor.fetchall()
        cursor.execute(
            "SELECT d.id, d.next_rung_at, d.next_rung, d.fired, d.counted_from FROM deadlines_deadline d "
            "JOIN bench_due b USING (id) ORDER BY b.n"
        )
        deadlines = cursor.fetchall()
        cursor.execute(
            "SELECT id, urge_count, supervision, changed_at, urged_at FROM issues_issue WHERE id IN "
            "(SELECT subject_id FROM journal_event WHERE id > %s AND subject_kind = 'issue' AND data ? 'urges') "
            "ORDER BY id",
            [after],
        )
        issues = cursor.fetchall()
        cursor.execute(
            "SELECT subdistrict_id, kind, year, serial, subject_kind, subject_id, department_id, deadline_id, "
            "deadline_kind, due_at, urges, issued_at FROM papers_paper WHERE id > %s ORDER BY id",
            [after_paper],
        )
        papers = cursor.fetchall()
    return {"events": events, "deadlines": deadlines, "issues": issues, "papers": papers}


def _write(rows: dict[str, list[Any]]) -> None:
    """The same rows, without reading or deciding anything, in the same number of transactions."""
    batches = -(-len(rows["deadlines"]) // BATCH)
    for number in range(batches):
        with transaction.atomic(), connection.cursor() as wrapped:
            cursor = wrapped.cursor
            part = {
                name: found[number * len(found) // batches : (number + 1) * len(found) // batches]
                for name, found in rows.items()
            }
            ids = execute_values(
                cursor,
                "INSERT INTO journal_event (subject_kind, subject_id, kind, at, actor_id, actor_role, visible, data, "
                "texts) VALUES %s RETURNING id",
                part["events"],
                page_size=BATCH,
                fetch=True,
            )
            for reader in readers():
                execute_values(
                    cursor,
                    "INSERT INTO journal_pending (event_id, reader) VALUES %s",
                    [(row[0], reader) for row in ids],
                    page_size=BATCH,
                )
            execute_values(
                cursor,
                "UPDATE deadlines_deadline d SET next_rung_at = v.at, next_rung = v.rung, fired = v.fired, "
                "counted_from = v.counted_from "
                "FROM (VALUES %s) AS v (id, at, rung, fired, counted_from) WHERE d.id = v.id",
                part["deadlines"],
                template="(%s, %s::timestamptz, %s, %s, %s::timestamptz)",
                page_size=BATCH,
            )
            if part["issues"]:
                execute_values(
                    cursor,
                    "UPDATE issues_issue i SET urge_count = v.urges, supervision = v.supervision, changed_at = v.at, "
                    "urged_at = v.urged_at FROM (VALUES %s) AS v (id, urges, supervision, at, urged_at) "
                    "WHERE i.id = v.id",
                    part["issues"],
                    template="(%s, %s, %s, %s::timestamptz, %s::timestamptz)",
                    page_size=BATCH,
                )
            if part["papers"]:
                _write_papers(cursor, part["papers"])


def _write_papers(cursor: Any, papers: list[Any]) -> None:
    """The same papers under numbers that follow, and the series' last number with them."""
    cursor.execute(
        "UPDATE papers_paperseries SET last = last + %s WHERE (subdistrict_id, kind, year) = (%s, %s, %s) "
        "RETURNING last",
        [len(papers), *papers[0][:3]],
    )
    serial = cursor.fetchone()[0] - len(papers)
    rows = [
        (*papers[0][:3], serial + number, f"{row[0]}-{serial + number:09d}", *row[4:])
        for number, row in enumerate(papers, start=1)
    ]
    execute_values(
        cursor,
        "INSERT INTO papers_paper (subdistrict_id, kind, year, serial, number, subject_kind, subject_id, "
        "department_id, deadline_id, deadline_kind, due_at, urges, issued_at) VALUES %s",
        rows,
        page_size=BATCH,
    )
