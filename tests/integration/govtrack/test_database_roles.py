"""Owner and application in the database: what serves people cannot change the tables, nor the journal that stands."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections

from govtrack.database_roles import RIGHTS
from tests.support.migrated import fill
from tests.support.standing import Standing

pytestmark = pytest.mark.django_db
BASE = Path(settings.BASE_DIR)
REFUSALS = {"42501": "the right is missing", "23000": "the journal's trigger refuses"}
PASSWORD = "only-for-this-test"
INSERT = (
    "INSERT INTO journal_event (subject_kind, subject_id, kind, at, actor_role, visible, data, texts) "
    "VALUES ('issue', 1, 'create', now(), 'clerk', false, '{}', '{\"note\": \"x\"}') RETURNING id"
)
TEXT = "INSERT INTO journal_text (event_id, key, text, salt) VALUES (%s, 'note', 'text', 'salt')"
REFUSED = {
    "an event is changed": "UPDATE journal_event SET kind = 'close'",
    "an event is removed": "DELETE FROM journal_event",
    "the journal is emptied": "TRUNCATE journal_event CASCADE",
    "an event brings its own hash": (
        "INSERT INTO journal_event (subject_kind, subject_id, seq, kind, at, actor_role, visible, data, texts, "
        "prev_hash, hash) VALUES ('issue', 1, 9, 'create', now(), 'clerk', false, '{}', '{}', '', 'x')"
    ),
    "a head is changed": "UPDATE journal_chain SET hash = 'x'",
    "a head is made": "INSERT INTO journal_chain (subject_kind, subject_id, seq, hash) VALUES ('issue', 2, 1, 'x')",
    "a head is removed": "DELETE FROM journal_chain",
    "a text is changed": "UPDATE journal_text SET text = 'other'",
    "a text is written anew as when keys are rotated": (
        "SET govtrack.rotating = 'on'; UPDATE journal_text SET text = '', body = 'other'"
    ),
    "a text goes to another event": "UPDATE journal_text SET event_id = event_id",
    "a text is removed": "DELETE FROM journal_text",
    "a trigger is switched off": "ALTER TABLE journal_event DISABLE TRIGGER ALL",
    "a trigger is dropped": "DROP TRIGGER journal_refuse ON journal_event",
    "triggers are passed by": "SET session_replication_role = replica",
    "the trigger's function is replaced": (
        "CREATE OR REPLACE FUNCTION journal_append() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    ),
    "a table is made": "CREATE TABLE mine (id int)",
    "a table is dropped": "DROP TABLE journal_event",
    "a table is emptied": "TRUNCATE issues_issue CASCADE",
    "an applied migration is forgotten": "DELETE FROM django_migrations",
    "the owner's role is put on": "SET ROLE {owner}",
}


@dataclass(frozen=True)
class Split:
    """A database with both roles."""

    name: str
    owner: str
    application: str


def run(command: str, split: Split, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command of manage.py that has both URLs."""
    own = {"DATABASE_URL": split.application, "DATABASE_OWNER_URL": split.owner, "REDIS_URL": settings.REDIS_URL}
    env = {
        "PATH": "/usr/bin:/bin",
        "SECRET_KEY": token_urlsafe(48),
        "PERSONAL_DATA_KEYS": settings.PERSONAL_DATA_KEYS[0],
    }
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=BASE, env={**env, **own, **environment}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A cursor; every statement is its own transaction."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def url_of(database: str, user: str = "", password: str = "") -> str:
    """A URL at the server of the tests; the superuser's unless another is named."""
    own = settings.DATABASES["default"]
    return (
        f"postgres://{user or own['USER']}:{password or own['PASSWORD']}"
        f"@{own['HOST'] or '127.0.0.1'}:{own['PORT'] or 5432}/{database}"
    )


@pytest.fixture(scope="module")
def split(standing: Standing, django_db_blocker: Any) -> Iterator[Split]:
    """A migrated database, an owner that is no superuser, and the application's role made by the command."""
    with django_db_blocker.unblock():
        standing.begin([])
        yield from split_database(f"{connections['default'].settings_dict['NAME']}_roles")


def split_database(name: str) -> Iterator[Split]:
    """The database ``name`` as an installation from before: all in it belongs to the role that serves people."""
    before, owner = f"{name}_app", f"{name}_owner"
    with connected(url_of("postgres")) as cursor:
        for role in (before, owner):
            cursor.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{PASSWORD}'")
        cursor.execute(f'GRANT "{before}" TO "{owner}"')
        cursor.execute(f'CREATE DATABASE "{name}" OWNER "{before}" TEMPLATE template0 ENCODING \'UTF8\'')
    made = Split(name, url_of(name, owner, PASSWORD), url_of(name, before, PASSWORD))
    try:
        fill(made.application)
        with connected(made.application) as cursor:
            cursor.execute(INSERT)
            cursor.execute(
                "INSERT INTO journal_text (event_id, key, text, salt) SELECT id, 'a', 'b', 'c' FROM journal_event"
            )
        done = run("prepare_roles", made)
        assert done.returncode == 0, done.stderr
        yield made
    finally:
        with connected(url_of("postgres")) as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            for role in (before, owner):
                cursor.execute(f'DROP ROLE IF EXISTS "{role}"')


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_application_may_not(split: Split, what: str) -> None:
    owner = urlsplit(split.owner).username or ""
    with connected(split.application) as cursor:
        with pytest.raises(psycopg2.Error) as refused:
            cursor.execute(REFUSED[what].replace("{owner}", owner))
        assert refused.value.pgcode in REFUSALS, refused.value


def test_the_application_writes_and_redacts(split: Split) -> None:
    with connected(split.application) as cursor:
        cursor.execute(INSERT)
        event = cursor.fetchone()[0]
        cursor.execute(TEXT, [event])
        cursor.execute("UPDATE journal_text SET text = '', salt = '' WHERE event_id = %s", [event])
        assert cursor.rowcount == 1
        heads = "SELECT e.seq, c.seq, e.hash = c.hash FROM journal_event e JOIN journal_chain c USING (subject_id)"
        cursor.execute(f"{heads} WHERE e.id = %s", [event])
        seq, head, same = cursor.fetchone()
        assert (seq, same) == (head, True)


def test_every_other_table_is_read_and_written(split: Split) -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - RIGHTS.keys()
    with connected(split.application) as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert tables <= {row[0] for row in cursor.fetchall()}
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            cursor.execute("SELECT t FROM unnest(%s) t WHERE NOT has_table_privilege(t, %s)", [sorted(tables), right])
            assert cursor.fetchall() == []
        cursor.execute("SELECT s FROM (SELECT sequencename::regclass AS s FROM pg_sequences) AS all_of_them"
                       " WHERE NOT has_sequence_privilege(s, 'USAGE')")  # fmt: skip
        assert cursor.fetchall() == []


def test_nothing_is_left_to_the_application_and_once_more_changes_nothing(split: Split) -> None:
    rights = "SELECT relname, relowner, relacl::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
    rights += " WHERE nspname = 'public' ORDER BY 1"
    with connected(split.owner) as cursor:
        cursor.execute(rights)
        before = cursor.fetchall()
        assert run("prepare_roles", split).returncode == 0
        cursor.execute(rights)
        assert cursor.fetchall() == before
        cursor.execute("SELECT oid FROM pg_roles WHERE rolname = %s", [urlsplit(split.application).username])
        assert not [row for row in before if row[1] == cursor.fetchone()]


@pytest.mark.long
def test_a_new_password_is_given_to_the_role_by_an_owner_who_may(split: Split) -> None:
    renewed = replace(split, application=split.application.replace(PASSWORD, "another-one-now"))
    refused = run("prepare_roles", renewed)
    assert refused.returncode == 1
    assert refused.stderr == "CommandError: The database refused: permission denied to alter role\n"
    assert run("prepare_roles", replace(renewed, owner=url_of(split.name))).returncode == 0
    with connected(renewed.application) as cursor:
        cursor.execute("SELECT 1 FROM issues_issue LIMIT 1")
    with pytest.raises(psycopg2.OperationalError), connected(split.application):
        pass
    assert run("prepare_roles", replace(split, owner=url_of(split.name))).returncode == 0
    assert run("prepare_roles", split).returncode == 0


@pytest.mark.long
def test_migrations_run_as_the_owner(split: Split) -> None:
    done = run("migrate", split)
    assert done.returncode == 0, done.stderr
    alone = run("migrate", split, DATABASE_OWNER_URL="")
    assert alone.returncode == 0, alone.stderr


@pytest.mark.long
def test_migrations_run_before_the_applications_role_is_there(split: Split) -> None:
    """As on a new database; who may make no role says so in one line."""
    new = f"{split.name}_new"
    application, superuser = url_of(split.name, new, PASSWORD), url_of(split.name)
    refused = run("migrate", split, DATABASE_URL=application)
    assert (refused.returncode, "permission denied to create role" in refused.stderr) == (1, True), refused.stderr
    assert "Traceback" not in refused.stderr
    try:
        done = run("migrate", split, DATABASE_URL=application, DATABASE_OWNER_URL=superuser)
        assert done.returncode == 0, done.stderr
        with connected(application) as cursor:
            cursor.execute(INSERT)
    finally:
        with connected(superuser) as cursor:
            cursor.execute(f'DROP OWNED BY "{new}"')
            cursor.execute(f'DROP ROLE "{new}"')


@pytest.mark.long
@pytest.mark.parametrize(
    ("application", "reason"),
    [
        ("{owner}", "name the same role"),
        ("{super}", "is a superuser"),
    ],
)
def test_roles_that_are_none(split: Split, application: str, reason: str) -> None:
    urls = {"{owner}": split.owner, "{super}": url_of(split.name)}
    done = run("prepare_roles", split, DATABASE_URL=urls[application])
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
