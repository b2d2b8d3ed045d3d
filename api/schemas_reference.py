"""The shapes of reference data: places, organisations, categories, leaders (see api.schemas)."""

from api.schemas import IdName, Shape, one_of, text, whole, yes
from communities.models import CommunityKind, DepartmentKind, LeaderKind, NeighbourhoodKind


class CommunityRow(Shape):
    """A community."""

    id = whole()
    code = text(allow_null=True)
    name = text()
    kind = one_of(CommunityKind)
    phone = text()
    subdistrict = text()


class NeighbourhoodRow(Shape):
    """An estate, village, lane …"""

    id = whole()
    name = text()
    kind = one_of(NeighbourhoodKind)
    community = IdName(allow_null=True)


class BuildingRow(Shape):
    """A building."""

    id = whole()
    name = text()
    households = whole(allow_null=True)
    neighbourhood = IdName()
    community = IdName()


class DepartmentRow(Shape):
    """An organisation that can be responsible."""

    code = text()
    name = text()
    short_name = text()
    kind = one_of(DepartmentKind)
    phone = text()
    community = IdName(allow_null=True)
    subdistrict = text()


class CategoryRow(Shape):
    """A category."""

    code = text()
    name = text()
    parent = text(allow_null=True)  # type: ignore[assignment]
    department = text(allow_null=True)
    physical = yes()
    subdistrict = text()


class LeaderPlaceShape(Shape):
    """A place that a leader holds."""

    kind = one_of(["building", "neighbourhood"])
    name = text()
    first = yes()


class LeaderRow(Shape):
    """A leader, the telephone masked."""

    id = whole()
    kind = one_of(LeaderKind)
    name = text()
    phone = text()
    community = IdName()
    places = LeaderPlaceShape(many=True)
