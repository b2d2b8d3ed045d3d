"""Reads of the supervision desk 督办台: what is red, where it sits, and what was done about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from accounts.roles import roles_that
from common.clock import SHANGHAI
from communities.access import Access
from communities.models import Department, DepartmentKind
from deadlines import services as deadlines
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.enums import SUBJECT, DeadlineKind, RequestKind, Status, Turn
from issues.models import Issue
from issues.querysets import IssueQuerySet
from issues.reading.asked import Asked, asked_on
from issues.reading.pages import counts
from issues.supervision import owed
from papers.enums import DraftKind
from papers.models import Draft
from reminders import subjects
from reminders.enums import OutboxState
from reminders.models import OutboxMessage
from reminders.subjects import About

VIEWS: Final = ("overdue", "due_soon", "unacknowledged", "waiting", "unsigned")
"""The lists of the desk: 超期未结, 临期, 未签收, 待裁定待审批, 待签发."""

LONGER: Final = (1, 3, 5, 10)
"""Working days by which the list of what is overdue can be narrowed: the steps at which supervision climbs."""

RED_CAP: Final = 100
"""An organisation's overdue matters are counted no further (shown as 99+)."""

_READERS: Final = roles_that(lambda spec: spec.supervises)


def areas_of(access: Access) -> frozenset[int]:
    """The sub-districts whose desk this person reads: as supervisor, deputy or director. Empty for everybody else."""
    return frozenset(pk for pk, roles in access.subdistrict_roles.items() if not roles.isdisjoint(_READERS))


def in_view(view: str, areas: Collection[int], now: datetime) -> IssueQuerySet:
    """The issues of one list."""
    rows = Issue.objects.filter(subdistrict_id__in=sorted(areas))
    if view == "due_soon":
        return rows.due_soon(now)
    if view == "unacknowledged":
        return rows.filter(Q(status=Status.DISPATCHED) | Q(status=Status.IN_PROGRESS, deemed=True))
    if view == "waiting":
        excluding = Q(asks_direction=True, asks__contains=[RequestKind.EXCLUSION.value])
        return rows.filter(Q(asks_supervisor=True) | Q(turn=Turn.SUPERVISOR) | excluding)
    if view == "unsigned":
        return rows.filter(asks_direction=True, asks__overlap=DraftKind.values)
    return rows.overdue(now)


def undelivered(areas: Collection[int]) -> Any:
    """Messages about the areas' issues that could not be delivered and that nobody has handled yet."""
    here = Issue.objects.filter(pk=OuterRef("event__subject_id"), subdistrict_id__in=sorted(areas))
    rows = OutboxMessage.objects.filter(state=OutboxState.DEAD, handled_at__isnull=True, event__subject_kind=SUBJECT)
    return rows.filter(Exists(here))


def overdue_since(now: datetime, working_days: int) -> datetime:
    """The moment at which a limit must have passed to be overdue by ``working_days`` now."""
    wall = now.astimezone(SHANGHAI)
    on = deadlines.load_calendar().shift_working_days(wall.date(), -working_days)
    return wall.replace(year=on.year, month=on.month, day=on.day)


@dataclass(frozen=True)
class Organisation:
    """An organisation that can owe something, and how many of its matters are overdue now (at most RED_CAP)."""

    pk: int
    code: str
    name: str
    short_name: str
    kind: str
    community_id: int | None
    community: str
    red: int
    department: Department


def organisations(areas: Collection[int], now: datetime) -> list[Organisation]:
    """All organisations of the areas, the most overdue first. Two statements.

    A matter is counted with everyone who owes a clock of it that is past, as on the organisation's own page.
    """
    rows = Department.objects.filter(subdistrict_id__in=sorted(areas), retired_at__isnull=True)
    found = list(rows.select_related("community").order_by("pk"))
    red = counts({str(row.pk): owed.matters_of(owed.overdue(row, now)) for row in found}, cap=RED_CAP)
    return sorted((_organisation(row, red[str(row.pk)]) for row in found), key=lambda row: (-row.red, row.pk))


def _organisation(row: Department, red: int) -> Organisation:
    team = row.community if row.kind == DepartmentKind.COMMUNITY_TEAM else None
    return Organisation(
        pk=row.pk,
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        community_id=team.pk if team else None,
        community=team.name if team else "",
        red=red,
        department=row,
    )


def of_organisation(view: str, rows: IssueQuerySet, found: Organisation, now: datetime) -> IssueQuerySet:
    """What of a list is this organisation's: of what is overdue that of which it owes a clock that is past (its red
    number); of the other lists what it handles, for a community's own team also what awaits the community.
    """
    if view == "overdue":
        return rows.filter(pk__in=owed.matters_of(owed.overdue(found.department, now)).values("pk"))
    mine = Q(lead_department_id=found.pk)
    if found.kind == DepartmentKind.COMMUNITY_TEAM:
        mine |= Q(turn=Turn.COMMUNITY, community_id=found.community_id)
    if found.kind == DepartmentKind.SUPERVISOR:
        mine |= Q(turn=Turn.SUPERVISOR)
    return rows.filter(mine)


@dataclass(frozen=True)
class Beside:
    """What a row of the desk shows beside the issue itself."""

    held_since_at: datetime | None = None
    done: str = ""
    done_at: datetime | None = None
    done_by: str = ""
    told: str = ""
    told_clock: str = ""
    told_at: datetime | None = None
    told_number: int = 0
    read_number: int = 0
    read_at: datetime | None = None
    failed: int = 0
    requests: tuple[Asked, ...] = ()
    clocks: tuple[Deadline, ...] = field(default=())


_BESIDE: Final = """
SELECT i.id, h.since_at, e.kind, e.at, u.display_name, t.kind, t.clock, t.at, t.told, t.read, t.read_at,
    coalesce(f.n, 0)
FROM unnest(%(ids)s::bigint[]) AS i (id)
LEFT JOIN issues_holding h ON h.issue_id = i.id AND h.until_at IS NULL
LEFT JOIN LATERAL (
    SELECT kind, at, actor_id FROM journal_event
    WHERE subject_kind = %(subject)s AND subject_id = i.id AND kind <> 'remind' ORDER BY seq DESC LIMIT 1) AS e ON true
LEFT JOIN accounts_user u ON u.id = e.actor_id
LEFT JOIN LATERAL (
    SELECT (array_agg(event_id ORDER BY id DESC))[1] AS event_id FROM reminders_notification
    WHERE subject_kind = %(subject)s AND subject_id = i.id) AS last ON true
LEFT JOIN LATERAL (
    SELECT min(n.kind) AS kind, min(r.data->>'deadline_kind') AS clock, min(r.at) AS at, count(*) AS told,
        count(n.read_at) AS read, max(n.read_at) AS read_at
    FROM reminders_notification n JOIN journal_event r ON r.id = n.event_id WHERE n.event_id = last.event_id) AS t
    ON true
LEFT JOIN (
    SELECT x.subject_id, count(*) AS n FROM reminders_outboxmessage o JOIN journal_event x ON x.id = o.event_id
    WHERE o.state = 'dead' AND o.handled_at IS NULL AND x.subject_kind = %(subject)s
        AND x.subject_id = ANY(%(ids)s) GROUP BY 1) AS f ON f.subject_id = i.id
"""
"""array_agg and not ORDER BY … LIMIT 1: the latter reads the inbox of everybody backwards until it meets the issue."""

DECIDED_BY: Final = (
    DeadlineKind.EXTENSION_DECISION.value,
    DeadlineKind.RETURN_DECISION.value,
    DeadlineKind.SIGNATURE.value,
    DeadlineKind.SUPERVISION_REPLY.value,
)
"""Clocks of requests, drafts and written replies: shown beside what they are about."""


def beside(issue_ids: Sequence[int]) -> dict[int, Beside]:
    """What stands beside the issues of one page. Three statements for any number, none for no issue."""
    if not issue_ids:
        return {}
    asked = asked_on(issue_ids)
    clocks: dict[int, list[Deadline]] = {}
    running = Deadline.objects.of_many(SUBJECT, list(issue_ids)).filter(
        state=DeadlineState.RUNNING, kind__in=DECIDED_BY
    )
    for clock in running.order_by("due_at", "id"):
        clocks.setdefault(clock.subject_id, []).append(clock)
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, {"ids": list(issue_ids), "subject": SUBJECT})
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    return {pk: _beside(found[pk], asked.get(pk, ()), clocks.get(pk, ())) for pk in issue_ids}


def _beside(row: Sequence[Any], asked: Sequence[Asked], clocks: Sequence[Deadline]) -> Beside:
    since, done, done_at, done_by, told, clock, told_at, number, read, read_at, failed = row
    return Beside(
        held_since_at=since,
        done=done or "",
        done_at=done_at,
        done_by=done_by or "",
        told=told or "",
        told_clock=clock or "",
        told_at=told_at,
        told_number=number or 0,
        read_number=read or 0,
        read_at=read_at,
        failed=failed,
        requests=tuple(asked),
        clocks=tuple(clocks),
    )


def oldest_drafts(areas: Collection[int], number: int) -> list[tuple[Draft, About]]:
    """The drafts 待签发 that have waited longest, with department and what they are about, of whatever kind.

    One statement, and one for each kind among them; what is gone is left out.
    """
    waiting = Draft.objects.waiting().filter(subdistrict_id__in=sorted(areas)).select_related("department")
    rows = list(waiting.order_by("asked_at", "id")[:number])
    about = subjects.about_all({(row.subject_kind, row.subject_id) for row in rows})
    return [(row, about[on]) for row in rows if (on := (row.subject_kind, row.subject_id)) in about]


def issues_chosen(access: Access, ids: Collection[int]) -> Mapping[int, Issue]:
    """The issues among ``ids`` that this person may see, with what a refusal names them by. One statement."""
    rows = Issue.objects.visible_to(access).filter(pk__in=list(ids)).select_related("lead_department")
    return {row.pk: row for row in rows.defer("lexemes", "description")}
