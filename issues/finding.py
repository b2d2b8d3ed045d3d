"""Finding issues by what people type: a number in any form, four digits of a phone, an outside number, words."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from common import search
from common.clock import local
from issues.models import Issue
from issues.querysets import IssueQuerySet

_SEPARATORS = re.compile(r"[\s\-_/.\u2010-\u2015\u2212\u30fb\uff0d]+")
_SPLIT = re.compile(r"(?P<area>[^\W\d]{1,20})?-?(?:(?P<year>20\d\d)-)?(?P<serial>\d{1,6})", re.UNICODE)
_RUN_ON = re.compile(r"(?P<area>[^\W\d]{1,20})?(?P<year>20\d\d)(?P<serial>\d{3,6})", re.UNICODE)
_LONGEST = 100
_MOST = 2000


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


_IDS = """
(SELECT i.id FROM issues_issue i JOIN communities_subdistrict s ON s.id = i.subdistrict_id
  WHERE %(serial)s > 0 AND i.year = %(year)s AND i.serial = %(serial)s
    AND (%(area)s = '' OR lower(s.area) = lower(%(area)s)))
UNION (SELECT i.id FROM communities_contact c JOIN issues_issue i ON i.contact_id = c.id
  WHERE %(tail)s <> '' AND c.phone_last4 = %(tail)s AND c.phone_last4 <> '' ORDER BY c.id DESC LIMIT %(most)s)
UNION (SELECT i.id FROM issues_issue i
  WHERE %(outside)s <> '' AND i.external_number = %(outside)s AND i.external_number <> '' LIMIT %(most)s)
"""


def _ids(*, number: NumberForm | None, tail: str, outside: str) -> list[int]:
    values: dict[str, str | int] = {
        "area": number.area if number else "",
        "year": number.year if number else 0,
        "serial": number.serial if number else 0,
        "tail": tail,
        "outside": outside,
        "most": _MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_IDS, values)
        return [row[0] for row in cursor.fetchall()]


def search_in(rows: IssueQuerySet, text: str, at: datetime) -> IssueQuerySet:
    """The rows that ``text`` finds: by number, last four digits of the phone, outside number or words.

    Words cost no statement of their own; whatever has a digit is first looked up as a number (one statement). A full
    number with its area is not searched for as words.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).strip()
    if not plain:
        return rows
    if not any(letter.isdigit() for letter in plain):
        return rows.matching(plain)
    number = parse_number(plain, at)
    compact = _SEPARATORS.sub("", plain)
    tail = compact if re.fullmatch(r"\d{4}", compact, re.ASCII) else ""
    found = Q(pk__in=_ids(number=number, tail=tail, outside=plain))
    words = "" if number and number.area else search.query(plain)
    return rows.filter(found | _words(words)) if words else rows.filter(found)


def _words(query: str) -> Q:
    """Full-text match as a condition that can be combined with others."""
    return Q(RawSQL("issues_issue.lexemes @@ %s::tsquery", [query], output_field=BooleanField()))
