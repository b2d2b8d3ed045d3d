"""What a notification's words are made of, read for many at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from communities.models import Department
from issues.models import Issue
from journal.models import Event
from reminders.audience import notification_kind


@dataclass(frozen=True)
class Facts:
    """An event as somebody is told of it. Codes, names of places and organisations; nothing of the resident.

    ``title`` is the issue's own title, ``alarm`` the emergency words in it: both are made of the reporter's words and
    shown inside the house only.
    """

    kind: str
    at: datetime
    data: Mapping[str, Any]
    actor_role: str
    number: str
    title: str
    alarm: str
    level: str
    community: str
    category: str
    department: str


def issues_for(ids: Collection[int]) -> dict[int, Issue]:
    """The issues that notifications speak of, with what their words need; one statement."""
    rows = Issue.objects.select_related("community", "category", "lead_department").only(
        *("number", "title", "alarm", "level", "status", "subdistrict_id", "community_id", "lead_department_id"),
        *("community__name_zh", "community__name_en", "category__name_zh", "category__name_en"),
        *("lead_department__name_zh", "lead_department__name_en"),
        *("lead_department__short_zh", "lead_department__short_en"),
    )
    return rows.in_bulk(list(ids))


def departments_for(events: Iterable[Event]) -> dict[int, Department]:
    """The organisations that events name; one statement, none where none is named."""
    ids = {event.data.get("department") for event in events} - {None}
    return Department.objects.in_bulk(list(ids)) if ids else {}


def facts_of(event: Event, issue: Issue, departments: Mapping[int, Department]) -> Facts:
    """The facts of one event, names in the active language."""
    department = departments.get(event.data.get("department") or 0) or issue.lead_department
    return Facts(
        kind=notification_kind(event.kind, event.data),
        at=event.at,
        data=event.data,
        actor_role=event.actor_role,
        number=issue.number,
        title=issue.title,
        alarm=issue.alarm,
        level=issue.level,
        community=issue.community.name,
        category=issue.category.name if issue.category else "",
        department=department.short_name if department else "",
    )
