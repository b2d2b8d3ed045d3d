"""What ``check_deadlines`` looks for among drafts and papers."""

from collections.abc import Sequence

from deadlines import kinds
from deadlines.subjects import lost
from papers.models import Draft, Paper


def strange(limit: int) -> Sequence[Draft | Paper]:
    """Up to ``limit`` about a kind of deadline that nobody registered, or on no subject that there is."""
    known = ["", *(spec.code for spec in kinds.every())]
    papers, drafts = Paper.objects.all(), Draft.objects.all()
    found: list[Draft | Paper] = [
        *papers.exclude(deadline_kind__in=known).order_by("id")[:limit],
        *drafts.exclude(deadline_kind__in=known).order_by("id")[:limit],
        *lost(papers, limit),
        *lost(drafts, limit),
    ]
    return found[:limit]
