"""Keyset pagination: a page is "what comes after this row", never an offset and never a total."""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, Model, Q, QuerySet, TextField
from django.utils.translation import gettext_lazy as _


class BadCursor(ValidationError):
    """The cursor was not made by this list."""

    def __init__(self) -> None:
        super().__init__(_("分页位置无效，请从第一页开始"), code="cursor")


@dataclass(frozen=True)
class Order:
    """A total order: field names, ``-`` for descending; the last one must be unique."""

    fields: tuple[str, ...]

    def apply(self, rows: QuerySet[Any, Any], cursor: str | None) -> QuerySet[Any, Any]:
        """``rows`` in this order, only those after ``cursor``. Raises BadCursor."""
        if cursor:
            rows = rows.filter(self._after(self._decode(cursor, _texts_of(rows.model))))
        return rows.order_by(*self.fields)

    def cursor(self, row: Any) -> str:
        """The cursor that continues after ``row`` (a model instance or a dict of values)."""
        values = [row[name] if isinstance(row, dict) else getattr(row, name) for name in self._names]
        plain = [value.isoformat() if isinstance(value, date) else value for value in values]
        return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")

    @property
    def _names(self) -> list[str]:
        return [name.lstrip("-") for name in self.fields]

    def _decode(self, cursor: str, texts: Collection[str]) -> list[Any]:
        try:
            values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            if not isinstance(values, list) or len(values) != len(self.fields):
                raise BadCursor
            return [
                _text(value) if name in texts else self._value(name, value)
                for name, value in zip(self._names, values, strict=True)
            ]
        except (ValueError, TypeError) as error:
            raise BadCursor from error

    @staticmethod
    def _value(name: str, value: Any) -> Any:
        if name == "at" or name.endswith("_at"):
            parsed = datetime.fromisoformat(value)
            if parsed.tzinfo is None:
                raise BadCursor
            return parsed
        if name == "on" or name.endswith("_on"):
            return date.fromisoformat(value)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
            raise BadCursor
        return value

    def _after(self, values: Sequence[Any]) -> Q:
        condition = Q()
        for position in range(len(self.fields)):
            step = Q(**{self._names[i]: values[i] for i in range(position)})
            comparison = "lt" if self.fields[position].startswith("-") else "gt"
            condition |= step & Q(**{f"{self._names[position]}__{comparison}": values[position]})
        first = self._names[0]
        bound = "lte" if self.fields[0].startswith("-") else "gte"
        return Q(**{f"{first}__{bound}": values[0]}) & condition


def _texts_of(model: type[Model]) -> set[str]:
    """The columns of words."""
    return {field.name for field in model._meta.concrete_fields if isinstance(field, CharField | TextField)}


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise BadCursor
    return value


@dataclass(frozen=True)
class Page:
    """One page of rows and the cursor of the next one (None on the last)."""

    rows: list[Any]
    next_cursor: str | None


def paginate(rows: QuerySet[Any, Any], *, order: Order, cursor: str | None, size: int) -> Page:
    """The page of ``size`` rows after ``cursor``, in one statement. Raises BadCursor."""
    found = list(order.apply(rows, cursor)[: size + 1])
    page = found[:size]
    return Page(rows=page, next_cursor=order.cursor(page[-1]) if len(found) > size else None)
