"""The owner of the tables and the role that serves people: who may do what in the database (docs/operations.md)."""

from dataclasses import dataclass
from typing import Final

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.db import Error as DatabaseError
from django.db.backends.utils import CursorWrapper
from psycopg2 import sql

from common.ownership import as_owner, has_owner
from journal.rights import RIGHTS as JOURNAL

RIGHTS: Final = {**JOURNAL, "django_migrations": "SELECT"}
"""What the application's role may do with a table, where that is less than reading and writing its rows."""

LOCK: Final = 20261129
"""Held while rights are given: two at once would change the same rows of the catalogue."""


class RolesError(Exception):
    """The two roles cannot be told apart; the message says what to do."""


@dataclass(frozen=True)
class _Role:
    name: str
    password: str


def prepare_roles() -> str:
    """Make the application's role where it is missing, give it its password, what it needs, and take what it owns.

    Repeatable; one transaction. Returns the name of the role. Raises RolesError.
    """
    if not has_owner():
        raise RolesError("DATABASE_OWNER_URL is not set: it names the role that is to own the tables.")
    own = connections.settings[DEFAULT_DB_ALIAS]
    role = _Role(own["USER"], own["PASSWORD"])
    try:
        with as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            _make(cursor, role)
            _refuse_power(cursor, role)
            _take(cursor, role)
            _give(cursor, role)
    except DatabaseError as error:
        raise RolesError(f"The database refused: {str(error).strip().splitlines()[0]}") from error
    return role.name


def _make(cursor: CursorWrapper, role: _Role) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name])
    if cursor.fetchone() is None:
        _run(cursor, "CREATE ROLE {role} LOGIN PASSWORD {password}", role, password=sql.Literal(role.password))
    elif not _gets_in():
        _run(cursor, "ALTER ROLE {role} LOGIN PASSWORD {password}", role, password=sql.Literal(role.password))


def _gets_in() -> bool:
    """Whether the role still has the password of DATABASE_URL."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        own.ensure_connection()
    except OperationalError:
        return False
    finally:
        own.close()
    return True


def _refuse_power(cursor: CursorWrapper, role: _Role) -> None:
    cursor.execute(
        "SELECT rolname = current_user, rolsuper, pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles "
        "WHERE rolname = %s",
        [role.name],
    )
    same, is_super, is_member = cursor.fetchone()
    if same:
        raise RolesError(f"DATABASE_URL and DATABASE_OWNER_URL name the same role, {role.name}.")
    if is_super or is_member:
        raise RolesError(
            f"{role.name}, the role of DATABASE_URL, is a superuser or a member of the owner's role: give the "
            "application a role of its own."
        )


def _take(cursor: CursorWrapper, role: _Role) -> None:
    """What the application's role owns in this database goes to the owner: an installation from before."""
    cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relowner = %(role)s::regrole)"
        " OR EXISTS (SELECT 1 FROM pg_proc WHERE proowner = %(role)s::regrole)"
        " OR EXISTS (SELECT 1 FROM pg_database WHERE datname = current_database() AND datdba = %(role)s::regrole)",
        {"role": f'"{role.name}"'},
    )
    if cursor.fetchone()[0]:
        _run(cursor, "REASSIGN OWNED BY {role} TO CURRENT_USER", role)


def _give(cursor: CursorWrapper, role: _Role) -> None:
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ):
        _run(cursor, statement, role)
    cursor.execute("SELECT t FROM unnest(%s) AS t WHERE to_regclass(t) IS NOT NULL", [list(RIGHTS)])
    there = {row[0] for row in cursor.fetchall()}  # all of them, but on the way through the first migrations
    for table, rights in RIGHTS.items():
        if table not in there:
            continue
        _run(cursor, "REVOKE ALL ON {table} FROM {role}", role, table=sql.Identifier(table))
        _run(cursor, f"GRANT {rights} ON {{table}} TO {{role}}", role, table=sql.Identifier(table))


def _run(cursor: CursorWrapper, statement: str, role: _Role, **parts: sql.Composable) -> None:
    """Names and passwords of roles cannot be parameters of these statements: they are quoted."""
    composed = sql.SQL(statement).format(role=sql.Identifier(role.name), **parts)
    cursor.execute(composed.as_string(connection.connection))
