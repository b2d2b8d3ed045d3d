"""What several pages read of requests: the matters that are about a person, and what the person sees of a request."""

from collections.abc import Sequence

from django.db.models import Q

from common.crypto import lookup_hashes
from common.phones import line_of
from communities.models import Contact
from issues.models import Issue
from privacy.models import RightsRequest


def hashes_of(contact: Contact | None) -> list[str]:
    """By what a person's rows are found, under every key that is configured; [] where no number was left."""
    return lookup_hashes(line_of(contact.phone)) if contact is not None and contact.phone else []


def matters_of(request: RightsRequest) -> list[Issue]:
    """All matters of the office that were raised with the number of who asks, and the one that was named.

    Newest first; one statement.
    """
    found = Q(pk=request.issue_id) | Q(contact__phone_hash__in=hashes_of(request.contact))
    rows = Issue.objects.filter(found, subdistrict_id=request.subdistrict_id)
    shown = rows.select_related("contact", "community", "category", "neighbourhood", "building", "lead_department")
    return list(shown.defer("lexemes").order_by("-id"))


def requests_on(issue: Issue) -> Sequence[RightsRequest]:
    """What the reporter of ``issue`` asked, newest first; the contact must be loaded. One statement."""
    found = Q(issue_id=issue.pk) | Q(contact__phone_hash__in=hashes_of(issue.contact))
    rows = RightsRequest.objects.filter(found, subdistrict_id=issue.subdistrict_id)
    return list(rows.order_by("-received_at", "-id")[:10])
