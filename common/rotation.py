"""Brings all that is encrypted, and every hash for look-up, to the newest of ``PERSONAL_DATA_KEYS``.

Batch by batch, beside the running installation. What is done is known from the values themselves, so that a run that
was ended goes on where it was; a row that somebody writes meanwhile is left to them: they have the newest key too.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.apps import apps
from django.db import connection, models, transaction
from psycopg2.extras import execute_values

from common.crypto import UnreadablePersonalData, decrypt, encrypt, encrypt_bytes, newest_head, newest_token
from common.fields import EncryptedBytesField, EncryptedTextField, text_of

BATCH: Final = 2_000
LOCK_TIMEOUT: Final = "5s"

_STEPS: dict[str, Callable[[], int]] = {}


def register(name: str, step: Callable[[], int]) -> None:
    """Say what hangs on the keys beside columns: ``step`` renews it, returns how much. For ``AppConfig.ready()``."""
    _STEPS[name] = step


@dataclass(frozen=True)
class Rotated:
    """A batch: of which table, how many of its rows are on the newest key now, the last id that was looked at."""

    name: str
    rows: int
    through: int


def rotate_all() -> Generator[Rotated]:
    """Every batch of every table, then what is registered. As the owner of the tables, outside a transaction.

    Raises UnreadablePersonalData, with table and id, for a value whose key is not configured; what was done stays.
    """
    for table in _tables():
        yield from table.rotate()
    for name, step in _STEPS.items():
        yield Rotated(name, step(), 0)


def left() -> int:
    """How many values do not begin as the newest key's do: 0 where older keys can go."""
    with connection.cursor() as cursor:
        return sum(table.left(cursor) for table in _tables())


def _tables() -> Iterator["_Table"]:
    for model in apps.get_models(include_auto_created=True):
        table = _Table(model)
        if table.fields and model._meta.managed and not model._meta.proxy:
            yield table


class _Table:
    """One table with encrypted columns."""

    def __init__(self, model: type[models.Model]) -> None:
        meta = model._meta
        self.name, self.pk = meta.db_table, meta.pk.column
        kinds = (EncryptedTextField, EncryptedBytesField)
        self.fields = [field for field in meta.concrete_fields if isinstance(field, kinds)]
        self.columns = {field.column: field for field in meta.concrete_fields}
        self.hashed = any(isinstance(field, EncryptedTextField) and field.hashed_in for field in self.fields)

    @cached_property
    def written(self) -> list[str]:
        """The columns that a rotation writes: encrypted ones, hashes of them, where plain text stood before."""
        beside = [field.hashed_in if isinstance(field, EncryptedTextField) else field.before for field in self.fields]
        return [*(str(field.column) for field in self.fields), *(name for name in beside if name)]

    @cached_property
    def due(self) -> tuple[str, list[Any]]:
        """The condition that a row has a value of another key, and its parameters."""
        parts, values = [], []
        for field in self.fields:
            if isinstance(field, EncryptedTextField):
                parts.append(f'("{field.column}" <> \'\' AND left("{field.column}", %s) <> %s)')
                values += [len(newest_token()), newest_token()]
            else:
                parts.append(f'substring("{field.column}" FROM 1 FOR %s) <> %s')
                values += [len(newest_head()), newest_head()]
                if field.before:
                    parts.append(f'("{field.column}" IS NULL AND "{field.before}" <> \'\')')
        return f"({' OR '.join(parts)})", values

    def left(self, cursor: Any) -> int:
        """How many rows are due."""
        condition, values = self.due
        cursor.execute(f'SELECT count(*) FROM "{self.name}" WHERE {condition}', values)  # noqa: S608  names of columns
        return int(cursor.fetchone()[0])

    def rotate(self) -> Iterator[Rotated]:
        """Rows with a hash are all looked at: that it is of the newest key cannot be seen from it."""
        condition, values = ("true", []) if self.hashed else self.due
        columns = ", ".join(f'"{name}"' for name in self.written)
        source = f'"{self.name}" WHERE "{self.pk}" > %s AND {condition} ORDER BY "{self.pk}" LIMIT {BATCH}'
        select = f'SELECT "{self.pk}", {columns} FROM {source}'  # noqa: S608  names of columns
        after = -1
        while True:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SET LOCAL govtrack.rotating = 'on'")
                cursor.execute(select, [after, *values])
                rows = cursor.fetchall()
                if not rows:
                    return
                after = rows[-1][0]
                done = self._write(cursor, [(row, self._renewed(row)) for row in rows])
            yield Rotated(self.name, done, after)

    def _renewed(self, row: Sequence[Any]) -> list[Any]:
        """The row's values as they should be, in the order of ``written``."""
        old = dict(zip(self.written, row[1:], strict=True))
        new = dict(old)
        try:
            for field in self.fields:
                new |= _of_text(field, old) if isinstance(field, EncryptedTextField) else _of_bytes(field, old)
        except UnreadablePersonalData as error:
            raise UnreadablePersonalData(f"{self.name} {row[0]}: {error}") from error
        return [new[name] for name in self.written]

    def _write(self, cursor: Any, rows: Sequence[tuple[Sequence[Any], list[Any]]]) -> int:
        changed = [(*old, *new) for old, new in rows if list(old[1:]) != new]
        if not changed:
            return 0
        kinds = [self.columns[name].db_type(connection) for name in self.written]
        places = range(len(kinds))
        sets = ", ".join(f'"{name}" = v.new{at}::{kinds[at]}' for at, name in enumerate(self.written))
        same = " AND ".join(
            f't."{name}" IS NOT DISTINCT FROM v.old{at}::{kinds[at]}' for at, name in enumerate(self.written)
        )
        names = ", ".join(["id", *(f"old{at}" for at in places), *(f"new{at}" for at in places)])
        execute_values(
            cursor.cursor,
            f'UPDATE "{self.name}" t SET {sets} FROM (VALUES %s) AS v({names}) '  # noqa: S608  names of columns
            f'WHERE t."{self.pk}" = v.id AND {same}',
            changed,
            page_size=BATCH,
        )
        return int(cursor.rowcount)


def _of_text(field: EncryptedTextField, row: dict[str, Any]) -> dict[str, Any]:
    column = str(field.column)
    stored = row[column]
    if not stored:
        return {}
    text = decrypt(stored)
    renewed = {column: stored if stored.startswith(newest_token()) else encrypt(text)}
    return renewed | ({field.hashed_in: field.hash_of(text)} if field.hashed_in else {})


def _of_bytes(field: EncryptedBytesField, row: dict[str, Any]) -> dict[str, Any]:
    column = str(field.column)
    stored = bytes(row[column] or b"")
    if stored and not stored.startswith(newest_head()):
        return {column: encrypt_bytes(text_of(stored))}
    if not stored and field.before and row[field.before]:
        return {column: encrypt_bytes(row[field.before]), field.before: ""}
    return {}
