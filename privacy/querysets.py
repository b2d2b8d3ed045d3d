"""Reading requests and incidents: who sees which."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from accounts.roles import Permission

if TYPE_CHECKING:
    from communities.access import Access
    from privacy.models import Incident, LegalHold, RightsRequest  # noqa: F401 - named in annotations


class RightsQuerySet(models.QuerySet["RightsRequest"]):
    """Reads of requests."""

    def visible_to(self, access: "Access") -> "RightsQuerySet":
        """All of an office for its supervisor and direction, a community's for who works in it; no administrator's."""
        office = Q(subdistrict_id__in=sorted(access.confided_subdistrict_ids))
        return self.filter(office | Q(community_id__in=sorted(access.community_ids)))


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Reads of incidents."""

    def visible_to(self, access: "Access") -> "IncidentQuerySet":
        """An office's, for who keeps its records on personal information, and for its direction."""
        areas = access.areas(Permission.SEE_PRIVACY)
        if areas is None:
            return self
        return self.filter(subdistrict_id__in=sorted(areas | access.confided_subdistrict_ids))


class HoldQuerySet(models.QuerySet["LegalHold"]):
    """Reads of legal holds."""

    def visible_to(self, access: "Access") -> "HoldQuerySet":
        """An office's, for who may set and lift them there and for its direction."""
        areas = access.areas(Permission.HOLD_MATTER)
        if areas is None:
            return self
        return self.filter(subdistrict_id__in=sorted(areas | access.confided_subdistrict_ids))

    def standing(self) -> "HoldQuerySet":
        """Those that hold now."""
        return self.filter(ended_at__isnull=True)
