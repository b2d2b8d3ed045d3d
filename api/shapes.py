"""Issues and what belongs to them as plain dictionaries, ready for JSON."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from commitments.models import Commitment, DateChange, Milestone
from common.clock import SHANGHAI
from common.masking import mask_name, mask_phone
from communities.access import Access
from deadlines import kinds
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.models import Deadline
from issues.discretion import discreet, knows_reporter
from issues.models import Issue, IssueDepartment
from issues.services.creation import alarm_of
from issues.services.offers import Offer
from papers.models import Paper

Row = dict[str, Any]


def moment(value: datetime | None) -> str | None:
    """ISO 8601 to the second, with +08:00."""
    return value.astimezone(SHANGHAI).isoformat(timespec="seconds") if value is not None else None


def deadline(row: Deadline, department_code: str | None, at: datetime) -> Row:
    """One clock of an issue."""
    return {
        "kind": row.kind,
        "label": kinds.label(row.kind),
        "state": row.state,
        "due_at": moment(row.due_at),
        "original_due_at": moment(row.original_due_at),
        "overdue": row.is_overdue(at),
        "extended": row.extended,
        "extensions": row.extensions,
        "remaining": row.remaining,
        "unit": "day" if row.time_limit.counts_days else "minute",
        "rule": row.rule,
        "basis": row.basis(),
        "limit": row.limit,
        "estimated": row.estimated,
        "department": department_code,
        "started_at": moment(row.started_at),
        "paused_at": moment(row.paused_at),
        "stopped_at": moment(row.stopped_at),
    }


def deadlines(rows: Iterable[Deadline], at: datetime) -> list[Row]:
    """The clocks of an issue; ``party`` must be loaded."""
    return [deadline(row, row.party.code if row.party else None, at) for row in rows]


def department(row: IssueDepartment, co_reply: Row | None) -> Row:
    """One organisation that has or had a part; ``co_reply`` is the clock of a co-department's answer."""
    return {
        "code": row.department.code,
        "name": row.department.name,
        "kind": row.department.kind,
        "role": row.role,
        "current": row.current,
        "dispatched_at": moment(row.dispatched_at),
        "acknowledged_at": moment(row.acknowledged_at),
        "returned_at": moment(row.returned_at),
        "answered_at": moment(row.answered_at),
        "waived_at": moment(row.waived_at),
        "co_reply": co_reply,
    }


def offer(row: Offer) -> Row:
    """One thing that the caller may do now."""
    return {
        "action": row.action,
        "label": row.label,
        "required": list(row.required),
        "optional": list(row.optional),
    }


def secret_link(issue: Issue) -> str:
    """The address of the resident's page of this issue."""
    return f"{settings.PUBLIC_URL}/t/{issue.token}/"


def emergency(issue: Issue) -> dict[str, dict[str, list[str]]]:
    """Whom to dial first and because of which words; {} where nothing sounds like danger."""
    if not issue.alarm:
        return {}
    alarm = alarm_of(issue)
    return {"emergency": {"dial": list(alarm.dial), "words": list(alarm.words)}}


def contact(access: Access, issue: Issue) -> Row | None:
    """The reporter, masked; None where there is none or the caller may not know."""
    if issue.contact is None or not knows_reporter(issue, access):
        return None
    return {"name": mask_name(issue.contact.name), "phone": mask_phone(issue.contact.phone)}


def coded(row: Any) -> Row | None:
    """An organisation or a category, None where there is none."""
    return {"code": row.code, "name": row.name} if row is not None else None


def person(user: Any) -> Row | None:
    """A member of staff, None where there is none."""
    return {"username": user.username, "name": user.display_name} if user is not None else None


def paper(row: Paper, number: str) -> Row:
    """A numbered paper of the issue ``number``. Department and signer must be loaded."""
    return {
        "number": row.number,
        "kind": row.kind,
        "department": coded(row.department),
        "deadline_kind": row.deadline_kind or None,
        "due_at": moment(row.due_at),
        "reply_due_at": moment(row.reply_due_at),
        "issued_at": moment(row.issued_at),
        "issued_by": person(row.issued_by),
        "lifted_at": moment(row.lifted_at),
        "url": reverse("console-issue-paper", args=[number, row.pk]),
    }


def commitment(row: Commitment, at: datetime, readable: Callable[[str], str]) -> Row:
    """A promise; ``readable`` makes its words what the caller may read. The owner must be loaded."""
    dates = [on for on in (row.due_on, row.review_on) if on is not None]
    return {
        "id": row.pk,
        "text": readable(row.text),
        "department": coded(row.owner),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "review_on": row.review_on.isoformat() if row.review_on else None,
        "first_on": row.first_promised_on.isoformat() if row.first_promised_on else None,
        "precision": row.precision,
        "source": {"kind": row.source_kind, "id": row.source_id} if row.source_kind else None,
        "historic": row.historic,
        "state": row.state,
        "overdue": row.is_open and at > at_clock(min(dates), DAY_CLOSES),
        "public": row.public,
        "evidence": readable(row.evidence),
        "made_at": moment(row.made_at),
        "reported_at": moment(row.reported_at),
        "ended_at": moment(row.ended_at),
    }


def milestone(row: Milestone, readable: Callable[[str], str]) -> Row:
    """A step of a promise."""
    return {
        "id": row.pk,
        "text": readable(row.text),
        "due_on": row.due_on.isoformat(),
        "reached_at": moment(row.reached_at),
    }


def date_change(row: DateChange, readable: Callable[[str], str]) -> Row:
    """The wish for another date, and what was decided. Who asked and who decided must be loaded."""
    return {
        "was_on": row.was_on.isoformat(),
        "to_on": row.to_on.isoformat(),
        "reason": readable(row.reason),
        "state": row.state,
        "asked_at": moment(row.asked_at),
        "asked_by": person(row.asked_by),
        "decided_at": moment(row.decided_at),
        "decided_by": person(row.decided_by),
    }


def marks(issue: Issue) -> list[str]:
    """What is peculiar about an issue, as codes."""
    found = {
        "deemed": issue.deemed,
        "info_expired": issue.info_expired,
        "assigned_final": issue.assigned_final,
        "collective": issue.collective_at is not None,
        "excluded": issue.excluded_at is not None,
        "published": issue.published_at is not None,
    }
    return [code for code, holds in found.items() if holds]


def detail(issue: Issue, access: Access, at: datetime) -> Row:
    """The issue's own facts. community, category, places, lead department, officer and contact must be loaded."""
    issue = discreet(issue, access)
    return {
        "number": issue.number,
        "version": issue.version,
        "title": issue.title,
        "description": issue.description,
        "kind": issue.kind,
        "level": issue.level,
        "source": issue.source,
        "external_number": issue.external_number or None,
        "external_due_at": moment(issue.external_due_at),
        "confidential": issue.confidential,
        "status": issue.status,
        "outcome": issue.outcome or None,
        "verdict": issue.verdict or None,
        "solved": issue.solved or None,
        "verdict_via": issue.verdict_via or None,
        "verdict_known": issue.verdict_known,
        "verdict_check": issue.verdict_check or None,
        "supervision": issue.supervision,
        "time_limit": issue.time_limit(at).value,
        "community": {"id": issue.community_id, "name": issue.community.name},
        "neighbourhood": _place(issue.neighbourhood),
        "building": _place(issue.building),
        "address": issue.address,
        "category": coded(issue.category),
        "department": coded(issue.lead_department),
        "officer": person(issue.officer),
        "contact": contact(access, issue),
        "persons": issue.persons,
        "marks": marks(issue),
        "occurred_at": moment(issue.occurred_at),
        "created_at": moment(issue.created_at),
        "accepted_at": moment(issue.accepted_at),
        "dispatched_at": moment(issue.dispatched_at),
        "acknowledged_at": moment(issue.acknowledged_at),
        "replied_at": moment(issue.replied_at),
        "verified_at": moment(issue.verified_at),
        "closed_at": moment(issue.closed_at),
        "suspended_at": moment(issue.suspended_at),
        "published_at": moment(issue.published_at),
        "public_title": issue.public_title,
        "public_text": issue.public_text,
        "excluded_at": moment(issue.excluded_at),
        "changed_at": moment(issue.changed_at),
        "due_kind": issue.due_kind or None,
        "due_at": moment(issue.due_at),
        "due_estimated": issue.due_estimated if issue.due_at else False,
        "return_count": issue.return_count,
        "redo_count": issue.redo_count,
        "reopen_count": issue.reopen_count,
        "urge_count": issue.urge_count,
        "suspension_count": issue.suspension_count,
    }


def _place(place: Any) -> Row | None:
    return {"id": place.pk, "name": place.name} if place is not None else None
