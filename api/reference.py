"""Finding the rows that callers name by code, name or id."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from communities.models import Building, Category, Community, Department, Neighbourhood, SubDistrict
from issues.services.errors import Words

NOT_AN_ID = _("须为整数")
_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class UnknownNameError(ValueError):
    """No row, or more than one, goes by this name; carries words for the person."""


class UnknownNamesError(Exception):
    """Some of the names of one input are unknown or ambiguous; ``fields`` says which."""

    def __init__(self, fields: dict[str, Words]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


@dataclass(frozen=True)
class Where:
    """The names of one input; "" for what was not given."""

    community: str = ""
    category: str = ""
    neighbourhood: str = ""
    building: str = ""


@dataclass(frozen=True)
class FoundIds:
    """The ids behind the names."""

    subdistrict_id: int
    community_id: int
    category_id: int | None
    neighbourhood_id: int | None
    building_id: int | None


def as_id(value: str) -> int | None:
    """``value`` as a row's id, None where it can be none."""
    return int(value) if _ID.fullmatch(value) else None


def _named(value: str, **fields: str) -> Q:
    condition = Q(**fields)
    pk = as_id(value)
    return condition | Q(pk=pk) if pk is not None else condition


def _communities(value: str, subdistrict_ids: Collection[int] | None) -> QuerySet[Community, Community]:
    rows = Community.objects.filter(retired_at__isnull=True)
    if subdistrict_ids is not None:
        rows = rows.filter(subdistrict_id__in=subdistrict_ids)
    condition = _named(value, code=value) | Q(name_zh__in=[value, f"{value}社区"])
    if value.isascii() and value:
        condition |= Q(name_en__iexact=value)
    return rows.filter(condition).order_by("pk")


def community_id(value: str, *, subdistrict_ids: Collection[int] | None) -> int:
    """Id of the community by name (社区 may be left out), code or id. Raises UnknownNameError."""
    rows = list(_communities(value, subdistrict_ids).values_list("pk", flat=True)[:2])
    return _single(rows, value, _("没有这个社区"), _("有多个同名社区，请使用编码"))


def _single(ids: list[int], value: str, unknown: Words, several: Words) -> int:
    if not ids:
        raise UnknownNameError(unknown)
    if len(ids) == 1:
        return ids[0]
    if as_id(value) in ids:
        return int(value)
    raise UnknownNameError(several)


def resolve(where: Where, *, subdistrict_ids: Collection[int] | None) -> FoundIds:
    """Everything that one input names, in one statement. Raises UnknownNamesError.

    A neighbourhood lies in the community or, like a road, in none; a building in the community and, where one is given,
    in the neighbourhood. Without a community the building is named by its id.
    """
    if where.community:
        rows = _communities(where.community, subdistrict_ids)
    else:
        rows = Community.objects.filter(retired_at__isnull=True, buildings__pk=as_id(where.building) or 0)
    found = list(
        rows.annotate(
            categories=ArraySubquery(_categories_of(where.category)),
            places=ArraySubquery(_places_of(where.neighbourhood)),
            houses=ArraySubquery(_buildings_of(where.building, where.neighbourhood)),
        ).values_list("pk", "subdistrict_id", "categories", "places", "houses")[:2]
    )
    wrong: dict[str, Words] = {}
    named = "community" if where.community else "building"
    try:
        chosen = _single([row[0] for row in found], where.community, _UNKNOWN[named], _SEVERAL["community"])
    except UnknownNameError as error:
        raise UnknownNamesError({named: error.args[0]}) from error
    _pk, subdistrict_id, categories, places, houses = next(row for row in found if row[0] == chosen)
    ids: dict[str, int | None] = {}
    for name, candidates in (("category", categories), ("neighbourhood", places), ("building", houses)):
        ids[name] = None
        value = getattr(where, name)
        if value:
            try:
                ids[name] = _single(candidates, value, _UNKNOWN[name], _SEVERAL[name])
            except UnknownNameError as error:
                wrong[name] = error.args[0]
    if wrong:
        raise UnknownNamesError(wrong)
    return FoundIds(subdistrict_id, chosen, ids["category"], ids["neighbourhood"], ids["building"])


_UNKNOWN: dict[str, Words] = {
    "community": _("没有这个社区"),
    "category": _("没有这个类别"),
    "neighbourhood": _("该地点不在所选社区"),
    "building": _("该楼栋不在所选社区"),
}
_SEVERAL: dict[str, Words] = {
    "community": _("有多个同名社区，请使用编码"),
    "category": _("没有这个类别"),
    "neighbourhood": _("有多个同名地点，请使用 id"),
    "building": _("有多个同名楼栋，请使用 id"),
}


def _categories_of(code: str) -> QuerySet[Category, int]:
    rows = Category.objects.filter(subdistrict_id=OuterRef("subdistrict_id"), code=code, retired_at__isnull=True)
    return rows.values_list("pk", flat=True)[:1]


def _places_of(value: str) -> QuerySet[Neighbourhood, int]:
    rows = Neighbourhood.objects.filter(
        Q(community_id=OuterRef("pk")) | Q(community__isnull=True),
        _named(value, name=value),
        subdistrict_id=OuterRef("subdistrict_id"),
        retired_at__isnull=True,
    )
    return rows.order_by(F("community_id").asc(nulls_last=True), "pk").values_list("pk", flat=True)[:2]


def _buildings_of(value: str, neighbourhood: str) -> QuerySet[Building, int]:
    rows = Building.objects.filter(_named(value, name=value), community_id=OuterRef("pk"), retired_at__isnull=True)
    if neighbourhood:
        pk = as_id(neighbourhood)
        rows = rows.filter(Q(neighbourhood__name=neighbourhood) | Q(neighbourhood_id=pk or 0))
    return rows.order_by("pk").values_list("pk", flat=True)[:2]


def subdistrict_ids(code: str) -> list[int]:
    """The id of the sub-district with this code. Raises UnknownNameError."""
    ids = list(SubDistrict.objects.filter(code=code, retired_at__isnull=True).values_list("pk", flat=True))
    if not ids:
        raise UnknownNameError(_("没有这个街道"))
    return ids


def department_ids(value: str, *, subdistrict_ids: Collection[int] | None) -> list[int]:
    """Ids of the organisations with this code. Raises UnknownNameError."""
    rows = Department.objects.filter(code=value)
    if subdistrict_ids is not None:
        rows = rows.filter(subdistrict_id__in=subdistrict_ids)
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        raise UnknownNameError(_("没有这个单位"))
    return ids


def category_ids(value: str, *, subdistrict_ids: Collection[int] | None) -> list[int]:
    """Ids of the category with this code and, for a first-level one, of its children. Raises UnknownNameError."""
    rows = Category.objects.filter(Q(code=value) | Q(parent__code=value))
    if subdistrict_ids is not None:
        rows = rows.filter(subdistrict_id__in=subdistrict_ids)
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        raise UnknownNameError(_("没有这个类别"))
    return ids
