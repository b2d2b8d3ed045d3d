"""Finding the rows that callers name by code, name or id."""

import re
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from communities.models import Building, Category, Community, Department, Neighbourhood
from issues.services.errors import Words

NOT_AN_ID = _("须为整数")
_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)


class NotFoundByName(ValueError):
    """No row, or more than one, goes by this name; carries words for the person."""


def as_id(value: str) -> int | None:
    """``value`` as a row's id, None where it can be none."""
    return int(value) if _ID.fullmatch(value) else None


def _one(rows: QuerySet[Any, Any], value: str, condition: Q, unknown: Words, several: Words) -> Any:
    found = list(rows.filter(condition).order_by("pk")[:2])
    if not found:
        raise NotFoundByName(unknown)
    if len(found) > 1:
        exact = [row for row in found if str(row.pk) == value]
        if len(exact) != 1:
            raise NotFoundByName(several)
        return exact[0]
    return found[0]


def _named(value: str, **fields: str) -> Q:
    condition = Q(**fields)
    pk = as_id(value)
    return condition | Q(pk=pk) if pk is not None else condition


def community(value: str, *, subdistrict_ids: Collection[int] | None) -> Community:
    """The community by name (社区 may be left out), code or id. Raises NotFoundByName."""
    rows = Community.objects.filter(retired_at__isnull=True)
    if subdistrict_ids is not None:
        rows = rows.filter(subdistrict_id__in=subdistrict_ids)
    condition = _named(value, code=value) | Q(name_zh__in=[value, f"{value}社区"])
    if value.isascii() and value:
        condition |= Q(name_en__iexact=value)
    found: Community = _one(rows, value, condition, _("没有这个社区"), _("有多个同名社区，请使用编码"))
    return found


def category(value: str, *, subdistrict_id: int) -> Category:
    """The category by code. Raises NotFoundByName."""
    found = Category.objects.filter(subdistrict_id=subdistrict_id, code=value, retired_at__isnull=True).first()
    if found is None:
        raise NotFoundByName(_("没有这个类别"))
    return found


def neighbourhood(value: str, *, within: Community) -> Neighbourhood:
    """The neighbourhood by name or id, in the community or, like a road, in none of them. Raises NotFoundByName."""
    rows = Neighbourhood.objects.filter(
        Q(community=within) | Q(community__isnull=True), subdistrict_id=within.subdistrict_id, retired_at__isnull=True
    )
    found: Neighbourhood = _one(
        rows, value, _named(value, name=value), _("该地点不在所选社区"), _("有多个同名地点，请使用 id")
    )
    return found


def building(value: str, *, within: Community | None, neighbourhood_id: int | None) -> Building:
    """The building by name or id, in the community and, where it is known, the neighbourhood. Raises NotFoundByName."""
    rows = Building.objects.filter(retired_at__isnull=True).select_related("neighbourhood", "community")
    if within is not None:
        rows = rows.filter(community=within)
    if neighbourhood_id is not None:
        rows = rows.filter(neighbourhood_id=neighbourhood_id)
    condition = _named(value, name=value) if within is not None else Q(pk=as_id(value) or 0)
    found: Building = _one(rows, value, condition, _("该楼栋不在所选社区"), _("有多个同名楼栋，请使用 id"))
    return found


def department(value: str, *, subdistrict_ids: Collection[int]) -> list[int]:
    """Ids of the organisations with this code in these sub-districts. Raises NotFoundByName."""
    ids = list(Department.objects.filter(subdistrict_id__in=subdistrict_ids, code=value).values_list("pk", flat=True))
    if not ids:
        raise NotFoundByName(_("没有这个单位"))
    return ids


def category_ids(value: str, *, subdistrict_ids: Collection[int]) -> list[int]:
    """Ids of the category with this code and, for a first-level one, of its children. Raises NotFoundByName."""
    rows = Category.objects.filter(Q(code=value) | Q(parent__code=value), subdistrict_id__in=subdistrict_ids)
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        raise NotFoundByName(_("没有这个类别"))
    return ids
