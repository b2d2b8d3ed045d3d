"""An issue as the engine of reminders asks about it (``reminders.subjects``)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse

from communities.access import Access
from communities.models.base import localised
from deadlines.calendar import WorkCalendar
from deadlines.enums import PRESSING
from deadlines.models import Deadline
from issues.enums import OPEN, SUBJECT, Action, DepartmentRole, Status
from issues.models import Issue, IssueDepartment, Participation
from issues.reading.sight import IssueSight
from issues.rungs import DEEM, EXPIRE
from issues.services import elapsing, messages
from issues.services.after_recount import follow_recount
from issues.services.urging import urged_by_time
from issues.telling import TELLINGS, audience_of
from issues.telling.base import Happening
from journal.models import Event
from reminders.audience import Audience
from reminders.letters import Letter
from reminders.reference import load_ladder
from reminders.rungs import DRAFTS
from reminders.subjects import About, Matter, Subject, SubjectStanding, Urged

_STANDING: Final = ("pk", "level", "status", "number")
_LOCK: Final = """
SELECT id, level, status, number FROM issues_issue
WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
_WAIT: Final = "SELECT id, level, status, number FROM issues_issue WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
_MATTER: Final = (
    *("pk", "subdistrict_id", "level", "community_id", "lead_department_id", "officer_id", "co_waiting_ids", "turn"),
    *("suspended_at", "suspension_count", "asks", "asks_direction"),
)
_SAID: Final = (
    *("pk", "number", "title", "alarm", "level", "status", "subdistrict_id", "community_id", "lead_department_id"),
    *("community__name_zh", "community__name_en", "category__name_zh", "category__name_en"),
    *("lead_department__name_zh", "lead_department__name_en"),
    *("lead_department__short_zh", "lead_department__short_en"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMatter(Matter):
    """With what decides beside who is told of an event (``issues.telling.Happening``)."""

    turn: str
    suspended_at: datetime | None
    suspensions: int
    asks: tuple[str, ...]
    asks_direction: bool


class IssueSubject(Subject[IssueMatter]):
    """The issues."""

    kind = SUBJECT

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As every action on an issue does."""
        with connection.cursor() as cursor:
            cursor.execute(_WAIT if wait else _LOCK, [sorted(ids)])
            return {row[0]: _standing(*row) for row in cursor.fetchall()}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Level and status."""
        rows = Issue.objects.filter(pk__in=ids).values_list(*_STANDING)
        return {row[0]: _standing(*row) for row in rows}

    def may_act(self, effect: str, standing: SubjectStanding) -> bool:
        """Never by silence on a critical or urgent one (docs/rules/supervision.md)."""
        if effect == DEEM:
            return standing.status == Status.DISPATCHED and standing.level not in PRESSING
        return effect in DRAFTS or (effect == EXPIRE and standing.status == Status.NEED_INFO)

    def act(self, effect: str, *, subject_id: int, deadline_id: int, at: datetime) -> None:
        """By the rows of the workflow table whose party is time."""
        if effect == DEEM:
            elapsing.acknowledge_by_time(issue_id=subject_id, at=at)
        elif effect == EXPIRE:
            elapsing.info_expired(issue_id=subject_id, at=at)
        else:
            elapsing.draft_by_time(issue_id=subject_id, kind=DRAFTS[effect], deadline_id=deadline_id, at=at)

    def urge(self, rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> Mapping[int, Mapping[str, Any]]:
        """With a numbered 催办单; the issue's supervision rises to ``urged`` and its version stays."""
        return urged_by_time(rows, at, calendar)

    def follow_recount(self, rows: Sequence[Deadline], at: datetime, calendar: WorkCalendar) -> None:
        """Co-departments' parts, and what the issue's row shows of its governing clock."""
        follow_recount(rows, at, calendar)

    def matters(self, ids: Collection[int]) -> Mapping[int, IssueMatter]:
        """Where they are, who works on them, and what waits for a decision."""
        rows = Issue.objects.filter(pk__in=ids).values_list(*_MATTER)
        return {
            pk: IssueMatter(
                id=pk,
                subdistrict_id=subdistrict_id,
                level=level,
                community_id=community_id,
                department_id=department_id,
                officer_id=officer_id,
                co_department_ids=tuple(waiting),
                turn=turn,
                suspended_at=suspended_at,
                suspensions=suspensions,
                asks=tuple(asks),
                asks_direction=asks_direction,
            )
            for pk, subdistrict_id, level, community_id, department_id, officer_id, waiting, turn, *asked in rows
            for suspended_at, suspensions, asks, asks_direction in [asked]
        }

    def audience(self, event: Event, matter: IssueMatter) -> Audience:
        """By the row of its kind in the table of tellings."""
        row = TELLINGS.get(event.kind)
        roles: tuple[str, ...] = ()
        if row is not None and row.starts_at_desk:
            roles = load_ladder(matter.subdistrict_id).at_start_roles("acknowledge", matter.level)
        return audience_of(
            Happening(
                kind=event.kind,
                at=event.at,
                actor_role=event.actor_role,
                data=event.data,
                level=matter.level,
                turn=matter.turn,
                department_id=matter.department_id,
                new_roles=roles,
                suspended_at=matter.suspended_at,
                suspensions=matter.suspensions,
                asks=matter.asks,
                asks_direction=matter.asks_direction,
            )
        )

    def letters(self, wanted: Collection[tuple[Event, int]]) -> Mapping[tuple[int, int], Letter | str]:
        """To the reporter of the matter or of one that joined it: its number and its link."""
        return messages.letters(wanted)

    def undelivered(self, event: Event, outsider_id: int, at: datetime, *, gave_up: bool) -> None:
        """Somebody calls (待告知)."""
        if messages.is_called_for(event, gave_up=gave_up):
            elapsing.message_failed(issue_id=outsider_id, at=at)

    def watchers(self, ids: Collection[int]) -> Iterable[tuple[int, int]]:
        """Who follows one of these."""
        rows = Participation.objects.filter(issue_id__in=ids, watching=True).order_by("id")
        return rows.values_list("issue_id", "user_id")

    def sight(self, ids: Collection[int]) -> IssueSight:
        """By the rule of ``visible_to``."""
        return IssueSight(ids)

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """Number, title, place, category and department."""
        found = {}
        for row in Issue.objects.filter(pk__in=ids).values(*_SAID):
            short, name = ("lead_department__short_", "lead_department__name_")
            department = localised(
                row[f"{short}zh"] or row[f"{name}zh"] or "", row[f"{short}en"] or row[f"{name}en"] or ""
            )
            found[row["pk"]] = About(
                id=row["pk"],
                number=row["number"],
                title=row["title"],
                level=row["level"],
                is_open=row["status"] in OPEN,
                subdistrict_id=row["subdistrict_id"],
                url=reverse("console-issue", args=[row["number"]]),
                community_id=row["community_id"],
                alarm=row["alarm"],
                places=(
                    localised(row["community__name_zh"], row["community__name_en"]),
                    localised(row["category__name_zh"] or "", row["category__name_en"] or ""),
                ),
                department=department,
            )
        return found

    def parts(self, ids: Collection[int], *, department_id: int | None, community_id: int | None) -> set[int]:
        """Those that it leads or co-handles now, or of which it got a copy."""
        rows = IssueDepartment.objects.filter(Q(current=True) | Q(role=DepartmentRole.CC), issue_id__in=ids)
        if department_id is not None:
            rows = rows.filter(department_id=department_id)
        elif community_id is not None:
            rows = rows.filter(department__community_id=community_id)
        return set(rows.values_list("issue_id", flat=True))

    def was_open(self, event: Event) -> bool:
        """By the status that the event says."""
        return event.data.get("to", event.data.get("status")) in OPEN

    def left_by(self, event: Event) -> int | None:
        """The co-department that was waived, or the lead before."""
        left = event.data.get("department") if event.kind == Action.WAIVE_DEPARTMENT else event.data.get("previous")
        return left if isinstance(left, int) else None

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(Issue.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All issues of these sub-districts."""
        return Issue.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")


def _standing(pk: int, level: str, status: str, number: str) -> SubjectStanding:
    return SubjectStanding(pk, level, status in OPEN, status, number)
