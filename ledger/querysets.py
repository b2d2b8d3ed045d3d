"""Reading entries: who sees which, and the lists of a month."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from common.keyset import Order
from issues.discretion import supervised

if TYPE_CHECKING:
    from communities.access import Access
    from ledger.models import LedgerEntry  # noqa: F401 - named in annotations

BY_DAY = Order(("-on", "-id"))
"""The newest day first; every index of the table ends so."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Chainable reads, named as prose."""

    def visible_to(self, access: "Access") -> "LedgerQuerySet":
        """A leader's own; those of one's communities; all of an office for its supervisor and direction.

        Nobody by the role of an administrator alone: entries tell of persons. The entry of which a confidential matter
        was made names who reported: it is seen by who may know that (docs/rules/ledger.md#who-sees-it).
        """
        known = Q(issue__isnull=True) | Q(issue__confidential=False)
        scope = Q(pk__in=[])
        if access.confided_subdistrict_ids:
            supervised_ids = supervised(access)
            others = sorted(access.confided_subdistrict_ids - set(supervised_ids))
            scope |= Q(subdistrict_id__in=supervised_ids) | (Q(subdistrict_id__in=others) & known)
        if access.community_ids:
            ids = sorted(access.community_ids)
            scope |= Q(community_id__in=ids) & (known | Q(issue__community_id__in=ids))
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
