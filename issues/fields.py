"""The fields of the actions: what each may hold. One table for API, console and phone pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from issues.enums import (
    Check,
    ContactChannel,
    ContactResult,
    Level,
    Outcome,
    RejectReason,
    ReturnReason,
    Solved,
    Verdict,
)
from issues.services.errors import InvalidFields, Words

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_text(value: Any, *, longest: int) -> str:
    """Text without control characters, trimmed. Raises ValueError with words for the person."""
    if not isinstance(value, str):
        raise ValueError(_("请填写文字"))
    text = _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
    if len(text) > longest:
        raise ValueError(_("最多 %(longest)d 个字") % {"longest": longest})
    return text


@dataclass(frozen=True)
class Text:
    """Free text: goes to the journal's redactable texts."""

    longest: int = 2000

    def read(self, value: Any) -> str:
        return clean_text(value, longest=self.longest)


@dataclass(frozen=True)
class Choice:
    """One code of a closed set."""

    choices: type[TextChoices]

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or (value and value not in self.choices.values):
            raise ValueError(_("请从列出的选项中选择"))
        return value


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def read(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "on", "1", "yes"):
            return True
        if value in ("", None) or (isinstance(value, str) and value.lower() in ("false", "off", "0", "no")):
            return False
        raise ValueError(_("请填写是或否"))


@dataclass(frozen=True)
class Code:
    """The code or name of another row; the effect of the action looks it up."""

    longest: int = 60

    def read(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(_("请从列出的选项中选择"))
        return clean_text(str(value), longest=self.longest)


Field = Text | Choice | Flag | Code

_BY_NAME: dict[str, Field] = {
    "note": Text(),
    "reason": Text(1000),
    "basis": Text(1000),
    "channel": Choice(ContactChannel),
    "result": Choice(ContactResult),
    "outcome": Choice(Outcome),
    "verdict": Choice(Verdict),
    "solved": Choice(Solved),
    "check": Choice(Check),
    "level": Choice(Level),
    "category": Code(8),
    "department": Code(),
    "suggested_department": Code(),
    "officer": Code(),
    "first_report": Flag(),
    "visible_to_resident": Flag(),
}
_BY_ACTION: dict[tuple[str, str], Field] = {
    ("reject", "reason"): Choice(RejectReason),
    ("return", "reason"): Choice(ReturnReason),
}


def field_of(action: str, name: str) -> Field:
    """What field ``name`` of ``action`` may hold."""
    return _BY_ACTION.get((action, name)) or _BY_NAME[name]


def choices_of(action: str, name: str) -> list[tuple[str, Any]]:
    """The choices of a closed field with their labels, [] for the others."""
    field = field_of(action, name)
    if not isinstance(field, Choice):
        return []
    choices: list[tuple[str, Any]] = list(field.choices.choices)
    if name == "outcome":
        return [choice for choice in choices if choice[0] in OUTCOMES_NOW]
    return choices


OUTCOMES_NOW = frozenset({Outcome.SOLVED, Outcome.PARTLY, Outcome.EXPLAINED, Outcome.UNFOUNDED})
"""Outcomes that can be given. The others need a commitment with a date or a review date."""


def read_fields(
    action: str, required: tuple[str, ...], optional: tuple[str, ...], data: Mapping[str, Any]
) -> dict[str, Any]:
    """The cleaned values of the fields that a row names; unknown ones are ignored.

    Raises InvalidFields naming every field that is missing or wrong.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, Words] = {}
    for name in (*required, *(name for name in ("note", *optional) if name not in required)):
        if data.get(name) in (None, "") and name not in required:
            continue
        try:
            value = field_of(action, name).read(data.get(name, ""))
        except ValueError as error:
            wrong[name] = error.args[0]
            continue
        if value == "" and name in required:
            wrong[name] = _("必填")
        elif name == "outcome" and value not in OUTCOMES_NOW:
            wrong[name] = _("此办理结果需先有承诺期限或复查日期，暂不能选择")
        else:
            values[name] = value
    if wrong:
        raise InvalidFields(wrong)
    return values
