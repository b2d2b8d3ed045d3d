"""The fields of the actions: what each may hold. One table for API, console and phone pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import TextChoices
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from common.clock import SHANGHAI, end_of_named_day
from common.plain import plain, visible
from deadlines.enums import Level
from issues.enums import (
    Check,
    ContactChannel,
    ContactResult,
    Kind,
    Outcome,
    RejectReason,
    ReturnReason,
    Solved,
    Source,
    SuspensionReason,
    Verdict,
)
from issues.services.errors import InvalidFields, Words
from papers.enums import DraftKind

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_text(value: Any, *, longest: int) -> str:
    """Text without control characters, trimmed; "" where nothing of it can be seen.

    Raises ValueError with words for the person.
    """
    if not isinstance(value, str):
        raise ValueError(_("请填写文字"))
    text = _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
    if not visible(text).strip():
        return ""
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
class OutsideNumber(Text):
    """The number of another office: as that office prints it, in plain letters."""

    longest: int = 40

    def read(self, value: Any) -> str:
        return clean_text(" ".join(plain(value).split()) if isinstance(value, str) else value, longest=self.longest)


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


@dataclass(frozen=True)
class Codes:
    """Several codes or names of other rows: a list, or text with commas."""

    most: int = 20

    def read(self, value: Any) -> list[str]:
        parts = re.split(r"[,，、\s]+", value) if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise ValueError(_("请从列出的选项中选择"))
        if len(parts) > self.most:
            raise ValueError(_("最多 %(most)d 项") % {"most": self.most})
        return list(dict.fromkeys(code for code in (Code().read(part) for part in parts) if code))


@dataclass(frozen=True)
class Whole:
    """A whole number from 1 on."""

    most: int

    def read(self, value: Any) -> int:
        text = value.strip() if isinstance(value, str) else value
        if isinstance(text, str) and re.fullmatch(r"[0-9]{1,6}", text, re.ASCII):
            text = int(text)
        if isinstance(text, bool) or not isinstance(text, int) or not 1 <= text <= self.most:
            raise ValueError(_("请填写 1 到 %(most)d 的整数") % {"most": self.most})
        return text


@dataclass(frozen=True)
class Day:
    """A date, YYYY-MM-DD."""

    def read(self, value: Any) -> date:
        return _whole_day(value)


@dataclass(frozen=True)
class PointInTime:
    """A point in time, ISO 8601; without a zone it is Shanghai's.

    ``until``: what is allowed until then; a day alone means all of it.
    """

    until: bool = False

    def read(self, value: Any) -> datetime:
        text = value.strip() if isinstance(value, str) else ""
        try:
            found = (end_of_named_day(text) if self.until else None) or parse_datetime(text)
        except ValueError:
            found = None
        if found is None or not 1970 <= found.year <= 2200:
            raise ValueError(_("请填写日期和时间"))
        return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _whole_day(value: Any) -> date:
    try:
        found = parse_date(value.strip()) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 2200:
        raise ValueError(_("请填写日期"))
    return found


Field = Text | Choice | Flag | Code | Codes | Whole | Day | PointInTime

_BY_NAME: dict[str, Field] = {
    "note": Text(),
    "reason": Text(1000),
    "basis": Text(1000),
    "interim_answer": Text(500),
    "commitment": Text(500),
    "channel": Choice(ContactChannel),
    "result": Choice(ContactResult),
    "outcome": Choice(Outcome),
    "verdict": Choice(Verdict),
    "solved": Choice(Solved),
    "check": Choice(Check),
    "level": Choice(Level),
    "kind": Choice(DraftKind),
    "category": Code(8),
    "department": Code(),
    "departments": Codes(),
    "suggested_department": Code(),
    "officer": Code(),
    "users": Codes(),
    "master": Code(),
    "days": Whole(366),
    "deadline": Whole(2**62),
    "extra_days": Whole(60),
    "until": Day(),
    "due_on": Day(),
    "review_on": Day(),
    "first_report": Flag(),
    "visible_to_resident": Flag(),
    "supervision_reply": Flag(),
    "title": Text(120),
    "text": Text(2000),
    "description": Text(4000),
    "source": Choice(Source),
    "community": Code(),
    "neighbourhood": Code(),
    "building": Code(),
    "address": Text(200),
    "occurred_at": PointInTime(),
    "contact_name": Text(60),
    "contact_phone": Text(40),
    "contact_address": Text(200),
    "confidential": Flag(),
    "external_number": OutsideNumber(),
    "external_due_at": PointInTime(until=True),
}
_BY_ACTION: dict[tuple[str, str], Field] = {
    ("reject", "reason"): Choice(RejectReason),
    ("return", "reason"): Choice(ReturnReason),
    ("request_suspension", "reason"): Choice(SuspensionReason),
    ("edit", "kind"): Choice(Kind),
}


def field_of(action: str, name: str) -> Field:
    """What field ``name`` of ``action`` may hold."""
    return _BY_ACTION.get((action, name)) or _BY_NAME[name]


def choices_of(action: str, name: str) -> list[tuple[str, Any]]:
    """The choices of a closed field with their labels, [] for the others."""
    field = field_of(action, name)
    if not isinstance(field, Choice):
        return []
    return list(field.choices.choices)


_CLEARED = frozenset({"external_due_at"})
"""Fields that an explicit null takes away; for the others it says nothing."""


def read_fields(
    action: str, required: tuple[str, ...], optional: tuple[str, ...], data: Mapping[str, Any]
) -> dict[str, Any]:
    """The cleaned values of the fields that a row names; unknown ones are ignored.

    Raises InvalidFields naming every field that is missing or wrong.
    """
    values: dict[str, Any] = {}
    wrong: dict[str, Words] = {}
    for name in (*required, *(name for name in ("note", *optional) if name not in required)):
        if name in _CLEARED and name in data and data[name] is None:
            values[name] = None
            continue
        if data.get(name) in (None, "") and name not in required:
            continue
        try:
            value = field_of(action, name).read(data.get(name, ""))
        except ValueError as error:
            wrong[name] = error.args[0]
            continue
        if value == "" and name in required:
            wrong[name] = _("必填")
        else:
            values[name] = value
    if wrong:
        raise InvalidFields(wrong)
    return values
