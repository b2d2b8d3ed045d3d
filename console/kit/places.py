"""Places as choices: ``c5`` a community, ``n12`` a neighbourhood, ``b345`` a building."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from communities.access import Access
from communities.models import Building, Community, Neighbourhood
from console.kit.choices import pinyin_keys
from console.kit.shapes import ChoiceShape

_CODE: Final = re.compile(r"([cnb])([1-9]\d{0,14})", re.ASCII)
FOUND: Final = 20


@dataclass(frozen=True)
class Place:
    """Where a matter is: a community and, as far as known, the place in it."""

    community: Community
    neighbourhood_id: int | None = None
    building_id: int | None = None
    label: str = ""


def read_place(code: str, access: Access) -> Place | None:
    """The place behind a choice's value, within the person's sub-districts; None for anything else."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    kind, pk = found[1], int(found[2])
    mine = access.subdistrict_ids
    if kind == "c":
        community = Community.objects.filter(pk=pk, subdistrict_id__in=mine, retired_at__isnull=True).first()
        return Place(community=community, label=community.name) if community else None
    if kind == "n":
        return _neighbourhood(pk, access)
    building = (
        Building.objects.filter(pk=pk, community__subdistrict_id__in=mine, retired_at__isnull=True)
        .select_related("community", "neighbourhood")
        .first()
    )
    if building is None:
        return None
    return Place(building.community, building.neighbourhood_id, building.pk, _building_label(building))


def _neighbourhood(pk: int, access: Access) -> Place | None:
    row = (
        Neighbourhood.objects.filter(pk=pk, subdistrict_id__in=access.subdistrict_ids, retired_at__isnull=True)
        .select_related("community")
        .first()
    )
    if row is None:
        return None
    community = row.community or Community.objects.filter(pk__in=access.community_ids).order_by("pk").first()
    return Place(community=community, neighbourhood_id=row.pk, label=row.name) if community else None


def _building_label(row: Building) -> str:
    return _("%(place)s %(building)s") % {"place": row.neighbourhood.name, "building": row.name}


def own_places(access: Access) -> tuple[ChoiceShape, ...]:
    """What a person can choose without asking: the own communities with their places and buildings; three statements.

    Somebody without a community of their own gets the communities of the sub-district, and the rest by search.
    """
    if not access.community_ids:
        rows = Community.objects.filter(subdistrict_id__in=access.subdistrict_ids, retired_at__isnull=True)
        return tuple(_community(row) for row in rows.order_by("name_zh"))
    homes = {row.pk: row for row in Community.objects.filter(pk__in=access.community_ids).order_by("pk")}
    places = Neighbourhood.objects.filter(community_id__in=homes, retired_at__isnull=True).order_by("kind", "name")
    buildings = (
        Building.objects.filter(community_id__in=homes, retired_at__isnull=True)
        .select_related("neighbourhood")
        .order_by("neighbourhood__name", "id")
    )
    return (
        *(_community(row) for row in homes.values()),
        *(_place(row) for row in places),
        *(_building(row) for row in buildings),
    )


def search_places(text: str, access: Access) -> list[dict[str, str]]:
    """Places of the person's sub-districts whose name or pinyin initials fit, e.g. ``bhhy 3``; three statements."""
    words = text.lower().split()[:3]
    if not words:
        return []
    places = (
        Neighbourhood.objects.filter(subdistrict_id__in=access.subdistrict_ids, retired_at__isnull=True)
        .filter(Q(initials__istartswith=words[0]) | Q(name__icontains=words[0]))
        .select_related("community")
        .order_by("name")[:FOUND]
    )
    found = [(_place(row), row.community) for row in places]
    if len(words) > 1:
        buildings = (
            Building.objects.filter(
                community__subdistrict_id__in=access.subdistrict_ids,
                retired_at__isnull=True,
                name__istartswith=words[1],
                neighbourhood__in=[row.pk for row in places],
            )
            .select_related("neighbourhood", "community")
            .order_by("neighbourhood__name", "id")[:FOUND]
        )
        found = [(_building(row), row.community) for row in buildings] + found
    communities = Community.objects.filter(
        Q(initials__istartswith=words[0]) | Q(name_zh__icontains=words[0]),
        subdistrict_id__in=access.subdistrict_ids,
        retired_at__isnull=True,
    ).order_by("name_zh")[:FOUND]
    found += [(_community(row), None) for row in communities]
    return [
        {"value": choice.value, "label": choice.label, "hint": community.name if community else ""}
        for choice, community in found[:FOUND]
    ]


def _community(row: Community) -> ChoiceShape:
    return ChoiceShape(
        value=f"c{row.pk}", label=row.name, help=_("社区范围内"), keys=f"{row.initials} {pinyin_keys(row.name_zh)}"
    )


def _place(row: Neighbourhood) -> ChoiceShape:
    return ChoiceShape(
        value=f"n{row.pk}",
        label=row.name,
        help=str(row.get_kind_display()),
        keys=f"{row.initials} {pinyin_keys(row.name)}",
    )


def _building(row: Building) -> ChoiceShape:
    return ChoiceShape(
        value=f"b{row.pk}",
        label=_building_label(row),
        keys=f"{row.neighbourhood.initials} {pinyin_keys(row.neighbourhood.name)}",
    )


def with_choice(choices: Iterable[ChoiceShape], place: Place | None, code: str) -> tuple[ChoiceShape, ...]:
    """The choices, and the one that was found by search so that a form shown again keeps it."""
    known = tuple(choices)
    if place is None or any(choice.value == code for choice in known):
        return known
    return (*known, ChoiceShape(value=code, label=place.label))
