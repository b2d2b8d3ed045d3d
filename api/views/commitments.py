"""What was promised (承诺事项): a list in the caller's scope. They are made by answers to issues."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from django.db.models import Q
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
from common.masking import anonymous
from communities.access import Access
from communities.lines import OfficeLines
from deadlines.calendar import DAY_CLOSES
from issues.discretion import readable
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
    of_reporter = ("contact__name", "contact__phone", "contact__address")
    return Issue.objects.visible_to(access).select_related("contact").only(*facts, *of_reporter)


def _asked_for(access: Access, parameters: Parameters, at: datetime) -> CommitmentQuerySet:
    scope = None if access.installation_wide else list(access.subdistrict_ids)
    departments = parameters.found("department", lambda value: reference.department_ids(value, subdistrict_ids=scope))
    states = parameters.choices("state", CommitmentState.values)
    overdue = parameters.choices("overdue", ("true", "1", "false", "0"))
    rows = Commitment.objects.visible_to(access).with_owner()
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
    if issue is None:
        return {"number": None, **shapes.commitment(row, at, anonymous)}
    clean = partial(readable, issue, access, lines=lines_of(issue.subdistrict_id))
    return {"number": issue.number, **shapes.commitment(row, at, clean)}
