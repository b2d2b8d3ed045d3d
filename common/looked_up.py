"""EXISTS that PostgreSQL asks for each row instead of answering it for all rows first."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Exists, F, Func
from django.db.models.sql.compiler import SQLCompiler


class LookedUp(Exists):
    """EXISTS, asked of the index for each row that is looked at.

    PostgreSQL may answer EXISTS within OR by reading all of a department's issues first, and takes it to hold for half
    of all rows: a page of 25 then cost 100,000 index entries and a search 1,000,000 rows. A scalar it only compares.
    It may be negated: no row is 0, not unknown.
    """

    template = "coalesce((%(subquery)s), 0) = 1"


class LookedUpIn(Func):
    """The same of a column and a statement that is written already: one that selects ids, with its parameters.

    A condition over many tables takes longer to be put together than to be answered; where it is the same for one
    person in every request, it is put together once.
    """

    output_field = BooleanField()

    def __init__(self, column: str, statement: str, values: Sequence[Any]) -> None:
        super().__init__(F(column))
        self.statement, self.values = statement, tuple(values)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_args: Any, **_extra: Any
    ) -> tuple[str, Any]:
        """As Django asks."""
        column, values = compiler.compile(self.source_expressions[0])
        found = f"SELECT 1 FROM ({self.statement}) AS found (id) WHERE found.id = {column} LIMIT 1"  # noqa: S608 - Django's own words
        return f"coalesce(({found}), 0) = 1", (*self.values, *values)
