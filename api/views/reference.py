"""Reference data: places, organisations, categories and leaders within the caller's sub-districts."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs, reference
from api.base import ApiView
from api.listing import Parameters, next_url, page_of
from common.keyset import Order
from common.masking import mask_phone
from communities.access import Access
from communities.models import (
    Building,
    Category,
    Community,
    CommunityKind,
    Department,
    DepartmentKind,
    Leader,
    LeaderKind,
    LeaderPlace,
    Neighbourhood,
    NeighbourhoodKind,
)

BY_ID = Order(("id",))
Rows = QuerySet[Any, Any]


def _within(rows: Rows, access: Access, path: str = "subdistrict_id") -> Rows:
    if access.installation_wide:
        return rows
    return rows.filter(**{f"{path}__in": access.subdistrict_ids})


class _List(ApiView):
    """A keyset list of rows that are in use."""

    def row(self, row: Any) -> dict[str, Any]:
        """One row as JSON."""
        raise NotImplementedError

    def rows(self, parameters: Parameters) -> Rows:
        """The rows in the caller's scope within the filters."""
        raise NotImplementedError

    def answer(self, request: Request) -> Response:
        """One page."""
        parameters = Parameters(request.GET)
        page = page_of(self.rows(parameters), BY_ID, parameters)
        results = [self.row(row) for row in page.rows]
        return Response({"results": results, "next": next_url(request, page.next_cursor)})

    def community_id(self, parameters: Parameters) -> int | None:
        """The community that the list was narrowed to."""
        ids = None if self.access.installation_wide else list(self.access.subdistrict_ids)
        return parameters.found("community", lambda value: reference.community_id(value, subdistrict_ids=ids))


def community_row(row: Community) -> dict[str, Any]:
    """A community."""
    return {
        "id": row.pk,
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "phone": row.phone,
        "subdistrict": row.subdistrict.code,
    }


class Communities(_List):
    """社区."""

    def row(self, row: Any) -> dict[str, Any]:
        """See ``community_row``."""
        return community_row(row)

    def rows(self, parameters: Parameters) -> Rows:
        """Communities of the caller's sub-districts; ``kind``."""
        rows = _within(Community.objects.filter(retired_at__isnull=True), self.access).select_related("subdistrict")
        kinds = parameters.choices("kind", CommunityKind.values)
        return rows.filter(kind__in=kinds) if kinds else rows

    @docs.community_list
    def get(self, request: Request) -> Response:
        """Communities of the caller's sub-districts."""
        return self.answer(request)


def neighbourhood_row(row: Neighbourhood) -> dict[str, Any]:
    """An estate, village, lane …"""
    return {
        "id": row.pk,
        "name": row.name,
        "kind": row.kind,
        "community": {"id": row.community.pk, "name": row.community.name} if row.community else None,
    }


class Neighbourhoods(_List):
    """小区、村、巷、市场…."""

    def row(self, row: Any) -> dict[str, Any]:
        """See ``neighbourhood_row``."""
        return neighbourhood_row(row)

    def rows(self, parameters: Parameters) -> Rows:
        """Neighbourhoods; ``community``, ``kind``."""
        rows = _within(Neighbourhood.objects.filter(retired_at__isnull=True), self.access).select_related("community")
        community_id = self.community_id(parameters)
        kinds = parameters.choices("kind", NeighbourhoodKind.values)
        rows = rows.filter(community_id=community_id) if community_id else rows
        return rows.filter(kind__in=kinds) if kinds else rows

    @docs.neighbourhood_list
    def get(self, request: Request) -> Response:
        """Neighbourhoods, roads, markets and the like."""
        return self.answer(request)


def building_row(row: Building) -> dict[str, Any]:
    """A building."""
    return {
        "id": row.pk,
        "name": row.name,
        "households": row.households,
        "neighbourhood": {"id": row.neighbourhood.pk, "name": row.neighbourhood.name},
        "community": {"id": row.community.pk, "name": row.community.name},
    }


class Buildings(_List):
    """楼栋."""

    def row(self, row: Any) -> dict[str, Any]:
        """See ``building_row``."""
        return building_row(row)

    def rows(self, parameters: Parameters) -> Rows:
        """Buildings; ``community``, ``neighbourhood`` (id)."""
        rows = Building.objects.filter(retired_at__isnull=True).select_related("neighbourhood", "community")
        rows = _within(rows, self.access, "community__subdistrict_id")
        community_id = self.community_id(parameters)
        neighbourhood = parameters.found("neighbourhood", _neighbourhood_id)
        rows = rows.filter(community_id=community_id) if community_id else rows
        return rows.filter(neighbourhood_id=neighbourhood) if neighbourhood else rows

    @docs.building_list
    def get(self, request: Request) -> Response:
        """Buildings."""
        return self.answer(request)


def _neighbourhood_id(value: str) -> int:
    pk = reference.as_id(value)
    if pk is None:
        raise reference.UnknownNameError(reference.NOT_AN_ID)
    return pk


def department_row(row: Department) -> dict[str, Any]:
    """An organisation that can be responsible."""
    return {
        "code": row.code,
        "name": row.name,
        "short_name": row.short_name,
        "kind": row.kind,
        "phone": row.phone,
        "community": {"id": row.community.pk, "name": row.community.name} if row.community else None,
        "subdistrict": row.subdistrict.code,
    }


class Departments(_List):
    """责任单位."""

    def row(self, row: Any) -> dict[str, Any]:
        """See ``department_row``."""
        return department_row(row)

    def rows(self, parameters: Parameters) -> Rows:
        """Organisations; ``kind``, ``community``."""
        rows = _within(Department.objects.filter(retired_at__isnull=True), self.access)
        rows = rows.select_related("community", "subdistrict")
        kinds = parameters.choices("kind", DepartmentKind.values)
        community_id = self.community_id(parameters)
        rows = rows.filter(community_id=community_id) if community_id else rows
        return rows.filter(kind__in=kinds) if kinds else rows

    @docs.department_list
    def get(self, request: Request) -> Response:
        """Organisations that can be responsible."""
        return self.answer(request)


def category_row(row: Category) -> dict[str, Any]:
    """A category of what is raised."""
    return {
        "code": row.code,
        "name": row.name,
        "parent": row.parent.code if row.parent else None,
        "department": row.department.code if row.department else None,
        "physical": row.physical,
        "subdistrict": row.subdistrict.code,
    }


class Categories(_List):
    """类别."""

    def row(self, row: Any) -> dict[str, Any]:
        """See ``category_row``."""
        return category_row(row)

    def rows(self, parameters: Parameters) -> Rows:
        """Categories of both levels; ``parent``: only the children of this first-level code."""
        rows = _within(Category.objects.filter(retired_at__isnull=True), self.access)
        parent = parameters.get("parent", 8)
        rows = rows.select_related("parent", "department", "subdistrict")
        return rows.filter(parent__code=parent) if parent else rows

    @docs.category_list
    def get(self, request: Request) -> Response:
        """Categories of both levels."""
        return self.answer(request)


def leader_row(row: Leader) -> dict[str, Any]:
    """A leader with the places held; the telephone masked."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "phone": mask_phone(row.phone),
        "community": {"id": row.community.pk, "name": row.community.name},
        "places": [
            {"kind": "building" if place.building else "neighbourhood", "name": place.place.name, "first": place.first}
            for place in row.places.all()
        ],
    }


class Leaders(_List):
    """楼长、巷长、街长."""

    def row(self, row: Any) -> dict[str, Any]:
        """See ``leader_row``."""
        return leader_row(row)

    def rows(self, parameters: Parameters) -> Rows:
        """Leaders of the caller's communities or whole sub-districts, and the caller; ``kind``, ``community``."""
        access = self.access
        rows = Leader.objects.filter(retired_at__isnull=True)
        if not access.installation_wide:
            rows = rows.filter(
                Q(community_id__in=access.community_ids)
                | Q(subdistrict_id__in=access.whole_subdistrict_ids)
                | Q(pk=access.leader_id or 0)
            )
        kinds = parameters.choices("kind", LeaderKind.values)
        community_id = self.community_id(parameters)
        rows = rows.filter(community_id=community_id) if community_id else rows
        rows = rows.filter(kind__in=kinds) if kinds else rows
        places = LeaderPlace.objects.select_related("building", "neighbourhood").order_by("-first", "pk")
        return rows.select_related("community").prefetch_related(Prefetch("places", places))

    @docs.leader_list
    def get(self, request: Request) -> Response:
        """Leaders in the caller's scope, telephones masked."""
        return self.answer(request)
