"""Owner and application: the role that owns the tables migrates them; the one that serves people owns nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connection, connections

OWNER: Final = "owner"
"""The database of DATABASE_OWNER_URL; in the settings only where that is set."""

_OWNS = """
SELECT rolsuper OR EXISTS (
    SELECT 1 FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND pg_has_role(current_user, relowner, 'MEMBER')
) FROM pg_roles WHERE rolname = current_user
"""


def has_owner() -> bool:
    """Whether this process was given the owner's URL beside its own."""
    return OWNER in connections.settings


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the owner of the tables: inside, the default connection of this thread is the owner's.

    As ever where no owner's URL is set. Not to be begun inside a transaction.
    """
    if not has_owner():
        yield
        return
    own = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[OWNER]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = own
        connections[OWNER].close()


def owns_tables() -> bool:
    """Whether the role of this process may change tables and switch their triggers off; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_OWNS)
        return bool(cursor.fetchone()[0])
