"""Proposals as promises name them: where they come from (``commitments.scopes``)."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from commitments.scopes import SourceAbout
from communities.access import Access
from communities.actors import Actor
from proposals.enums import PROPOSAL
from proposals.models import Proposal


class ProposalSource:
    """What a B answer promised."""

    kind = PROPOSAL
    label = _("代表建议")

    def about(self, access: Access, ids: Collection[int]) -> Mapping[int, SourceAbout]:
        """By the congress's number."""
        rows = Proposal.objects.visible_to(access).filter(pk__in=ids).values_list("pk", "number")
        return {pk: SourceAbout(number, reverse("console-proposal", args=[pk])) for pk, number in rows}

    def hold(self, subject_id: int) -> None:
        """As every writing of a proposal does."""
        Proposal.objects.select_for_update(no_key=True).only("pk").get(pk=subject_id)

    def reopened(self, subject_id: int, commitment_id: int, *, by: Actor, at: datetime) -> None:
        """The promise stands for itself: ``commitments.scopes.when_kept`` tells of it."""
