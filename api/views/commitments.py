"""What was promised (承诺事项): a list in the caller's scope. They are made by answers to issues."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs, reference, shapes
from api.base import ApiView
from api.listing import Parameters, next_url, page_of
from commitments.enums import CommitmentState
from commitments.models import Commitment
from commitments.querysets import CommitmentQuerySet
from common.clock import local, now
from common.keyset import Order
from communities.access import Access
from communities.lines import OfficeLines
from deadlines.calendar import DAY_CLOSES
from issues.attachments import is_told_all
from issues.discretion import knows, secrets_of, without
from issues.enums import SUBJECT
from issues.models import Issue

NEWEST = Order(("-id",))


class Commitments(ApiView):
    """承诺事项."""

    @docs.commitment_list
    def get(self, request: Request) -> Response:
        """List the promises in the caller's scope, newest first."""
        at, access = now(), self.access
        parameters = Parameters(request.GET)
        page = page_of(_asked_for(access, parameters, at), NEWEST, parameters)
        ids = [row.subject_id for row in page.rows if row.subject_kind == SUBJECT]
        issues = {row.pk: row for row in _seen(access).filter(pk__in=ids)} if ids else {}
        lines_of = cache(OfficeLines)
        results = [_row(row, issues.get(row.subject_id), access, at, lines_of) for row in page.rows]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})


def _seen(access: Access) -> Any:
    facts = ("number", "confidential", "community_id", "subdistrict_id", "leader_id")
    of_reporter = ("contact__name", "contact__phone")
    return Issue.objects.visible_to(access).select_related("contact").only(*facts, *of_reporter)


def visible(access: Access) -> CommitmentQuerySet:
    """What the caller's organisations owe, what was promised on issues that the caller sees, all for the office.

    A leader, like the resident whom a leader reports for, is told what is public and stands.
    """
    rows = Commitment.objects.with_owner()
    if access.installation_wide:
        return rows
    on_issue = Issue.objects.visible_to(access).filter(pk=OuterRef("subject_id"))
    scope = Q(Exists(on_issue), subject_kind=SUBJECT)
    if access.whole_subdistrict_ids:
        scope |= Q(subdistrict_id__in=access.whole_subdistrict_ids)
    if access.department_ids:
        scope |= Q(owner_id__in=access.department_ids)
    rows = rows.filter(scope)
    return rows if is_told_all(access) else rows.public().standing()


def _asked_for(access: Access, parameters: Parameters, at: datetime) -> CommitmentQuerySet:
    scope = None if access.installation_wide else list(access.subdistrict_ids)
    departments = parameters.found("department", lambda value: reference.department_ids(value, subdistrict_ids=scope))
    states = parameters.choices("state", CommitmentState.values)
    overdue = parameters.choices("overdue", ("true", "1", "false", "0"))
    rows = visible(access)
    if departments is not None:
        rows = rows.filter(owner_id__in=departments)
    if states:
        rows = rows.filter(state__in=states)
    if overdue:
        late = _overdue(at)
        rows = rows.filter(late) if overdue[0] in ("true", "1") else rows.exclude(late)
    return rows


def _overdue(at: datetime) -> Q:
    """Open, and 17:30 of its earlier date is past."""
    wall = local(at)
    first_not_late = wall.date() + timedelta(days=1) if wall.time() > DAY_CLOSES else wall.date()
    passed = Q(due_on__isnull=False, due_on__lt=first_not_late)
    passed |= Q(review_on__isnull=False, review_on__lt=first_not_late)
    return passed & Q(state=CommitmentState.OPEN)


def _row(
    row: Commitment, issue: Issue | None, access: Access, at: datetime, lines_of: Callable[[int], OfficeLines]
) -> dict[str, Any]:
    """A promise with the number of its issue, where the caller sees that."""
    known = issue is not None and knows(issue, access)
    identity = known and is_told_all(access)
    secrets = secrets_of(issue) if issue and not known else []
    lines = lines_of(issue.subdistrict_id) if issue else ()
    return {
        "number": issue.number if issue else None,
        **shapes.commitment(row, at, lambda words: words if identity else without(words, secrets, keep=lines)),
    }
