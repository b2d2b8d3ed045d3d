"""One issue in full: its facts, and everything that hangs on it, in at most nine statements however much there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from api import shapes
from api.shapes import Row, moment
from commitments.models import Commitment
from common.clock import local, now
from communities.access import Access
from communities.actors import Actor
from communities.lines import OfficeLines
from communities.models.base import localised
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.clock_specs import SIDE
from issues.discretion import readable
from issues.enums import SUBJECT, DeadlineKind, RequestKind
from issues.models import Holding, Issue, IssueDepartment
from issues.reading.asked import EverAsked, ever_asked
from issues.reading.attachments import as_rows, files_for, staff_link
from issues.services.offers import allowed_offers
from papers.models import Paper

_SAYS_WHY: Final = frozenset({RequestKind.EXTENSION, RequestKind.EXCLUSION, RequestKind.DISCLOSURE})
"""Requests whose words are the reason; those of the others are a note."""


@dataclass(frozen=True)
class _Reader:
    """Who reads which issue."""

    issue: Issue
    access: Access
    lines: OfficeLines

    def text(self, words: str) -> str:
        """Free text of staff as this reader may see it."""
        return readable(self.issue, self.access, words, lines=self.lines)


def in_full(issue: Issue, actor: Actor) -> Row:
    """The detail of an issue that was found for this caller.

    At most nine statements, however much there is of anything; one more where a request waits
    for a decision, and where a leader reads files.
    """
    at, access = now(), actor.access
    reader = _Reader(issue, access, OfficeLines(issue.subdistrict_id))
    clocks = clocks_of(issue)
    parts = IssueDepartment.objects.filter(issue=issue).select_related("department").order_by("dispatched_at", "pk")
    master, joined = _kin(issue, access)
    return (
        shapes.detail(issue, access, at)
        | _check(issue, reader)
        | {
            "suspended_until": _suspended_until(issue, clocks),
            "master": master,
            "joined": joined,
            "requests": _requests(issue, reader),
            "commitments": _commitments(issue, reader, at),
            "papers": _papers(issue, reader),
            "holdings": _holdings(issue, reader, at),
            "deadlines": shapes.deadlines(_shown(clocks, reader), at),
            "departments": [shapes.department(row, _co_clock(row, clocks, at)) for row in parts],
            "attachments": as_rows(files_for(issue, access), staff_link),
            "available_actions": [shapes.offer(row) for row in allowed_offers(issue, actor, at, clocks)],
        }
    )


def _check(issue: Issue, reader: _Reader) -> Row:
    """The call-back about a verdict is the office's own: who reported is not told of it."""
    return {} if reader.access.is_staff else {"verdict_known": False, "verdict_check": None}


def clocks_of(issue: Issue) -> list[Deadline]:
    """The clocks of an issue with the organisations that owe them; one statement."""
    return list(Deadline.objects.of(SUBJECT, issue.pk).select_related("party").in_order())


def _shown(clocks: Iterable[Deadline], reader: _Reader) -> list[Deadline]:
    """Who reported sees the clocks of the matter, staff also those that only remind them."""
    return [row for row in clocks if reader.access.is_staff or row.kind not in SIDE]


def _kin(issue: Issue, access: Access) -> tuple[str | None, list[Row]]:
    """The number of its master, and those who joined it, of both what the caller's scope shows."""
    if issue.master_id is None and not issue.joined_count:
        return None, []
    rows = (
        Issue.objects.visible_to(access)
        .filter(Q(master_id=issue.pk) | Q(pk=issue.master_id or 0))
        .order_by("pk")
        .values("pk", "number", "status", "verdict", "solved", "created_at")
    )
    master, joined = None, []
    for row in rows:
        if row["pk"] == issue.master_id:
            master = row["number"]
            continue
        joined.append(
            {
                "number": row["number"],
                "status": row["status"],
                "verdict": row["verdict"] or None,
                "solved": row["solved"] or None,
                "created_at": moment(row["created_at"]),
            }
        )
    return master, joined


def _suspended_until(issue: Issue, clocks: Iterable[Deadline]) -> str | None:
    """The day on which a deferral is reviewed."""
    if issue.suspended_at is None:
        return None
    review = next((row for row in clocks if row.kind == DeadlineKind.SUSPENSION_REVIEW and row.is_open), None)
    return local(review.due_at).date().isoformat() if review else None


def _co_clock(part: IssueDepartment, clocks: Iterable[Deadline], at: datetime) -> Row | None:
    """The latest clock of a co-department's answer."""
    mine = [row for row in clocks if row.kind == DeadlineKind.CO_REPLY and row.party_id == part.department_id]
    return shapes.deadline(mine[-1], part.department.code, at) if mine else None


def _requests(issue: Issue, reader: _Reader) -> list[Row]:
    """What was asked for and how it was decided; work of the office that a leader is not told of."""
    return [_request(row, reader) for row in ever_asked(issue.pk)] if reader.access.is_staff else []


def _request(row: EverAsked, reader: _Reader) -> Row:
    words = reader.text(row.text)
    return {
        "kind": row.kind,
        "state": row.state,
        "department": {"code": row.code, "name": localised(row.name_zh or "", row.name_en or "")} if row.code else None,
        "days": row.days,
        "until": row.until_on.isoformat() if row.until_on else None,
        "reason": row.reason_code or (words if row.kind in _SAYS_WHY else None) or None,
        "note": "" if row.kind in _SAYS_WHY else words,
        "interim_answer": reader.text(row.interim_answer),
        "asked_at": moment(row.asked_at),
        "asked_by": _person(row.asker, row.asker_name),
        "endorsed": row.endorsed_at is not None,
        "endorsed_at": moment(row.endorsed_at),
        "endorsed_by": _person(row.endorser, row.endorser_name),
        "decided_at": moment(row.decided_at),
        "decided_by": _person(row.decider, row.decider_name),
    }


def _person(username: str | None, name: str | None) -> Row | None:
    return {"username": username, "name": name} if username is not None else None


def _commitments(issue: Issue, reader: _Reader, at: datetime) -> list[Row]:
    """What was promised; residents and leaders are told what is public."""
    rows = Commitment.objects.of(SUBJECT, issue.pk).told_to(reader.access).with_owner().in_order()
    return [shapes.commitment(row, at, reader.text) for row in rows]


def _papers(issue: Issue, reader: _Reader) -> list[Row]:
    """Its numbered papers, the newest first: work of the office that a leader is not told of."""
    if not reader.access.is_staff:
        return []
    rows = Paper.objects.of(SUBJECT, issue.pk).select_related("department", "issued_by")
    return [shapes.paper(row, issue.number) for row in rows]


def _holdings(issue: Issue, reader: _Reader, at: datetime) -> list[Row]:
    """Who was accountable for how long; not told to a leader."""
    if not reader.access.is_staff or issue.dispatched_at is None:
        return []
    rows = Holding.objects.filter(issue=issue).select_related("department").order_by("since_at", "pk")
    calendar = deadlines.load_calendar()
    return [
        {
            "department": shapes.coded(row.department),
            "since_at": moment(row.since_at),
            "until_at": moment(row.until_at),
            "late": row.late,
            "minutes": calendar.working_minutes_between(row.since_at, max(row.since_at, row.until_at or at)),
        }
        for row in rows
    ]


def created_row(issue: Issue, at: Any) -> Row:
    """What is told of a new issue: its number, its secret link, its clocks."""
    return {
        "number": issue.number,
        "token": issue.token,
        "status": issue.status,
        "version": issue.version,
        "title": issue.title,
        "kind": issue.kind,
        "level": issue.level,
        "url": shapes.secret_link(issue),
        "created_at": moment(issue.created_at),
        "deadlines": shapes.deadlines(clocks_of(issue), at),
        **shapes.emergency(issue),
    }
