"""What many tests begin with, built once and kept: what migrations leave, the cast, an issue walked to a status.

Each of these is a level: a transaction, or a savepoint within the level below. The transaction that every test has to
itself is one more savepoint on top, so that nothing of a test is left in them. A test is given the levels it asks for:
those that stand are used again, what does not fit is rolled back first. Tests that commit, and tests that want a
database without the cast, are given none. After a test that commits every table holds again what migrations put there
(rungs, words, limits) and nothing else.
"""

import pickle
from collections.abc import Callable, Sequence
from functools import cache
from io import StringIO
from typing import Any

import pytest
from django.db import connection, transaction

from tests.support.cast import build_world

Level = tuple[Any, Callable[[Sequence[Any]], Any]]
"""What tells it from others at its height, and how it is built out of the values of the levels below."""


class Standing:
    """The levels that stand in this process, the lowest first."""

    def __init__(self) -> None:
        self._built: list[tuple[Any, transaction.Atomic, bytes]] = []
        self._migrated: dict[str, str] | None = None

    def begin(self, wanted: Sequence[Level]) -> list[Any]:
        """Exactly these levels stand afterwards. Returns the value of each, a copy of its own for every test."""
        while self._built and not self._fits(wanted):
            self._drop()
        if self._migrated is None:
            self._migrated = rows_of_all_tables()
        for key, build in wanted[len(self._built) :]:
            atomic = transaction.atomic()
            atomic.__enter__()
            try:
                value = pickle.dumps(build(self._values()))
            except BaseException:
                roll_back(atomic)
                raise
            self._built.append((key, atomic, value))
        return self._values()

    def restore(self) -> None:
        """Every table as migrations left it, rows only: Django's flush makes the files of all tables anew."""
        migrated = self._migrated or {}
        with transaction.atomic(), connection.cursor() as cursor:
            filled = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in _tables())  # noqa: S608
            cursor.execute(" UNION ALL ".join(filled))
            names = [name for (name,) in cursor.fetchall()]
            # No trigger runs: neither those of foreign keys nor the journal's, which refuses to lose a row.
            deleted = [f"DELETE FROM {table}" for table in names]  # noqa: S608
            cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *deleted]))
            for table, rows in migrated.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN", StringIO(rows))

    def _fits(self, wanted: Sequence[Level]) -> bool:
        return [key for key, _atomic, _value in self._built] == [key for key, _build in wanted[: len(self._built)]]

    def _values(self) -> list[Any]:
        return [pickle.loads(value) for _key, _atomic, value in self._built]  # noqa: S301 - our own bytes

    def _drop(self) -> None:
        _key, atomic, _value = self._built.pop()
        roll_back(atomic)


KEPT_BY_DJANGO = frozenset({"django_migrations", "django_content_type", "auth_permission"})
"""Tables that Django fills by itself, and no test does."""


@cache
def _tables() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(set(connection.introspection.table_names(cursor)) - KEPT_BY_DJANGO)


def rows_of_all_tables() -> dict[str, str]:
    """What COPY gives of each table that holds anything."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in _tables():
            rows = StringIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
            found[table] = rows.getvalue()
    return {table: rows for table, rows in found.items() if rows}


def roll_back(atomic: transaction.Atomic) -> None:
    """Leave this transaction or savepoint as if nothing had happened in it."""
    transaction.set_rollback(True)
    atomic.__exit__(None, None, None)


VALUES: pytest.StashKey[list[Any]] = pytest.StashKey()
"""The values of the levels that a test was given."""

COMMITS = frozenset({"transactional_db", "live_server", "django_db_reset_sequences"})


def begins(build: Callable[..., Any], *arguments: Any, **named: Any) -> pytest.MarkDecorator:
    """A mark: the test begins with what ``build(world, *arguments, **named)`` makes; ``begun`` is its value."""
    return pytest.mark.begins.with_args(build, *arguments, **named)


def commits(test: pytest.Function) -> bool:
    """Whether what the test writes is committed, and the tables emptied after it."""
    marker = test.get_closest_marker("django_db")
    return bool(COMMITS.intersection(test.fixturenames) or (marker and marker.kwargs.get("transaction")))


def levels_of(test: pytest.Function) -> list[Level]:
    """What stands for this test: nothing where it commits or asks for no cast."""
    if "world" not in test.fixturenames or commits(test):
        return []
    levels: list[Level] = [("world", lambda _below: build_world())]
    first = test.get_closest_marker("begins")
    if first:
        build, *arguments = first.args
        named = sorted(first.kwargs.items())
        levels.append(((build, arguments, named), lambda below: build(below[0], *arguments, **dict(named))))
    return levels
