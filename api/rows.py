"""A page of issues in one statement, built for speed: it is what programmes ask for most.

Django writes the inner query, which finds the ids of the page with scope, filters and order; the outer one is fixed and
reads what a row shows, joined only to the rows of the page. Nothing is made into model instances.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.translation import get_language

from api.shapes import Row, moment
from common.keyset import Order
from communities.access import Access
from issues.discretion import knows_reporter, source_told
from issues.models import Issue
from issues.models.issue import time_limit_of
from issues.querysets import IssueQuerySet

_OUTER: Final = """
WITH page AS MATERIALIZED ({inner})
SELECT i.id, i.urgency, i.rank_at, i.number, i.title, i.kind, i.level, i.source, i.status, i.outcome, i.verdict,
       i.solved, i.supervision, i.confidential, i.version, i.created_at, i.changed_at, i.due_kind, i.due_at, i.soon_at,
       i.overdue_at, i.due_estimated, i.persons, i.community_id, c.name_zh, c.name_en, k.code, k.name_zh, k.name_en,
       d.code, d.name_zh, d.name_en, u.username, u.display_name, i.subdistrict_id, i.leader_id
FROM page JOIN issues_issue i ON i.id = page.id JOIN communities_community c ON c.id = i.community_id
LEFT JOIN communities_category k ON k.id = i.category_id
LEFT JOIN communities_department d ON d.id = i.lead_department_id LEFT JOIN accounts_user u ON u.id = i.officer_id
ORDER BY {order}
"""


@dataclass(frozen=True, slots=True)
class Inner:
    """The query that finds the ids of one page, compiled; ``sql`` is None where nothing can be found."""

    sql: str | None
    params: tuple[Any, ...]
    order: Order


def compiled_ids(rows: IssueQuerySet, order: Order, cursor: str | None, size: int) -> Inner:
    """The ids of ``size`` rows after ``cursor`` and one more. Raises BadCursor."""
    wanted = order.apply(rows, cursor).values_list("id")[: size + 1]
    try:
        sql, params = wanted.query.sql_with_params()
    except EmptyResultSet:
        return Inner(None, (), order)
    return Inner(sql, tuple(params), order)


_FIRST_PAGES: Final[dict[Hashable, Inner]] = {}
_MOST_FIRST_PAGES: Final = 2000


def first_page(access: Access, ordering: str, size: int, asked: Callable[[], tuple[IssueQuerySet, Order]]) -> Inner:
    """The compiled query of an unfiltered first page, kept for everybody with exactly this access.

    What people open most depends on nothing else, and compiling it costs more than running it. The key holds every
    field of the access, so that whatever the scope may come to depend on is part of it.
    """
    key = (tuple(_hashable(getattr(access, column.name)) for column in fields(access)), ordering, size)
    known = _FIRST_PAGES.get(key)
    if known is None:
        if len(_FIRST_PAGES) >= _MOST_FIRST_PAGES:
            _FIRST_PAGES.clear()
        known = _FIRST_PAGES[key] = compiled_ids(*asked(), None, size)
    return known


def _hashable(value: Any) -> Hashable:
    return frozenset(value.items()) if isinstance(value, dict) else value


def read_page(inner: Inner, size: int, at: datetime, access: Access) -> tuple[list[Row], str | None]:
    """Up to ``size`` rows, and the cursor of the next page. One statement."""
    if inner.sql is None:
        return [], None
    with connection.cursor() as statement:
        statement.execute(_OUTER.format(inner=inner.sql, order=_SORTED[inner.order.fields]), inner.params)
        found = statement.fetchall()
    english = (get_language() or "").startswith("en")
    page = [_row(row, at, english, access) for row in found[:size]]
    return page, inner.order.cursor(_place(found[size - 1])) if len(found) > size else None


_SORTED: Final = {
    ("-id",): "i.id DESC",
    ("id",): "i.id",
    ("rank_at", "id"): "i.rank_at, i.id",
}


def _place(row: Sequence[Any]) -> Mapping[str, Any]:
    return {"id": row[0], "urgency": row[1], "rank_at": row[2]}


def _row(row: Sequence[Any], at: datetime, english: bool, access: Access) -> Row:
    (
        _id, _urgency, _rank_at, number, title, kind, level, source, status, outcome, verdict,
        solved, supervision, confidential, version, created_at, changed_at, due_kind, due_at, soon_at,
        overdue_at, due_estimated, persons, community_id, community, community_en, category, category_zh, category_en,
        department, department_zh, department_en, officer, officer_name, subdistrict_id, leader_id,
    ) = row  # fmt: skip
    if confidential and leader_id is not None:
        about = Issue(confidential=True, community_id=community_id, subdistrict_id=subdistrict_id, leader_id=leader_id)
        source = source if knows_reporter(about, access) else source_told(source)
    return {
        "number": number,
        "title": title,
        "kind": kind,
        "level": level,
        "source": source,
        "status": status,
        "outcome": outcome or None,
        "verdict": verdict or None,
        "solved": solved or None,
        "supervision": supervision,
        "time_limit": time_limit_of(status, due_at, soon_at, overdue_at, at).value,
        "confidential": confidential,
        "persons": persons,
        "community": {"id": community_id, "name": (english and community_en) or community},
        "category": {"code": category, "name": (english and category_en) or category_zh} if category else None,
        "department": {"code": department, "name": (english and department_en) or department_zh}
        if department
        else None,
        "officer": {"username": officer, "name": officer_name} if officer else None,
        "due_kind": due_kind or None,
        "due_at": moment(due_at),
        "due_estimated": due_estimated if due_at else False,
        "created_at": moment(created_at),
        "changed_at": moment(changed_at),
        "version": version,
    }
