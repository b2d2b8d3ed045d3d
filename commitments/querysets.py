"""Reading commitments."""

from typing import TYPE_CHECKING

from django.db import models

from commitments.enums import CommitmentState
from commitments.scopes import on_seen_subjects

if TYPE_CHECKING:
    from commitments.models import Commitment  # noqa: F401 - named in annotations
    from communities.access import Access


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Reads of what was promised."""

    def of(self, subject_kind: str, subject_id: int) -> "CommitmentQuerySet":
        """What was promised on one subject."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def visible_to(self, access: "Access") -> "CommitmentQuerySet":
        """What the person's organisations owe, and what was promised on seen subjects; for the office all."""
        scope = on_seen_subjects(access)
        if access.confided_subdistrict_ids:
            scope |= models.Q(subdistrict_id__in=access.confided_subdistrict_ids)
        if access.department_ids:
            scope |= models.Q(owner_id__in=access.department_ids)
        return self.filter(scope).told_to(access)

    def told_to(self, access: "Access") -> "CommitmentQuerySet":
        """A leader, like the resident whom a leader reports for, is told what is public and stands; staff all."""
        return self if access.is_staff else self.public().standing()

    def open(self) -> "CommitmentQuerySet":
        """Neither fulfilled nor withdrawn."""
        return self.filter(state=CommitmentState.OPEN)

    def standing(self) -> "CommitmentQuerySet":
        """Open or fulfilled: what the subject's answer still says."""
        return self.exclude(state=CommitmentState.WITHDRAWN)

    def public(self) -> "CommitmentQuerySet":
        """Those whose line residents see."""
        return self.filter(public=True)

    def with_owner(self) -> "CommitmentQuerySet":
        """Each with the organisation that owes it, in the same statement."""
        return self.select_related("owner")

    def in_order(self) -> "CommitmentQuerySet":
        """As they were made."""
        return self.order_by("made_at", "id")
