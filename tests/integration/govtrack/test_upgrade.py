"""A loaded database of the state that landed before goes up to the present one, and works there.

The rows are made in the old shape, in a database of the test's own: departments' cases of the foundation, when nothing
could be deferred, joined or promised yet.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from deadlines.limits import Limit
from deadlines.models import Deadline
from deadlines.reckoning import reckon
from deadlines.sources import built_in
from tests.support.migrated import quickly

pytestmark = [
    pytest.mark.long, pytest.mark.serial,
    pytest.mark.usefixtures("django_db_setup"),
]  # fmt: skip
"""Old migrations read the default database: it is there, whichever test runs first."""

BASE = Path(__file__).resolve().parents[3]
ALIAS = "upgraded"
LANDED = {"issues": "0003_search_statistics", "deadlines": "0001_initial", "reminders": "0002_default_ladder"}
"""What the state that landed before had of the apps that have grown since; ``NEW`` it did not have."""
NEW = {"commitments", "door", "files", "leaders", "ledger", "meetings", "papers", "privacy", "proposals"}
COUNT = 300

ISSUES = """
INSERT INTO issues_issue (id, subdistrict_id, year, serial, number, token, version, title, description, kind, level,
    level_set, source, external_number, category_id, community_id, address, confidential, logged_by_id, status, turn,
    outcome, verdict, solved, supervision, lead_department_id, officer_id, return_count, redo_count, reopen_count,
    urge_count, call_attempts, created_at, accepted_at, accepted_by_id, dispatched_at, acknowledged_at, replied_at,
    replied_by_id, verified_at, verified_by_id, closed_at, changed_at, due_kind, due_at, soon_at, overdue_at,
    due_working, due_estimated, urgency, rank_at, lexemes)
SELECT n, 1, 2026, n, '桂城-2026-' || lpad(n::text, 6, '0'), 'token-' || n, 3, '路灯不亮', '已有一段时间。', 'help',
    'normal', false, 'phone', '', 1, 1, '', false, 1, status,
    CASE status WHEN 'closed' THEN 'nobody' WHEN 'submitted' THEN 'community' ELSE 'department' END,
    CASE status WHEN 'closed' THEN 'solved' ELSE '' END, '', '', 'none',
    CASE WHEN status <> 'submitted' THEN 2 END, CASE WHEN status IN ('in_progress', 'closed') THEN 2 END, 0, 0, 0, 0, 0,
    at, at, 1, at, CASE WHEN status IN ('in_progress', 'closed') THEN at END, CASE status WHEN 'closed' THEN at END,
    CASE status WHEN 'closed' THEN 2 END, CASE status WHEN 'closed' THEN at END, CASE status WHEN 'closed' THEN 1 END,
    CASE status WHEN 'closed' THEN at END, at, CASE status WHEN 'closed' THEN '' ELSE kind END,
    CASE WHEN status <> 'closed' THEN due END, CASE WHEN status <> 'closed' THEN due END,
    CASE WHEN status <> 'closed' THEN due END, true, false, 1,
    CASE status WHEN 'closed' THEN '9999-01-01'::timestamptz ELSE due END, '''路灯'''
FROM (SELECT n, (ARRAY['closed', 'closed', 'in_progress', 'dispatched', 'submitted'])[1 + n %% 5] AS status,
        (ARRAY['', '', 'handle', 'acknowledge', 'accept'])[1 + n %% 5] AS kind,
        now() - interval '40 days' AS at, now() - interval '20 days' AS due
    FROM generate_series(1, %(count)s) AS n) AS old
"""
PARTS = """
INSERT INTO issues_issuedepartment (issue_id, department_id, role, current, dispatched_at, acknowledged_at)
SELECT id, 2, 'lead', true, dispatched_at, acknowledged_at FROM issues_issue WHERE lead_department_id IS NOT NULL
"""
CLOCKS = """
INSERT INTO deadlines_deadline (subdistrict_id, subject_kind, subject_id, kind, state, party_id, rule, "limit",
    estimated, started_at, counted_from, soon_at, due_at, original_due_at, extended, extensions, next_rung_at,
    next_rung, fired)
SELECT 1, 'issue', id, due_kind, 'running', CASE due_kind WHEN 'accept' THEN 1 ELSE 2 END, 'kind:help', '5wd', false,
    created_at, created_at, due_at, due_at, due_at, 0, 0, now() - interval '1 day', 'urge', 0
FROM issues_issue WHERE due_kind <> ''
"""
EVENTS = """
INSERT INTO journal_event (subject_kind, subject_id, kind, at, actor_id, actor_role, visible, data, texts)
SELECT 'issue', id, e.kind, created_at, 1, 'clerk', true, jsonb_build_object('to', status, 'version', v), '{}'
FROM issues_issue, unnest(ARRAY['create', 'accept', 'dispatch']) WITH ORDINALITY AS e(kind, v) ORDER BY id, v
"""


@pytest.fixture
def empty_url(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """An empty database beside that of the tests."""
    url = urlsplit(_url())
    name = f"{url.path.lstrip('/')}_upgrade"
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    with django_db_blocker.unblock():
        yield url._replace(path=f"/{name}").geturl()
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _url() -> str:
    default = settings.DATABASES["default"]
    host, port = default["HOST"] or "127.0.0.1", default["PORT"] or 5432
    name = connections["default"].settings_dict["NAME"]
    return f"postgres://{default['USER']}:{default['PASSWORD']}@{host}:{port}/{name}"


@contextmanager
def _server() -> Iterator[Any]:
    connection = psycopg2.connect(_url())
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


@pytest.fixture
def database(empty_url: str) -> Iterator[BaseDatabaseWrapper]:
    """The empty database as a further one of Django's."""
    name = urlsplit(empty_url).path.lstrip("/")
    connections.databases[ALIAS] = {**connections["default"].settings_dict, "NAME": name}
    try:
        yield connections[ALIAS]
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.databases[ALIAS]


def landed(executor: MigrationExecutor) -> list[tuple[str, str]]:
    """The heads of the state that landed before."""
    heads = [(app, LANDED.get(app, name)) for app, name in executor.loader.graph.leaf_nodes()]
    return [head for head in heads if head[0] not in NEW]


def load_old_rows(database: BaseDatabaseWrapper, executor: MigrationExecutor, *, told: bool = True) -> None:
    """Reference rows by the models as they were, the mass by SQL."""
    models = executor.loader.project_state(landed(executor)).apps.get_model
    area = (
        models("communities", "SubDistrict")
        .objects.using(ALIAS)
        .create(pk=1, code="guicheng", area="桂城", name_zh="桂城街道")
    )
    community = (
        models("communities", "Community")
        .objects.using(ALIAS)
        .create(pk=1, subdistrict=area, name_zh="夏东社区", kind="urban")
    )
    department = models("communities", "Department").objects.using(ALIAS)
    department.create(pk=1, subdistrict=area, community=community, code="TEAM", name_zh="自办", kind="community_team")
    lead = department.create(pk=2, subdistrict=area, code="MUNICIPAL", name_zh="市政办", kind="street")
    models("communities", "Category").objects.using(ALIAS).create(
        pk=1, subdistrict=area, code="1402", name_zh="路灯", department=lead
    )
    user = models("accounts", "User").objects.using(ALIAS)
    for pk, name in ((1, "clerk"), (2, "officer")):
        user.create(pk=pk, username=name, display_name=name, password="!")
    with database.cursor() as cursor:
        cursor.execute(ISSUES, {"count": COUNT})
        for statement in (PARTS, CLOCKS, EVENTS) if told else (PARTS, CLOCKS):
            cursor.execute(statement)


def fetch(database: BaseDatabaseWrapper, statement: str) -> list[Any]:
    """The first column of all rows."""
    with database.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def manage(url: str, *command: str) -> str:
    """What a command of the product says on this database."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=BASE,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_loaded_database_goes_up_and_works(database: BaseDatabaseWrapper, empty_url: str) -> None:
    before = MigrationExecutor(database)
    with quickly():
        before.migrate(landed(before))
    load_old_rows(database, before)
    old = fetch(
        database, "SELECT number || status || version || coalesce(due_at::text, '') FROM issues_issue ORDER BY id"
    )
    after = MigrationExecutor(database)
    after.migrate(after.loader.graph.leaf_nodes())
    assert MigrationExecutor(database).migration_plan(after.loader.graph.leaf_nodes()) == []

    new = fetch(
        database, "SELECT number || status || version || coalesce(due_at::text, '') FROM issues_issue ORDER BY id"
    )
    assert new == old
    assert len(new) == COUNT
    facts = "persons = 1 AND asks = '{}' AND co_waiting_ids = '{}' AND master_id IS NULL AND NOT deemed"
    assert fetch(database, f"SELECT count(*) FROM issues_issue WHERE {facts}") == [COUNT]  # noqa: S608
    assert fetch(database, "SELECT conname FROM pg_constraint WHERE NOT convalidated") == []
    assert fetch(database, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid") == []
    assert "broken" not in manage(empty_url, "verify_journal")

    manage(empty_url, "sweep_deadlines")
    acted = fetch(database, "SELECT count(*) FROM journal_event WHERE kind NOT IN ('create', 'accept', 'dispatch')")
    assert acted[0] > 0
    manage(empty_url, "verify_journal")


BEFORE_FACTS = {
    "issues": "0007_supervision_index",
    "deadlines": "0008_calendar_changes",
    "reminders": "0009_failing_from",
}
"""What the state had in which a date moved without a record of why, and what fired belonged to the deadline."""

MOVED = """
UPDATE deadlines_deadline SET started_at = '2026-03-02 10:00+08', original_due_at = '2026-03-09 17:30+08',
    counted_from = '2026-03-02 12:00+08', due_at = '2026-03-11 17:30+08', soon_at = '2026-03-10 17:30+08', fired = 14,
    next_rung_at = '2026-03-11 17:30+08', next_rung = 'urge'
WHERE subject_id = %(issue)s;
INSERT INTO journal_event (subject_kind, subject_id, kind, at, actor_role, visible, data, texts)
SELECT 'issue', %(issue)s, kind, at::timestamptz, 'system', false, data::jsonb || jsonb_build_object('deadline',
    (SELECT id FROM deadlines_deadline WHERE subject_id = %(issue)s)), '{}'
FROM (VALUES
    ('remind', '2026-03-05 09:00+08', '{"rung": "notice", "skipped": [], "due_at": "2026-03-09T09:30:00+00:00"}'),
    ('remind', '2026-03-06 17:30+08', '{"rung": "due_soon", "skipped": [], "due_at": "2026-03-09T09:30:00+00:00"}'),
    ('remind', '2026-03-09 08:30+08', '{"rung": "due_today", "skipped": [], "due_at": "2026-03-09T09:30:00+00:00"}'),
    ('resume', '2026-03-09 09:00+08', '{}')
) AS said(kind, at, data)
"""


def heads_of(executor: MigrationExecutor, state: dict[str, str]) -> list[tuple[str, str]]:
    """The heads of a state that had commitments and files, no papers of any subject, and not the younger rooms."""
    leaves = executor.loader.graph.leaf_nodes()
    younger = ("door", "leaders", "ledger", "meetings", "papers", "privacy", "proposals")
    return [(app, state.get(app, name)) for app, name in leaves if app not in younger]


def test_open_clocks_keep_their_dates_and_lose_no_rung(database: BaseDatabaseWrapper) -> None:
    """A date that two nights of deferral had moved, with rungs that fired for the date of before."""
    before = MigrationExecutor(database)
    with quickly():
        before.migrate(heads_of(before, BEFORE_FACTS))
    load_old_rows(database, before, told=False)
    with database.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM issues_issue WHERE status = 'in_progress'")
        issue = cursor.fetchone()[0]
        cursor.execute(MOVED, {"issue": issue})
    after = MigrationExecutor(database)
    with quickly():
        after.migrate(after.loader.graph.leaf_nodes())

    row = Deadline.objects.using(ALIAS).get(subject_id=issue)
    assert row.due_at == datetime.fromisoformat("2026-03-11T17:30+08:00")
    assert reckon(row.facts, built_in(2028)).due_at == row.due_at
    later = replace(row.facts, limit=Limit.parse("10wd"))
    assert reckon(later, built_in(2028)).due_at == datetime.fromisoformat("2026-03-18T17:30+08:00")
    assert row.fired == 2, "half of the time was used before the date moved; the last day of the new one is to come"
    assert row.fired_before == {"2026-03-09T09:30:00.000000|working": 14}
    assert row.next_rung == "due_soon"


BEFORE_PAPERS = {"issues": "0021_kinds_are_registered"}
"""What the state had in which drafts were requests of an issue, and papers an issue's."""

SUPERVISED = """
INSERT INTO issues_request (issue_id, kind, state, department_id, text, days, reason_code, interim_answer, asked_at,
    asked_by_id, deadline_id, deadline_kind, decided_at, decided_by_id)
SELECT i.id, v.kind, v.state, 2, v.kind || '的理由', CASE v.kind WHEN 'extension' THEN 2 END, '', '', i.created_at,
    v.by, CASE WHEN v.kind <> 'extension' THEN d.id END, CASE WHEN v.kind <> 'extension' THEN d.kind ELSE '' END,
    CASE WHEN v.state IN ('granted', 'refused') THEN i.created_at END,
    CASE WHEN v.state IN ('granted', 'refused') THEN 1 END
FROM issues_issue i JOIN deadlines_deadline d ON d.subject_id = i.id AND d.kind = 'handle',
    (VALUES ('order', 'granted', NULL), ('order', 'lapsed', NULL), ('yellow_card', 'granted', 1),
        ('yellow_card', 'open', NULL), ('red_card', 'refused', 1), ('extension', 'open', 2)) AS v(kind, state, by)
ORDER BY i.id;
INSERT INTO issues_paper (subdistrict_id, kind, year, serial, number, issue_id, department_id, request_id, deadline_id,
    deadline_kind, due_at, urges, issued_at, issued_by_id, lifted_at, lifted_by_id)
SELECT 1, kind, 2026, row_number() OVER (PARTITION BY kind ORDER BY id),
    '桂城' || kind || row_number() OVER (PARTITION BY kind ORDER BY id), issue_id, 2, request, deadline_id,
    'handle', at, 1, at, by, lifted, CASE WHEN lifted IS NOT NULL THEN 1 END
FROM (
    SELECT id, kind, issue_id, id AS request, deadline_id, asked_at AS at, 1 AS by,
        CASE kind WHEN 'order' THEN asked_at END AS lifted
    FROM issues_request WHERE state = 'granted'
    UNION ALL
    SELECT id, 'urge', subject_id, NULL, id, started_at, NULL, NULL FROM deadlines_deadline WHERE kind = 'handle'
) AS sent;
INSERT INTO issues_paperseries (subdistrict_id, kind, year, last)
SELECT subdistrict_id, kind, year, max(serial) FROM issues_paper GROUP BY 1, 2, 3;
"""
DRAFTS = """
SELECT (id, {on}, kind, state, department_id, text, deadline_id, deadline_kind, asked_at, asked_by_id, decided_at,
    decided_by_id)::text FROM {table} WHERE kind <> 'extension' ORDER BY id
"""
PAPERS = """
SELECT (id, subdistrict_id, kind, year, serial, number, {on}, department_id, {draft}, deadline_id,
    deadline_kind, due_at, urges, issued_at, issued_by_id, reply_due_at, lifted_at, lifted_by_id)::text
FROM {table} ORDER BY id
"""
SERIES = "SELECT (id, subdistrict_id, kind, year, last)::text FROM {table} ORDER BY id"


def test_drafts_and_papers_move_over_as_they_were(database: BaseDatabaseWrapper, empty_url: str) -> None:
    before = MigrationExecutor(database)
    with quickly():
        before.migrate(heads_of(before, BEFORE_PAPERS))
    load_old_rows(database, before, told=False)
    with database.cursor() as cursor:
        cursor.execute(SUPERVISED)
    old = [
        fetch(database, DRAFTS.format(table="issues_request", on="issue_id")),
        fetch(database, PAPERS.format(table="issues_paper", on="issue_id", draft="request_id")),
        fetch(database, SERIES.format(table="issues_paperseries")),
    ]
    assert [len(rows) for rows in old] == [COUNT, COUNT * 3 // 5, 3]
    last = fetch(database, "SELECT max(id) FROM issues_request WHERE kind <> 'extension'")[0]
    after = MigrationExecutor(database)
    with quickly():
        after.migrate(after.loader.graph.leaf_nodes())

    assert old == [
        fetch(database, DRAFTS.format(table="papers_draft", on="subject_id")),
        fetch(database, PAPERS.format(table="papers_paper", on="subject_id", draft="draft_id")),
        fetch(database, SERIES.format(table="papers_paperseries")),
    ]
    named = "SELECT subject_kind FROM papers_draft UNION SELECT subject_kind FROM papers_paper"
    assert fetch(database, named) == ["issue"]
    assert set(fetch(database, "SELECT kind || state FROM issues_request")) == {"extensionopen"}
    assert fetch(database, "SELECT nextval(pg_get_serial_sequence('papers_draft', 'id'))") == [last + 1]
    assert fetch(database, "SELECT to_regclass('issues_paper')") == [None]

    manage(empty_url, "sweep_deadlines")
    sent = fetch(database, "SELECT serial FROM papers_paper WHERE kind = 'urge' ORDER BY serial")
    assert len(sent) > COUNT // 5
    assert sent == list(range(1, len(sent) + 1))
    manage(empty_url, "check_deadlines")
