"""One migrated database for all workers of a run: the first migrates it, each begins with a copy."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.state import ProjectState

LOCK = 20260318
"""Held while a worker makes the database or copies it: nobody may be connected to what is copied."""


@contextmanager
def migrated_once(name: str) -> Iterator[None]:
    """Inside, the test database that Django creates is a copy of the database ``name``."""
    with connection._nodb_cursor() as cursor:
        _wait_for_the_lock(cursor)
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            _migrate(name)
        connection.settings_dict["TEST"]["TEMPLATE"] = name
        yield


def forget(name: str) -> None:
    """Drop it; a worker that comes later makes it again."""
    with connection._nodb_cursor() as cursor:
        _wait_for_the_lock(cursor)
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)}")


UNSEEN = ("add_index", "remove_index", "add_constraint", "remove_constraint")
"""What a migration changes and PostgreSQL does without looking at the model that carries it."""


@contextmanager
def quickly() -> Iterator[None]:
    """Migrations cost half inside.

    For each change Django makes all models anew that know each other; here not where an index or a constraint comes or
    goes.
    """

    def without_models(change: Callable[..., None]) -> Callable[..., None]:
        def changed(state: ProjectState, *arguments: Any) -> None:
            models = state.__dict__.pop("apps", None)
            change(state, *arguments)
            if models is not None:
                state.__dict__["apps"] = models

        return changed

    with pytest.MonkeyPatch.context() as patched:
        for name in UNSEEN:
            patched.setattr(ProjectState, name, without_models(getattr(ProjectState, name)))
        yield


def fill(url: str) -> None:
    """Bring an empty database of another server to where this process's own one is."""
    own = connection.settings_dict
    from_here = f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    dump = [_program("pg_dump"), "--format=custom", from_here]
    made = subprocess.run(dump, capture_output=True, check=True).stdout
    restore = [_program("pg_restore"), "--no-owner", "--single-transaction", f"--dbname={url}"]
    subprocess.run(restore, input=made, check=True)


def _program(name: str) -> str:
    """The embedded servers' own, else that of PATH: the image has no servers."""
    from devhouse.embedded.binaries import postgres_bin
    from devhouse.embedded.errors import EmbeddedError

    try:
        return str(postgres_bin() / name)
    except EmbeddedError:
        return name


def _wait_for_the_lock(cursor: CursorWrapper) -> None:
    cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
    cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])


def _migrate(name: str) -> None:
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    own, test["NAME"] = test["NAME"], name
    with quickly():
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = before
    test["NAME"] = own
