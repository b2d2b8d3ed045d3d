"""Finding issues by what people type: a number in any form, four digits of a phone, an outside number, words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from common import search
from common.clock import local
from common.crypto import lookup_hashes
from common.phones import comparable_phone
from common.plain import plain
from communities.access import Access
from communities.word_list import word_list
from issues import discretion
from issues.models import Issue
from issues.models.issue import OUTSIDE_KEY
from issues.querysets import IssueQuerySet

_SEPARATORS = re.compile(r"[\s\-_/.\u2010-\u2015\u2212\u30fb]+")
_BEFORE = re.compile(
    r"^.*(?:编号|单号|号码|number|ref(?:erence)?)\s*(?:是|为)?[\s:.,#]*|^[\W_]*(?:no|nr)[\s.:#°]*(?=\d)|^[\W_]+",
    re.IGNORECASE | re.DOTALL,
)
_AFTER = re.compile(r"(?:[，,。；;！!？?、\n\])】}」』”’\"'》>](?!\d)).*$|\s*号?(?:这件|工单|诉求)?$", re.DOTALL)
_FRINGE = " \t\n-_.,。，、;；:：!！?？#*\"'“”‘’()[]{}<>《》「」『』【】"
_SPLIT = re.compile(r"(?P<area>[^\W\d]{1,20})?-?(?:(?P<year>20\d\d)-)?(?P<serial>\d{1,6})", re.UNICODE)
_RUN_ON = re.compile(r"(?P<area>[^\W\d]{1,20})?(?P<year>20\d\d)(?P<serial>\d{3,6})", re.UNICODE)
_LONGEST = 100
_MOST = 2000
_SHORTEST_WORD = 4
_SHORTEST_PHONE = 7
_TAIL = 4
_HALF_TYPED = re.compile(r"1[3-9]\d{5,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberForm:
    """What a person typed of an issue number; the area may be missing."""

    area: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.area}-{self.year}-{self.serial:06d}" if self.area else f"{self.year}-{self.serial:06d}"


def parse_number(text: str, at: datetime) -> NumberForm | None:
    """The issue number in ``text``, None where there is none. One parser for pages, API, search and fields.

    ``桂城-2026-000123`` with or without hyphens, ``2026-123``, ``123`` (of the year of ``at``), full-width digits,
    spaces, ``编号：…``, ``No.123``, ``№123``, ``123号``, ``【…】``, a stop behind it, characters that show nothing.
    """
    joined = _SEPARATORS.sub("-", _number_alone(plain(text[:_LONGEST].replace("№", "#")))).strip("-")
    found = _SPLIT.fullmatch(joined) or _RUN_ON.fullmatch(joined.replace("-", ""))
    if found is None or not found["serial"].isascii() or int(found["serial"]) == 0:
        return None
    year = int(found["year"]) if found["year"] else local(at).year
    return NumberForm(area=found["area"] or "", year=year, serial=int(found["serial"]))


def _number_alone(typed: str) -> str:
    """What was typed without the words and signs that people put around a number."""
    if typed.startswith("-"):
        return typed
    return _AFTER.sub("", _BEFORE.sub("", typed, count=1)).strip(_FRINGE)


def by_number(form: NumberForm) -> IssueQuerySet:
    """The issues that ``form`` can mean: one, or one per sub-district where the area was left out."""
    rows = Issue.objects.filter(year=form.year, serial=form.serial)
    if form.area:
        return rows.filter(subdistrict__area__iexact=form.area)
    return rows.filter(subdistrict__code__gt="")


_BY_NUMBER = """
SELECT i.id FROM issues_issue i JOIN communities_subdistrict s ON s.id = i.subdistrict_id
WHERE i.year = %s AND i.serial = %s AND (%s = '' OR lower(s.area) = lower(%s))
"""
_BY_OUTSIDE_NUMBER = f"""
SELECT id FROM issues_issue
WHERE {OUTSIDE_KEY.format("external_number")} = {OUTSIDE_KEY.format("%s")} AND external_number <> ''
"""  # noqa: S608 (constants)
_BY_CONTACT = """
SELECT i.id FROM communities_contact c JOIN issues_issue i ON i.contact_id = c.id
WHERE c.{column} = ANY(%s) AND c.{column} <> ''
    AND (NOT i.confidential OR i.community_id = ANY(%s) OR i.subdistrict_id = ANY(%s))
"""
"""Of a confidential matter only for those who know the reporter: ``discretion.reporter_known_to``."""

_BY_WORDS = "SELECT id FROM issues_issue WHERE lexemes @@ %s::tsquery"

Part = tuple[str, list[Any]]


def search_in(rows: IssueQuerySet, text: str, at: datetime, access: Access, *, by_phone: bool = True) -> IssueQuerySet:
    """The rows that ``text`` finds: by number, whole phone or its last four digits, outside number or words.

    Words alone cost no statement of their own. What holds a digit is looked up as a number first (one statement); of it
    and of words of letters and digits at most some thousand are found, each from its own index. ``by_phone``: whether
    the phone that was left finds anything.
    """
    typed = plain(text[:_LONGEST]).strip()
    if not typed:
        return rows
    if not any(letter.isdigit() for letter in typed):
        return rows.matching(*_readings(typed, access))
    number = parse_number(typed, at)
    words = _words(typed)
    exact = [*_numbered(number), *_outside(typed), *(_contacts(typed, access) if by_phone else ())]
    if words and not (number and number.area) and typed.isascii():
        return rows.filter(pk__in=_ids([*exact, (_BY_WORDS, [words])]))
    found = _ids(exact)
    if found or not words:
        return rows.filter(pk__in=found)
    return (
        rows.filter(pk__in=_ids([(_BY_WORDS, [words])])) if ":*" in words else rows.matching(*_readings(typed, access))
    )


def _readings(typed: str, access: Access) -> list[str]:
    """What is typed, and how the word list knows that it may have been written."""
    return word_list(min(access.subdistrict_ids, default=None)).readings(typed)


def _words(typed: str) -> str:
    """The words to look for; a few digits alone are no word."""
    compact = _SEPARATORS.sub("", typed)
    return search.query(typed) if len(compact) >= _SHORTEST_WORD or not compact.isdigit() else ""


def _numbered(number: NumberForm | None) -> list[Part]:
    if number is None:
        return []
    return [(_BY_NUMBER, [str(number.year), str(number.serial), number.area, number.area])]


def _outside(typed: str) -> list[Part]:
    """An outside number, however its letters and hyphens were typed."""
    return [(_BY_OUTSIDE_NUMBER, [typed])]


def _contacts(typed: str, access: Access) -> list[Part]:
    """Everything that finds a matter by the phone that was left: all of it, or its last four digits."""
    line, known_to = _line_in(typed), [sorted(access.community_ids), discretion.supervised(access)]
    if not line:
        return []
    whole = len(line) > _TAIL
    column, values = ("phone_hash", lookup_hashes(line)) if whole else ("phone_last4", [line])
    return [(_BY_CONTACT.format(column=column), [values, *known_to])]


def phone_in(text: str, at: datetime) -> str:
    """The line, or the last four digits of one, by which ``text`` looks for people; "" where it does not.

    What names a matter by its number is none, however many digits it has, nor is a mobile that is still being typed.
    """
    line = _line_in(plain(text[:_LONGEST]).strip())
    return "" if _HALF_TYPED.fullmatch(line) or (len(line) > _TAIL and parse_number(text, at)) else line


def _line_in(typed: str) -> str:
    compact = _SEPARATORS.sub("", typed)
    if re.fullmatch(r"\d{4}", compact, re.ASCII):
        return compact
    phone = comparable_phone(typed)
    return "" if len(phone) < _SHORTEST_PHONE or len(phone) < len(compact) // 2 else phone


def _ids(parts: Sequence[Part]) -> list[int]:
    """Ids of what these find, in one statement."""
    if not parts:
        return []
    with connection.cursor() as cursor:
        union = " UNION ".join(f"({sql} LIMIT {_MOST})" for sql, _values in parts)
        cursor.execute(union, [value for _sql, values in parts for value in values])
        return [row[0] for row in cursor.fetchall()]
