"""Reading proposals: who sees which, and what waits for whom."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from commitments.enums import CommitmentState
from proposals.enums import ENDED, ProposalState

if TYPE_CHECKING:
    from communities.access import Access
    from proposals.models import Proposal  # noqa: F401 - named in annotations


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Reads of proposals."""

    def visible_to(self, access: "Access") -> "ProposalQuerySet":
        """An office's for who sees it whole; else those that one's organisation leads or has a part in."""
        if access.installation_wide:
            return self
        mine = Q(department_id__in=sorted(access.department_ids))
        parts = apps.get_model("proposals", "ProposalPart").objects.filter(mine, proposal_id=OuterRef("pk"))
        return self.filter(
            Q(subdistrict_id__in=sorted(access.whole_subdistrict_ids))
            | Q(lead_id__in=sorted(access.department_ids))
            | Exists(parts)
        )

    def handling(self) -> "ProposalQuerySet":
        """Those to be answered, for the first time or again."""
        return self.filter(state=ProposalState.HANDLING)

    def late(self, at: datetime) -> "ProposalQuerySet":
        """Those of which the answer is overdue."""
        return self.filter(due_at__lte=at)

    def answered(self) -> "ProposalQuerySet":
        """Those of which some deputy has not said what the answer is worth."""
        return self.filter(state=ProposalState.ANSWERED)

    def closed(self) -> "ProposalQuerySet":
        """Those with which every deputy is at least fairly satisfied, and those that were taken back."""
        return self.filter(state__in=sorted(ENDED))

    def to_report(self) -> "ProposalQuerySet":
        """Those of which a promise was kept, and the deputies were not told so yet."""
        answers = apps.get_model("proposals", "ProposalAnswer").objects.filter(proposal_id=OuterRef("pk"))
        kept = answers.filter(commitment__state=CommitmentState.FULFILLED, reported_at__isnull=True)
        return self.filter(Exists(kept))

    def with_names(self) -> "ProposalQuerySet":
        """Each with who leads it, in the same statement."""
        return self.select_related("lead", "subdistrict")
