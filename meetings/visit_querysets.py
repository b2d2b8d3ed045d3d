"""Reading visits: who sees which."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from communities.access import Access
    from meetings.models import Visit  # noqa: F401 - named in annotations


class VisitQuerySet(models.QuerySet["Visit"]):
    """Reads of visits."""

    def visible_to(self, access: "Access") -> "VisitQuerySet":
        """All of an office for who sees it whole; else those to one's community, and by one's organisation."""
        if access.installation_wide:
            return self
        return self.filter(
            Q(subdistrict_id__in=sorted(access.whole_subdistrict_ids))
            | Q(community_id__in=sorted(access.community_ids))
            | Q(team_id__in=sorted(access.department_ids))
        )

    def with_names(self) -> "VisitQuerySet":
        """Each with what its row names, in the same statement."""
        return self.select_related("community", "team", "subdistrict")
