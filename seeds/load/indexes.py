"""Secondary indexes taken off a table for the length of a large load and built again in the same transaction.

The transaction is what restores them: after an error, Ctrl-C, a killed process or a lost machine PostgreSQL rolls back
to the tables as they were, indexes included. Primary keys stay.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2.extensions
from django.db import connection
from psycopg2.extras import wait_select

_CONSTRAINTS = """
SELECT c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
FROM pg_constraint c WHERE c.contype = 'u' AND c.conrelid = ANY(%s::regclass[]) ORDER BY c.oid
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i WHERE i.indrelid = ANY(%s::regclass[]) AND i.indisvalid
AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY i.indexrelid
"""


@dataclass(frozen=True)
class Index:
    """One index, or the unique constraint that owns it."""

    name: str
    drop: str
    build: str


def take_off(tables: Sequence[str]) -> list[Index]:
    """Drop all indexes of these tables but the primary keys; returns what ``build`` needs. Locks out everybody else."""
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, [list(tables)])
        found = [
            Index(
                name,
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}",
            )
            for table, name, definition in cursor.fetchall()
        ]
        cursor.execute(_INDEXES, [list(tables)])
        found += [Index(name, f"DROP INDEX {name}", definition) for name, definition in cursor.fetchall()]
        for index in found:
            cursor.execute(index.drop)
    return found


def build(indexes: Sequence[Index], says: Callable[[str], Any]) -> None:
    """Build them again; each is named to ``says`` before it begins. Ctrl-C ends it at once."""
    psycopg2.extensions.set_wait_callback(wait_select)
    try:
        with connection.cursor() as cursor:
            for index in indexes:
                says(index.name)
                cursor.execute(index.build)
    finally:
        psycopg2.extensions.set_wait_callback(None)
