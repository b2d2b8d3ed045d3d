"""The values that templates print: plain, already translated, without a query behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext


@dataclass(frozen=True)
class DueShape:
    """What is left and the moment itself; ``state`` colours it."""

    relative: str
    at: datetime
    state: str
    estimated: bool


@dataclass(frozen=True)
class Seal:
    """Supervision as a square seal."""

    code: str
    label: str
    title: str = ""
    draft: bool = False


@dataclass(frozen=True)
class Link:
    """Words and where they lead."""

    label: str
    url: str


@dataclass(frozen=True)
class RowShape:
    """One issue in a list."""

    number: str
    short_number: str
    url: str
    pane_url: str
    title: str
    level: str
    level_label: str
    status_label: str
    time_limit: str
    time_limit_label: str
    place: str
    category: str
    department: str
    next_step: str
    mine: bool
    due: DueShape | None
    seals: tuple[Seal, ...]
    action: Link | None
    role_label: str
    officer: str
    selected: bool = False


@dataclass(frozen=True)
class RowGroup:
    """Rows under a heading."""

    label: str
    count: str
    rows: tuple[RowShape, ...]


@dataclass(frozen=True)
class Tab:
    """A tab, or a count that is a filter."""

    code: str
    label: str
    url: str
    active: bool
    count: str = ""


@dataclass(frozen=True)
class CountShape:
    """One of the four counts."""

    code: str
    label: str
    text: str
    zero: bool
    tone: str
    url: str
    active: bool


@dataclass(frozen=True)
class Option:
    """One entry of a filter's menu."""

    label: str
    url: str
    selected: bool


@dataclass(frozen=True)
class Chip:
    """A filter as a menu of links."""

    name: str
    label: str
    value_label: str
    clear_url: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Pager:
    """Keyset pages go forward and back to the start."""

    text: str = ""
    next_url: str = ""
    previous_url: str = ""
    first_url: str = ""


@dataclass(frozen=True)
class Empty:
    """What an empty list says."""

    title: str
    text: str = ""
    action_label: str = ""
    action_url: str = ""


@dataclass(frozen=True)
class ErrorItem:
    """One thing that is still wrong."""

    field_id: str
    label: str
    message: str


def error_title(number: int) -> str:
    """还有 2 项需要填写."""
    return ngettext("还有 %(n)d 项需要填写", "还有 %(n)d 项需要填写", number) % {"n": number}


@dataclass(frozen=True)
class ChoiceShape:
    """One choice of a field; ``keys`` are pinyin for the type-ahead."""

    value: str
    label: str
    help: str = ""
    keys: str = ""
    department: str = ""
    group: str = ""


@dataclass(frozen=True)
class FieldShape:
    """One field of a form, as templates/components/field.html reads it.

    ``when``: the field matters only while another one has one of these values (``outcome:planned,not_now``); a script
    hides it meanwhile, without one it stays with its helper. ``was``: what it showed when it was opened, for forms that
    send only what was changed. ``half``: it stands beside another one on wide screens.
    """

    name: str
    label: str
    type: str = "text"
    value: Any = ""
    choices: Sequence[ChoiceShape] = ()
    required: bool = False
    help: str = ""
    errors: Sequence[str] = ()
    placeholder: str = ""
    maxlength: int | None = None
    rows: int | None = None
    preview: bool = False
    id: str = ""
    source: str = ""
    autocomplete: str = ""
    inputmode: str = ""
    autofocus: bool = False
    when: str = ""
    was: str | None = None
    half: bool = False
    least: str = ""
    most: str = ""
    unit: str = ""
    other: "FieldShape | None" = None
