"""Which statements a request runs, as they go over the wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET CONSTRAINTS")


@dataclass(frozen=True)
class Statement:
    """One statement, its parameters, and whether it ran in a transaction."""

    sql: str
    params: Any
    in_transaction: bool

    def text(self) -> str:
        """With the parameters put in."""
        with connection.cursor() as cursor:
            if self.params is None:
                return self.sql
            return str(cursor.cursor.mogrify(self.sql, self.params).decode())


@dataclass
class Record:
    """The statements between request and response, transaction control and connection checks excluded."""

    statements: list[Statement] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).lstrip().upper().startswith(NOT_COUNTED):
            self.statements.append(Statement(str(sql), params, connection.in_atomic_block))
        return execute(sql, params, many, context)


@contextmanager
def recorded() -> Iterator[Record]:
    """Record what this thread's connection runs."""
    record = Record()
    with connection.execute_wrapper(record):
        yield record
