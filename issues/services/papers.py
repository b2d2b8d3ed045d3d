"""Issuing and lifting numbered papers: 催办单, 督办单 and cards, gap-free per sub-district, kind and year."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from common.clock import local
from issues.enums import PaperKind
from issues.models import Issue, Paper, Request

_MARKS: Final = {
    PaperKind.URGE: "催",
    PaperKind.ORDER: "督",
    PaperKind.YELLOW_CARD: "黄",
    PaperKind.RED_CARD: "红",
}
"""The word that stands for a kind in a number: 桂城督〔2026〕000123号."""

_TAKE = """
INSERT INTO issues_paperseries (subdistrict_id, kind, year, last)
SELECT v.subdistrict_id, %s, %s, v.n FROM jsonb_to_recordset(%s::jsonb) AS v(subdistrict_id bigint, n int)
ORDER BY v.subdistrict_id
ON CONFLICT (subdistrict_id, kind, year) DO UPDATE SET last = issues_paperseries.last + EXCLUDED.last
RETURNING subdistrict_id, last
"""
_INSERT = """
INSERT INTO issues_paper (subdistrict_id, kind, year, serial, number, issue_id, department_id, deadline_id,
    deadline_kind, due_at, urges, issued_at)
SELECT v.subdistrict_id, %(kind)s, %(year)s, v.serial, v.number, v.issue_id, v.department_id, v.deadline_id,
    v.deadline_kind, v.due_at, v.urges, %(at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(subdistrict_id bigint, serial int, number text, issue_id bigint,
    department_id bigint, deadline_id bigint, deadline_kind text, due_at timestamptz, urges int)
"""


@dataclass(frozen=True)
class PaperAbout:
    """What a paper is about: what is owed, by whom, and since or until when; nothing of it where it is no one limit."""

    department_id: int | None
    deadline_id: int | None = None
    kind: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class UrgePaper:
    """One 催办单 that the clock sends; ``area`` is the sub-district's word in numbers."""

    issue_id: int
    subdistrict_id: int
    area: str
    about: PaperAbout
    urges: int


def number_of(area: str, kind: PaperKind, year: int, serial: int) -> str:
    """桂城催〔2026〕000123号."""
    return f"{area}{_MARKS[kind]}〔{year}〕{serial:06d}号"


def take_serials(kind: PaperKind, year: int, wanted: dict[int, int]) -> dict[int, int]:
    """The last of so many serials for each sub-district, in one statement.

    The series stay locked until the transaction ends, in the order of their ids: a roll-back gives the numbers back.
    """
    rows = [{"subdistrict_id": pk, "n": n} for pk, n in wanted.items()]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [kind.value, year, json.dumps(rows)])
        return dict(cursor.fetchall())


def issue_paper(
    issue: Issue,
    kind: PaperKind,
    about: PaperAbout,
    *,
    at: datetime,
    by_id: int | None,
    request: Request | None = None,
    reply_due_at: datetime | None = None,
) -> Paper:
    """Number and keep one paper; two statements. The caller holds the issue's row lock and says in its journal so."""
    year = local(at).year
    serial = take_serials(kind, year, {issue.subdistrict_id: 1})[issue.subdistrict_id]
    return Paper.objects.create(
        subdistrict_id=issue.subdistrict_id,
        kind=kind,
        year=year,
        serial=serial,
        number=number_of(issue.subdistrict.area, kind, year, serial),
        issue=issue,
        department_id=about.department_id,
        deadline_id=about.deadline_id,
        deadline_kind=about.kind,
        due_at=about.due_at,
        request=request,
        urges=issue.urge_count,
        issued_at=at,
        issued_by_id=by_id,
        reply_due_at=reply_due_at,
    )


def issue_urges(papers: Sequence[UrgePaper], at: datetime) -> list[str]:
    """Number and keep the 催办单 that the clock sends, in two statements; returns their numbers in the same order."""
    if not papers:
        return []
    year, wanted = local(at).year, dict[int, int]()
    for paper in papers:
        wanted[paper.subdistrict_id] = wanted.get(paper.subdistrict_id, 0) + 1
    last = take_serials(PaperKind.URGE, year, wanted)
    following = {pk: last[pk] - wanted[pk] for pk in wanted}
    numbers, rows = [], []
    for paper in papers:
        following[paper.subdistrict_id] += 1
        serial = following[paper.subdistrict_id]
        numbers.append(number_of(paper.area, PaperKind.URGE, year, serial))
        rows.append(_row(paper, serial, numbers[-1]))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"kind": PaperKind.URGE.value, "year": year, "at": at, "rows": json.dumps(rows)})
    return numbers


def _row(paper: UrgePaper, serial: int, number: str) -> dict[str, int | str | None]:
    about = paper.about
    return {
        "subdistrict_id": paper.subdistrict_id,
        "serial": serial,
        "number": number,
        "issue_id": paper.issue_id,
        "department_id": about.department_id,
        "deadline_id": about.deadline_id,
        "deadline_kind": about.kind,
        "due_at": about.due_at.isoformat() if about.due_at else None,
        "urges": paper.urges,
    }


def lift_papers(issue: Issue, *, at: datetime, by_id: int | None) -> list[str]:
    """Lift the orders and cards that stand on the issue; returns their numbers, the oldest first."""
    standing = list(Paper.objects.standing().filter(issue=issue).order_by("id").values_list("pk", "number"))
    Paper.objects.filter(pk__in=[pk for pk, _number in standing]).update(lifted_at=at, lifted_by_id=by_id)
    return [number for _pk, number in standing]
