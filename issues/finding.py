"""Finding issues by what people type: a number in any form, four digits of a phone, an outside number, words."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from common import search
from common.clock import local
from communities.access import Access
from issues import discretion
from issues.models import Issue
from issues.querysets import IssueQuerySet

_SEPARATORS = re.compile(r"[\s\-_/.\u2010-\u2015\u2212\u30fb\uff0d]+")
_SPLIT = re.compile(r"(?P<area>[^\W\d]{1,20})?-?(?:(?P<year>20\d\d)-)?(?P<serial>\d{1,6})", re.UNICODE)
_RUN_ON = re.compile(r"(?P<area>[^\W\d]{1,20})?(?P<year>20\d\d)(?P<serial>\d{3,6})", re.UNICODE)
_LONGEST = 100
_MOST = 2000
_SHORTEST_WORD = 4


@dataclass(frozen=True, slots=True)
class NumberForm:
    """What a person typed of an issue number; the area may be missing."""

    area: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.area}-{self.year}-{self.serial:06d}" if self.area else f"{self.year}-{self.serial:06d}"


def parse_number(text: str, at: datetime) -> NumberForm | None:
    """The issue number in ``text``, None where there is none.

    ``桂城-2026-000123`` with or without hyphens, ``2026-123``, ``123`` (of the year of ``at``), full-width digits,
    spaces.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).strip().lstrip("#")
    joined = _SEPARATORS.sub("-", plain).strip("-")
    found = _SPLIT.fullmatch(joined) or _RUN_ON.fullmatch(joined.replace("-", ""))
    if found is None or not found["serial"].isascii() or int(found["serial"]) == 0:
        return None
    year = int(found["year"]) if found["year"] else local(at).year
    return NumberForm(area=found["area"] or "", year=year, serial=int(found["serial"]))


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
_BY_OUTSIDE_NUMBER = "SELECT id FROM issues_issue WHERE external_number = %s AND external_number <> ''"
_BY_TAIL = """
SELECT i.id FROM communities_contact c JOIN issues_issue i ON i.contact_id = c.id
WHERE c.phone_last4 = %s AND c.phone_last4 <> ''
    AND (NOT i.confidential OR i.community_id = ANY(%s) OR i.subdistrict_id = ANY(%s))
"""
"""Of a confidential matter only for those who know the reporter: ``discretion.known_to``."""

_BY_WORDS = "SELECT id FROM issues_issue WHERE lexemes @@ %s::tsquery"


def _ids(number: NumberForm | None, plain: str, access: Access) -> list[int]:
    """Ids of what a number, an outside number, a phone's tail or a word with digits finds, each from its own index."""
    parts: list[str] = [_BY_OUTSIDE_NUMBER]
    values: list[Any] = [plain]
    if number is not None:
        parts.append(_BY_NUMBER)
        values += [str(number.year), str(number.serial), number.area, number.area]
    compact = _SEPARATORS.sub("", plain)
    if re.fullmatch(r"\d{4}", compact, re.ASCII):
        parts.append(_BY_TAIL)
        values += [compact, sorted(access.community_ids), discretion.supervised(access)]
    words = search.query(plain) if len(compact) >= _SHORTEST_WORD and not (number and number.area) else ""
    if words:
        parts.append(_BY_WORDS)
        values.append(words)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(f"({part} LIMIT {_MOST})" for part in parts), values)
        return [row[0] for row in cursor.fetchall()]


def search_in(rows: IssueQuerySet, text: str, at: datetime, access: Access) -> IssueQuerySet:
    """The rows that ``text`` finds: by number, last four digits of the phone, outside number or words.

    Words cost no statement of their own. What is, or could be, a number is looked up first (one statement); of it and
    of words of letters and digits, such as an outside number's first part, at most some thousand are found.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    if not plain:
        return rows
    number = parse_number(plain, at)
    if number is None and not (plain.isascii() and any(letter.isdigit() for letter in plain)):
        return rows.matching(plain)
    return rows.filter(pk__in=_ids(number, plain, access))
