"""What a form brought that is read by hand, and its fields as they come again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from console.kit.form_fields import Errors
from console.kit.shapes import FieldShape

Row = TypeVar("Row")


def shaper(typed: Mapping[str, Any], wrong: Errors, **alike: Any) -> Callable[..., FieldShape]:
    """Makes fields that show again what was typed and what is wrong with it; ``alike`` holds for them all."""

    def shape(name: str, label: str, kind: str = "text", value: Any = "", **more: Any) -> FieldShape:
        return FieldShape(name, label, kind, typed.get(name, value), errors=wrong.get(name, ()), **alike, **more)

    return shape


def chosen(rows: Iterable[Row], text: str) -> Row | None:
    """The row of those offered that was chosen by its id; None for none of them."""
    return next((row for row in rows if str(row.pk) == text), None)  # type: ignore[attr-defined]


def day_typed(text: str) -> date | None:
    """The day that was typed, 2026-12-31; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
