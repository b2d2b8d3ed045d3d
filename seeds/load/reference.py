"""What the generator knows of the installation, read once: worker processes need no database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from accounts.models import User
from accounts.roles import Role
from communities.actors import Actor
from communities.models import (
    Building,
    Category,
    Community,
    Department,
    DepartmentKind,
    Membership,
    Neighbourhood,
    SubDistrict,
)
from deadlines.calendar import WorkCalendar
from deadlines.rules import RuleSet
from deadlines.services import load_calendar, load_rules

_PLACES_PER_COMMUNITY: Final = 120


class NothingToSeed(Exception):  # noqa: N818 (a refusal, named as prose)
    """The reference data that issues need is not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SeedPlace:
    """A neighbourhood, with a building or without; ``names`` from the larger to the smaller."""

    neighbourhood_id: int
    building_id: int | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommunityRef:
    """A community whose own people can act; ``team`` is the code of its own department, "" where it has none."""

    pk: int
    name: str
    team: str
    clerks: tuple[Actor, ...]
    checker: Actor
    places: tuple[SeedPlace, ...]


@dataclass(frozen=True, slots=True)
class DepartmentRef:
    """A department of the sub-district with people who can answer."""

    code: str
    officers: tuple[Actor, ...]


@dataclass(frozen=True, slots=True)
class CategoryRef:
    """A category that can be chosen, and the code of its usual department: one that can be dispatched to, or a body
    outside; "" where it has neither.
    """

    pk: int
    code: str
    override: str
    department: str
    physical: bool
    external: bool


@dataclass(frozen=True)
class Reference:
    """One sub-district."""

    subdistrict_id: int
    area: str
    communities: tuple[CommunityRef, ...]
    categories: tuple[CategoryRef, ...]
    departments: Mapping[str, DepartmentRef]
    supervisor: Actor | None
    calendar: WorkCalendar
    rules: RuleSet

    @property
    def user_ids(self) -> list[int]:
        """Everybody who acts."""
        people = [person for row in self.communities for person in (*row.clerks, row.checker)]
        people += [person for row in self.departments.values() for person in row.officers]
        people += [self.supervisor] if self.supervisor else []
        return sorted({person.user_id for person in people if person.user_id is not None})


def load_reference(code: str = "") -> Reference:
    """The sub-district with this code, else the first that has everything. Raises NothingToSeed."""
    rows = SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk")
    for subdistrict in rows.filter(code=code) if code else rows:
        found = _reference(subdistrict)
        if found.communities and found.categories and found.departments:
            return found
    raise NothingToSeed(
        "No sub-district has communities with clerks, departments with officers and categories: run load_demo first."
    )


def _reference(subdistrict: SubDistrict) -> Reference:
    members = list(
        Membership.objects.filter(subdistrict=subdistrict, ended_at__isnull=True)
        .select_related("user")
        .order_by("user__username", "pk")
    )
    people = _people({row.user_id: row.user for row in members}.values())
    departments = _departments(subdistrict, members, people)
    categories = Category.objects.filter(subdistrict=subdistrict, retired_at__isnull=True, children__isnull=True)
    outside = set(
        Department.objects.filter(
            subdistrict=subdistrict, kind=DepartmentKind.EXTERNAL, retired_at__isnull=True
        ).values_list("code", flat=True)
    )
    known = outside.union(departments)
    supervisors = [row for row in members if row.role == Role.SUPERVISOR]
    return Reference(
        subdistrict_id=subdistrict.pk,
        area=subdistrict.area,
        communities=tuple(_communities(subdistrict, members, people)),
        categories=tuple(
            CategoryRef(
                row.pk,
                row.code,
                row.override,
                row.department.code if row.department and row.department.code in known else "",
                physical=row.physical,
                external=row.department is not None and row.department.code in outside,
            )
            for row in categories.select_related("department").order_by("code")
        ),
        departments=departments,
        supervisor=people[supervisors[0].user_id] if supervisors else None,
        calendar=load_calendar(),
        rules=load_rules(subdistrict.pk),
    )


def _people(users: Iterable[User]) -> dict[int, Actor]:
    return {user.pk: Actor.staff(user) for user in users}


def _departments(
    subdistrict: SubDistrict, members: Iterable[Membership], people: Mapping[int, Actor]
) -> dict[str, DepartmentRef]:
    """Those that a clerk can dispatch to and that have a receiving desk."""
    apart = (DepartmentKind.EXTERNAL, DepartmentKind.COMMUNITY_TEAM)
    staff: dict[int, list[Actor]] = defaultdict(list)
    for row in members:
        if row.role == Role.OFFICER and row.receiving_desk and row.department_id is not None:
            staff[row.department_id].append(people[row.user_id])
    rows = Department.objects.filter(subdistrict=subdistrict, retired_at__isnull=True).exclude(kind__in=apart)
    return {row.code: DepartmentRef(row.code, tuple(staff[row.pk])) for row in rows.order_by("pk") if staff[row.pk]}


def _communities(
    subdistrict: SubDistrict, members: Iterable[Membership], people: Mapping[int, Actor]
) -> Iterable[CommunityRef]:
    clerks: dict[int, list[Actor]] = defaultdict(list)
    secretaries: dict[int, list[Actor]] = defaultdict(list)
    for row in members:
        if row.community_id is not None:
            (clerks if row.role == Role.CLERK else secretaries)[row.community_id].append(people[row.user_id])
    teams = {
        row.community_id: row.code
        for row in Department.objects.filter(subdistrict=subdistrict, kind=DepartmentKind.COMMUNITY_TEAM)
    }
    places = _places(subdistrict)
    for community in Community.objects.filter(subdistrict=subdistrict, retired_at__isnull=True).order_by("pk"):
        own = clerks[community.pk]
        if own:
            yield CommunityRef(
                pk=community.pk,
                name=community.name_zh,
                team=teams.get(community.pk, ""),
                clerks=tuple(own),
                checker=(secretaries[community.pk] or own)[0],
                places=tuple(places[community.pk]),
            )


def _places(subdistrict: SubDistrict) -> dict[int, list[SeedPlace]]:
    """The neighbourhoods of every community, then their buildings, as far as a text needs variety."""
    found: dict[int, list[SeedPlace]] = defaultdict(list)
    names: dict[int, str] = {}
    rows = Neighbourhood.objects.filter(subdistrict=subdistrict, community__isnull=False, retired_at__isnull=True)
    for pk, community_id, name in rows.order_by("pk").values_list("pk", "community_id", "name"):
        names[pk] = name
        found[community_id].append(SeedPlace(pk, None, (name,)))
    buildings = Building.objects.filter(neighbourhood__subdistrict=subdistrict, retired_at__isnull=True).order_by("pk")
    for pk, home, community_id, name in buildings.values_list("pk", "neighbourhood_id", "community_id", "name"):
        if home in names and len(found[community_id]) < _PLACES_PER_COMMUNITY:
            found[community_id].append(SeedPlace(home, pk, (names[home], name)))
    return found
