"""Whom a task goes to: leaders by the places that they hold. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from common.clock import local
from common.crypto import keyed_digest
from communities.models import Category, Leader, LeaderPlace, named_place
from deadlines.arithmetic import add_months
from issues.enums import Status
from issues.models import Issue
from leaders.specs import TaskSpec

FLOODING: Final = "03"
"""排水与内涝: the first level of the categories that speak of flooding."""
OFTEN: Final = 2
MONTHS: Final = 24
_NO_CASE: Final = (Status.REJECTED, Status.WITHDRAWN, Status.MERGED)
"""What joined another matter is counted there; what was taken back or refused is none."""


@dataclass(frozen=True, slots=True)
class AskedLeader:
    """One row to be asked: a leader, and for which place."""

    leader: Leader
    building_id: int | None = None
    neighbourhood_id: int | None = None
    place: str = ""

    @property
    def ids(self) -> tuple[int, int, int]:
        """Of the leader, the building and the neighbourhood; 0: none."""
        return (self.leader.pk, self.building_id or 0, self.neighbourhood_id or 0)


@dataclass(frozen=True, slots=True)
class ChosenPlaces:
    """Chosen places, by their ids."""

    buildings: frozenset[int] = frozenset()
    neighbourhoods: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.buildings or self.neighbourhoods)


def months_before(at: datetime, months: int) -> datetime:
    """The same moment so many months earlier, on the last day of a month that is shorter."""
    wall = local(at)
    return datetime.combine(add_months(wall.date(), -months), wall.timetz())


def often_flooded(communities: Collection[int], at: datetime) -> ChosenPlaces:
    """Places of these communities with two matters of flooding in 24 months; three statements.

    A building counts its own, a neighbourhood those of its buildings, too. Confidential matters do not count: whoever
    is asked could infer them. ``issues_list_category`` serves it.
    """
    categories = Category.objects.filter(Q(code=FLOODING) | Q(parent__code=FLOODING)).values_list("pk", flat=True)
    rows = Issue.objects.filter(
        category_id__in=list(categories),
        community_id__in=communities,
        created_at__gte=months_before(at, MONTHS),
        confidential=False,
    ).exclude(status__in=_NO_CASE)
    around = rows.annotate(around=Coalesce("neighbourhood_id", "building__neighbourhood_id"))
    return ChosenPlaces(_often(rows, "building_id"), _often(around, "around"))


def _often(rows: QuerySet[Issue], place: str) -> frozenset[int]:
    known = rows.filter(**{f"{place}__isnull": False}).order_by()
    counted = known.values_list(place).annotate(n=Count("pk")).filter(n__gte=OFTEN)
    return frozenset(pk for pk, _n in counted)


def whom(spec: TaskSpec, communities: Collection[int], chosen: ChosenPlaces, at: datetime) -> Sequence[AskedLeader]:
    """Who is asked, by community and leader: of the chosen places, without any of all; seven statements at most.

    Where nobody holds a neighbourhood that was flooded often, who leads each of its buildings is asked.
    """
    places = often_flooded(communities, at) if spec.flooded else chosen
    rows = LeaderPlace.objects.filter(leader__community_id__in=communities, leader__retired_at__isnull=True)
    fits = Q(building_id__in=places.buildings) | Q(neighbourhood_id__in=places.neighbourhoods)
    if spec.flooded:
        held = rows.filter(neighbourhood_id__in=places.neighbourhoods).values_list("neighbourhood_id", flat=True)
        fits |= Q(building__neighbourhood_id__in=places.neighbourhoods - set(held), first=True)
    if places or spec.flooded or spec.buildings:
        rows = rows.filter(fits)
    names = ("leader__user", "leader__community", "building__neighbourhood", "neighbourhood")
    found_rows = rows.select_related(*names).order_by("leader__community_id", "leader_id", "-first", "id")
    found = [
        AskedLeader(row.leader, row.building_id, row.neighbourhood_id, named_place(row.building, row.neighbourhood))
        for row in found_rows
    ]
    if spec.by_place:
        return found
    once = {one.leader.pk: one for one in reversed(found)}
    if not places:
        without = Leader.objects.filter(community_id__in=communities, retired_at__isnull=True, places__isnull=True)
        once |= {row.pk: AskedLeader(row) for row in without.select_related("user", "community")}
    return sorted(once.values(), key=lambda one: (one.leader.community_id, one.leader.pk))


def mark_of(asked: Sequence[AskedLeader]) -> str:
    """What tells these rows from any others: 16 characters that a form may carry."""
    return keyed_digest(repr(sorted(one.ids for one in asked)))[:16]
