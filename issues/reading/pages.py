"""Small reads that several pages share."""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.roles import Role
from commitments.enums import SUBJECT as PROMISE
from commitments.models import Commitment
from common.fields import text_of
from communities.access import Access
from deadlines.models import Deadline
from issues.enums import SUBJECT, Turn, VerdictCheck
from issues.models import Issue
from issues.policies import asked_of
from issues.querysets import IssueQuerySet
from journal.models import STORED, Event, EventText

COUNT_CAP = 1000
_ROW_RELATIONS = ("category", "community", "subdistrict", "neighbourhood", "building", "lead_department", "officer")


def for_rows(rows: IssueQuerySet) -> IssueQuerySet:
    """What a row of a list shows, and nothing of the person who reported."""
    return rows.select_related(*_ROW_RELATIONS).defer("lexemes", "description")


def for_page(rows: IssueQuerySet) -> IssueQuerySet:
    """What the page of one issue shows."""
    return rows.select_related(*_ROW_RELATIONS, "category__department", "contact", "logged_by").defer("lexemes")


def deadlines_of(issue_id: int) -> list[Deadline]:
    """The clocks of one issue as they were started; one statement."""
    return list(Deadline.objects.of(SUBJECT, issue_id).in_order())


def promises_of(issue_id: int) -> list[Deadline]:
    """The open clocks of what was promised on one issue, the earliest first; one statement."""
    made = Commitment.objects.of(SUBJECT, issue_id).open()
    rows = Deadline.objects.open().filter(subject_kind=PROMISE, subject_id__in=made.values("pk"))
    return list(rows.order_by("due_at", "id"))


def events_of(issue_id: int) -> list[Event]:
    """The journal of one issue, newest first, with actor and texts (as ``words``); one statement."""
    words = EventText.objects.filter(event_id=OuterRef("pk")).values(pair=JSONObject(key="key", body=STORED))
    return list(
        Event.objects.of(SUBJECT, issue_id)
        .order_by("-seq")
        .select_related("actor")
        .annotate(words=ArraySubquery(words))
        .defer("prev_hash", "hash", "texts")
    )


def words_of(event: Event) -> dict[str, str]:
    """The free texts of an event that ``events_of`` loaded; a redacted one is ""."""
    return {pair["key"]: text_of(b64decode(pair["body"])) for pair in event.words}  # type: ignore[attr-defined]


def counts(rows: Mapping[str, QuerySet[Any, Any]], cap: int = COUNT_CAP) -> dict[str, int]:
    """How many rows each of these has, no further than ``cap``, in one statement."""
    parts: list[str] = []
    parameters: list[Any] = []
    for number, found in enumerate(rows.values()):
        try:
            sql, values = found.order_by().values("pk")[:cap].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted_{number})")  # noqa: S608 (made by the ORM)
        parameters += values
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return dict(zip(rows, cursor.fetchone() or (), strict=True))


def count_text(count: int, cap: int = COUNT_CAP) -> str:
    """7, or 999+ where counting stopped."""
    return f"{cap - 1}+" if count >= cap else str(count)


def is_awaiting(issue: Issue, access: Access) -> bool:
    """Whether the next move is this person's: ``querysets.todo_of`` for a row that is loaded."""
    area = issue.subdistrict_id
    checked = issue.verdict_check == VerdictCheck.DUE and not issue.is_open
    if (issue.asks_supervisor or checked) and access.is_in(Role.SUPERVISOR, area):
        return True
    if asked_of(issue, access):
        return True
    if not access.department_ids.isdisjoint(issue.co_waiting_ids):
        return True
    if issue.turn == Turn.COMMUNITY:
        return issue.community_id in access.community_ids
    if issue.turn == Turn.SUPERVISOR:
        return access.is_in(Role.SUPERVISOR, issue.subdistrict_id)
    if issue.turn != Turn.DEPARTMENT or issue.lead_department_id is None:
        return False
    if issue.lead_department_id in access.own_team_ids:
        return True
    lead = issue.lead_department_id
    roles = access.department_roles.get(lead)
    if roles is None:
        return False
    if Role.HEAD in roles or issue.officer_id in access.acts_for(lead):
        return True
    return lead in access.desk_department_ids and issue.officer_id not in access.staffed(lead)
