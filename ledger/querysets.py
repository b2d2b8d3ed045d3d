"""Reading entries: who sees which, and the lists of a month."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from common.keyset import Order

if TYPE_CHECKING:
    from communities.access import Access
    from ledger.models import LedgerEntry  # noqa: F401 - named in annotations

BY_DAY = Order(("-on", "-id"))
"""The newest day first; every index of the table ends so."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Chainable reads, named as prose."""

    def visible_to(self, access: "Access") -> "LedgerQuerySet":
        """A leader's own; those of one's communities; all of an office for its supervisor and direction.

        Nobody by the role of an administrator alone: entries tell of persons (docs/rules/ledger.md#who-sees-it).
        """
        scope = Q(pk__in=[])
        if access.confided_subdistrict_ids:
            scope |= Q(subdistrict_id__in=sorted(access.confided_subdistrict_ids))
        if access.community_ids:
            scope |= Q(community_id__in=sorted(access.community_ids))
        if access.leader_id is not None:
            scope |= Q(leader_id=access.leader_id)
        return self.filter(scope)

    def standing(self) -> "LedgerQuerySet":
        """Those that were not withdrawn: what counts."""
        return self.filter(withdrawn_at__isnull=True)

    def within(self, first: date, after: date) -> "LedgerQuerySet":
        """Of the days from ``first`` to before ``after``."""
        return self.filter(on__gte=first, on__lt=after)

    def with_names(self) -> "LedgerQuerySet":
        """Each with what its row names, in the same statement."""
        return self.select_related("community", "leader", "building__neighbourhood", "neighbourhood", "issue").defer(
            "issue__lexemes", "issue__description"
        )
