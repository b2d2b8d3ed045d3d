"""What several pages read of requests: the matters that are about a person, and what the person sees of a request."""

from collections.abc import Sequence

from django.db.models import Q

from issues.models import Issue
from privacy.models import RightsRequest


def matters_of(request: RightsRequest) -> list[Issue]:
    """All matters of the office that were raised with the number of who asks, and the one that was named.

    Newest first; one statement.
    """
    found = Q(pk=request.issue_id)
    if request.contact.phone_hash:
        found |= Q(contact__phone_hash=request.contact.phone_hash)
    rows = Issue.objects.filter(found, subdistrict_id=request.subdistrict_id)
    shown = rows.select_related("contact", "community", "category", "neighbourhood", "building", "lead_department")
    return list(shown.defer("lexemes").order_by("-id"))


def requests_on(issue: Issue) -> Sequence[RightsRequest]:
    """What the reporter of ``issue`` asked, newest first; the contact must be loaded. One statement."""
    found = Q(issue_id=issue.pk)
    if issue.contact is not None and issue.contact.phone_hash:
        found |= Q(contact__phone_hash=issue.contact.phone_hash)
    rows = RightsRequest.objects.filter(found, subdistrict_id=issue.subdistrict_id)
    return list(rows.order_by("-received_at", "-id")[:10])
