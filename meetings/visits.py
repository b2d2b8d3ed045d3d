"""Which communities nobody has visited for long."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery

from communities.access import Access
from communities.models import Community
from meetings.enums import MET
from meetings.models import Meeting, Visit

LONG: Final = timedelta(days=90)
"""So long without a visit a community is shown (docs/rules/meetings.md#visits)."""
LIAISON: Final = "liaison"
"""The kind of meeting that is a visit, too."""


@dataclass(frozen=True)
class Unvisited:
    """A community without a visit for long: since ``last_on``, None where there never was one."""

    community: Community
    last_on: date | None
    days: int | None


def unvisited(access: Access, today: date) -> list[Unvisited]:
    """Of the communities in a person's scope, the longest waiting first; one statement.

    A visit of a team or of deputies counts, and a meeting of kind 驻点直联 that was held there.
    """
    visits = Visit.objects.filter(community_id=OuterRef("pk")).order_by("-on").values("on")[:1]
    meetings = Meeting.objects.filter(community_id=OuterRef("pk"), kind__code=LIAISON, state__in=MET, historic=False)
    rows = _in_scope(access).annotate(
        visited_on=Subquery(visits), met_on=Subquery(meetings.order_by("-on").values("on")[:1])
    )
    found = []
    for row in rows.order_by("initials", "id"):
        days = [on for on in (row.visited_on, row.met_on) if on is not None]
        last_on = max(days) if days else None
        if last_on is None or today - last_on >= LONG:
            found.append(Unvisited(row, last_on, (today - last_on).days if last_on else None))
    return sorted(found, key=lambda one: one.last_on or date.min)


def _in_scope(access: Access) -> "QuerySet[Community]":
    rows = Community.objects.filter(retired_at__isnull=True)
    if access.installation_wide:
        return rows
    whole = rows.filter(subdistrict_id__in=sorted(access.whole_subdistrict_ids))
    return whole | rows.filter(pk__in=sorted(access.community_ids))
