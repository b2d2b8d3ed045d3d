"""Finding a place by what people type of it: a name or a part of one, its pinyin, its initials, a building's number.

Places of all sub-districts, for somebody who has no account and need not know in which community a street lies.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, cast

from django.db.models import QuerySet

from common.plain import plain
from communities.models import Building, Community, Neighbourhood
from communities.models.base import localised
from communities.naming import syllables

FOUND: Final = 8
"""How many are offered at most."""

_CODE: Final = re.compile(r"([cnb])([1-9]\d{0,14})", re.ASCII)
_TYPED: Final = re.compile(r"(\D+|\d+)(\d*)")


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place as a form names it: ``c5`` a community, ``n12`` a neighbourhood, ``b345`` a building."""

    code: str
    name: str
    community_id: int
    community_zh: str
    community_en: str
    initials: str
    pinyin: str
    neighbourhood_id: int | None = None
    building_id: int | None = None

    @property
    def community(self) -> str:
        """The name of its community in the active language."""
        return localised(self.community_zh, self.community_en)

    @property
    def label(self) -> str:
        """What it is called."""
        return self.name or self.community


def find_places(typed: str) -> list[FoundPlace]:
    """Up to FOUND places that fit, best first; three statements at most, none for nothing."""
    found = _TYPED.match("".join(plain(typed[:60]).lower().split()))
    if found is None:
        return []
    head, number = found.groups()
    fitting = [(rank, place) for place in _all() if (rank := _rank(place, head)) is not None]
    fitting.sort(key=lambda pair: (pair[0], pair[1].code[0], len(pair[1].name), pair[1].code))
    places = [place for _how_well, place in fitting[:FOUND]]
    return [*_buildings_of(places, number), *places][:FOUND]


def _rank(place: FoundPlace, head: str) -> int | None:
    """How well it fits, 0 best; None for not at all. What is typed in Chinese may be longer than the name."""
    names = [name.lower() for name in (place.name or place.community_zh, "" if place.name else place.community_en)]
    if head in names:
        return 0
    if head.isascii():
        keys = (place.initials, place.pinyin, names[1])
        starts = any(key.startswith(head) for key in keys)
        return 1 if starts else 3 if len(head) > 1 and any(head in key for key in keys) else None
    if names[0].startswith(head):
        return 1
    return 2 if head in names[0] or names[0] in head else None


def _buildings_of(places: Iterable[FoundPlace], number: str) -> list[FoundPlace]:
    homes = {place.neighbourhood_id: place for place in places if place.neighbourhood_id}
    if not number or not homes:
        return []
    rows = _buildings().filter(neighbourhood_id__in=homes, name__startswith=number).order_by("id")[:FOUND]
    return [_building(row, homes[row.neighbourhood_id]) for row in rows]


def _building(row: Building, home: FoundPlace) -> FoundPlace:
    return FoundPlace(
        code=f"b{row.pk}",
        name=f"{home.name}{row.name}",
        community_id=home.community_id,
        community_zh=home.community_zh,
        community_en=home.community_en,
        initials="",
        pinyin="",
        neighbourhood_id=home.neighbourhood_id,
        building_id=row.pk,
    )


def read_place(code: str) -> FoundPlace | None:
    """The place behind a choice's value, None for anything else; one statement at most."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    pk = int(found[2])
    if found[1] == "c":
        community = Community.objects.filter(pk=pk, retired_at=None).first()
        return _community(community) if community else None
    if found[1] == "n":
        row = _neighbourhoods().filter(pk=pk).first()
        return _neighbourhood(row) if row else None
    building = _buildings().filter(pk=pk).first()
    return _building(building, _neighbourhood(building.neighbourhood)) if building else None


def by_letters(places: Iterable[FoundPlace], most: int = 9) -> list[tuple[str, list[FoundPlace]]]:
    """Places under the first letters of their pinyin, no more than ``most`` together where letters allow it: B–D."""
    groups: list[tuple[str, str, list[FoundPlace]]] = []
    ordered = sorted(places, key=lambda place: (place.initials, place.code))
    for letter, rows in groupby(ordered, key=lambda place: place.initials[:1].upper()):
        several = list(rows)
        if groups and len(groups[-1][2]) + len(several) <= most:
            groups[-1] = (groups[-1][0], letter, groups[-1][2] + several)
        else:
            groups.append((letter, letter, several))
    return [(first if first == last else f"{first}–{last}", several) for first, last, several in groups]


def communities() -> list[FoundPlace]:
    """All communities; one statement."""
    return [_community(row) for row in Community.objects.filter(retired_at=None)]


def _neighbourhoods() -> QuerySet[Neighbourhood]:
    rows = Neighbourhood.objects.filter(retired_at=None, community__retired_at=None, community__isnull=False)
    return rows.select_related("community")


def _buildings() -> QuerySet[Building]:
    rows = Building.objects.filter(retired_at=None, neighbourhood__retired_at=None)
    homes = rows.filter(neighbourhood__community__retired_at=None, neighbourhood__community__isnull=False)
    return homes.select_related("neighbourhood__community")


def _all() -> list[FoundPlace]:
    return [*communities(), *(_neighbourhood(row) for row in _neighbourhoods())]


@lru_cache(maxsize=8192)
def _pinyin(name: str) -> tuple[str, str]:
    """Initials and pinyin of a name: 碧湖花园 → bhhy, bihuhuayuan."""
    parts = [part.lower() for part in syllables(name) if part.isalnum()]
    return "".join(part[0] for part in parts), "".join(parts)


def _community(row: Community) -> FoundPlace:
    return FoundPlace(f"c{row.pk}", "", row.pk, row.name_zh, row.name_en, *_pinyin(row.name_zh))


def _neighbourhood(row: Neighbourhood) -> FoundPlace:
    home = cast("Community", row.community)
    return FoundPlace(f"n{row.pk}", row.name, home.pk, home.name_zh, home.name_en, *_pinyin(row.name), row.pk)
