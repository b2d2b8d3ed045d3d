"""What the generator of recent issues needs to know of the loaded demonstration."""

from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Final

from accounts.models import User
from accounts.roles import Role
from communities.actors import Actor
from communities.models import Category, Community, Department, DepartmentKind, Leader, Membership, SubDistrict
from seeds.demonstration.stories import Staff
from seeds.places.names import mobile, person
from seeds.places.organisations import team_code
from seeds.places.places import Places

_RESIDENTS: Final = 260
_FIRST_RESIDENT: Final = 1300
"""Residents have the numbers from 199 0000 1300 on; scenes lower ones."""


@dataclass(frozen=True, slots=True)
class InventedResident:
    """A resident, invented."""

    name: str
    phone: str


@dataclass
class Cast:
    """The loaded places, organisations, categories (by code) and users (by user name)."""

    places: Places
    departments: dict[str, Department]
    categories: dict[str, Category]
    users: dict[str, User]
    _actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def subdistrict(self) -> SubDistrict:
        """Guicheng."""
        return self.places.subdistrict

    @property
    def communities(self) -> dict[str, Community]:
        """By Chinese name."""
        return self.places.communities

    def actor(self, username: str) -> Actor:
        """The person with this user name, acting with their scope."""
        if username not in self._actors:
            self._actors[username] = Actor.staff(self.users[username])
        return self._actors[username]

    @cached_property
    def _members(self) -> dict[tuple[str, Role], list[str]]:
        found: dict[tuple[str, Role], list[str]] = {}
        rows = Membership.objects.filter(subdistrict=self.subdistrict, ended_at__isnull=True)
        for row in rows.select_related("user", "community", "department").order_by("-receiving_desk", "id"):
            scope = row.community.name_zh if row.community else row.department.code if row.department else ""
            found.setdefault((scope, Role(row.role)), []).append(row.user.username)
        return found

    def staff_for(self, community: str, department: str, random: Random | None = None) -> Staff:
        """Who deals with a matter of this community and department (OWN: the community itself).

        Mostly the first clerk and the receiving desk, with ``random`` now and then a colleague.
        """
        code = team_code(community) if department == "OWN" else department
        clerks = self._members[(community, Role.CLERK)]
        clerk = _mostly_first(clerks, random)
        secretary = self._members[(community, Role.SECRETARY)][0]
        if self.departments[code].kind == DepartmentKind.COMMUNITY_TEAM:
            return Staff(clerk, secretary, code, officer=clerk, head="", own_team=True)
        if self.departments[code].is_external:
            return Staff(clerk, secretary, code, officer=clerk, head="", external=True)
        officer = _mostly_first(self._members[(code, Role.OFFICER)], random)
        return Staff(clerk, secretary, code, officer, head=self._members[(code, Role.HEAD)][0])

    def name_of(self, code: str) -> str:
        """The name of an organisation."""
        return self.departments[code].name_zh

    @cached_property
    def residents(self) -> list[InventedResident]:
        """People who raise matters; some of them more than once."""
        random = Random("residents")
        return [InventedResident(person(random), mobile(_FIRST_RESIDENT + number)) for number in range(_RESIDENTS)]

    @cached_property
    def leader(self) -> Leader:
        """The leader of the demo account."""
        return Leader.objects.get(user=self.users["leader"])

    @cached_property
    def leaders_by_community(self) -> dict[int, list[Leader]]:
        """Some leaders of each community who report."""
        found: dict[int, list[Leader]] = {}
        for leader in Leader.objects.filter(subdistrict=self.subdistrict, user__isnull=True).order_by("id"):
            if len(found.setdefault(leader.community_id, [])) < 4:
                found[leader.community_id].append(leader)
        return found


def _mostly_first(usernames: list[str], random: Random | None) -> str:
    return usernames[0] if random is None or random.random() < 0.8 else random.choice(usernames)
