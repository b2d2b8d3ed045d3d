"""Reading commitments."""

from typing import TYPE_CHECKING

from django.db import models

from commitments.enums import CommitmentState

if TYPE_CHECKING:
    from commitments.models import Commitment  # noqa: F401 - named in annotations


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    """Reads of what was promised."""

    def of(self, subject_kind: str, subject_id: int) -> "CommitmentQuerySet":
        """What was promised on one subject."""
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

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
