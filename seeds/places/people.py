"""Accounts with their scopes, and the leaders of buildings, lanes and streets. All of them are invented."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.roles import ADMINISTRATORS, Role
from communities.models import (
    Community,
    Department,
    DepartmentKind,
    Leader,
    LeaderKind,
    LeaderPlace,
    Membership,
    Neighbourhood,
    NeighbourhoodKind,
    SubDistrict,
)
from seeds.places.names import english_name, mobile, person
from seeds.places.places import Places

PASSWORD: Final = "guicheng-demo"  # noqa: S105 (the demonstration's, printed in the README)

_LEADER_PHONES: Final = 4000
"""Leaders have the numbers from 199 0000 4000 on; residents have lower ones."""


@dataclass(frozen=True)
class Account:
    """A person of the demonstration. ``scope`` is the name of a community or the code of a department."""

    username: str
    name: str
    role: Role
    scope: str = ""
    desk: bool = False
    open: bool = True


DEMO_ACCOUNTS: Final = (
    Account("clerk", "陈嘉敏", Role.CLERK, "夏东社区"),
    Account("secretary", "冼伟强", Role.SECRETARY, "夏东社区"),
    Account("clerk2", "区绮玲", Role.CLERK, "大德社区"),
    Account("officer", "梁永康", Role.OFFICER, "MUNICIPAL", desk=True),
    Account("officer2", "何志明", Role.OFFICER, "WATER", desk=True),
    Account("head", "郑国强", Role.HEAD, "MUNICIPAL"),
    Account("leader", "陈惠珍", Role.LEADER),
    Account("supervisor", "罗敏仪", Role.SUPERVISOR),
    Account("deputy", "钟伟文", Role.DEPUTY),
    Account("director", "李建峰", Role.DIRECTOR),
    *(Account("admin", "邝文辉", role) for role in Role if role in ADMINISTRATORS),
)
"""The accounts of the README, which can sign in with PASSWORD."""

_COLLEAGUES: Final = (
    Account("municipal-officer2", "麦少芬", Role.OFFICER, "MUNICIPAL", open=False),
    Account("water-officer2", "霍沛泉", Role.OFFICER, "WATER", open=False),
    Account("housing-officer", "邓晓彤", Role.OFFICER, "HOUSING", desk=True, open=False),
    Account("housing-head", "谢绍洲", Role.HEAD, "HOUSING", open=False),
    Account("enforce-officer", "伍志强", Role.OFFICER, "ENFORCE", desk=True, open=False),
    Account("emergency-officer", "黎兆恒", Role.OFFICER, "EMERGENCY", desk=True, open=False),
    Account("xiadong-clerk2", "潘焕初", Role.CLERK, "夏东社区", open=False),
)

_NAMED_LEADERS: Final = {("夏东社区", "五房沙", "1号楼"): ("霍带娣", 316)}


def everyone(departments: Iterable[Department], communities: Iterable[Community]) -> list[Account]:
    """The demo accounts, and people who cannot sign in, so that no desk and no community is empty."""
    found = [*DEMO_ACCOUNTS, *_COLLEAGUES]
    filled = {(account.scope, account.role) for account in found}
    random = Random("staff")
    for department in sorted(departments, key=lambda row: row.pk):
        if department.kind in (DepartmentKind.EXTERNAL, DepartmentKind.COMMUNITY_TEAM):
            continue
        for role in (Role.OFFICER, Role.HEAD):
            name = person(random)
            if (department.code, role) not in filled:
                username = f"{department.code.lower()}-{role}"
                found.append(Account(username, name, role, department.code, desk=role == Role.OFFICER, open=False))
    for community in sorted(communities, key=lambda row: row.pk):
        word = english_name(community.name_zh.removesuffix("社区"))
        word = "".join(letter for letter in word.lower() if letter.isalnum())
        for role in (Role.CLERK, Role.SECRETARY):
            name = person(random)
            if (community.name_zh, role) not in filled:
                found.append(Account(f"{word}-{role}", name, role, community.name_zh, open=False))
    return found


def load_accounts(places: Places, departments: dict[str, Department], at: datetime) -> dict[str, User]:
    """Users and memberships; only what is missing is written."""
    accounts = everyone(departments.values(), places.communities.values())
    present = set(User.objects.values_list("username", flat=True))
    password = make_password(PASSWORD)
    new = {account.username: account for account in accounts if account.username not in present}
    User.objects.bulk_create(
        User(
            username=account.username,
            display_name=account.name,
            email=f"{account.username}@guicheng.example",
            password=password if account.open else make_password(None),
            demo=True,
        )
        for account in new.values()
    )
    users = {user.username: user for user in User.objects.filter(username__in=[row.username for row in accounts])}
    held = set(
        Membership.objects.filter(ended_at__isnull=True).values_list("user_id", "role", "community_id", "department_id")
    )
    rows = [_membership(account, users[account.username], places, departments, at) for account in accounts]
    Membership.objects.bulk_create(
        row for row in rows if (row.user_id, row.role, row.community_id, row.department_id) not in held
    )
    return users


def _membership(
    account: Account, user: User, places: Places, departments: dict[str, Department], at: datetime
) -> Membership:
    return Membership(
        user=user,
        role=account.role.value,
        subdistrict=None if account.role in ADMINISTRATORS else places.subdistrict,
        community=places.communities.get(account.scope),
        department=departments.get(account.scope),
        receiving_desk=account.desk,
        started_at=at - timedelta(days=500),
    )


def load_leaders(places: Places, account: User) -> None:
    """One leader per building and some with two, lane and street leaders; ``account`` holds 碧湖花园3栋."""
    present = set(places.subdistrict.leaders.values_list("phone", flat=True))
    leaders, held = _building_leaders(places, account)
    more, more_held = _lane_and_street_leaders(places)
    rows, places_held = leaders + more, held + more_held
    missing = [number for number, leader in enumerate(rows) if leader.phone not in present]
    Leader.objects.bulk_create((rows[number] for number in missing), batch_size=1000)
    known = set(missing)
    LeaderPlace.objects.bulk_create((place for number, place in places_held if number in known), batch_size=1000)


_Held = list[tuple[int, LeaderPlace]]


def _leader(subdistrict: SubDistrict, community: Community, kind: LeaderKind, name: str, serial: int) -> Leader:
    leader = Leader(subdistrict=subdistrict, community=community, kind=kind, name=name)
    leader.set_phone(mobile(serial))
    return leader


def _building_leaders(places: Places, account: User) -> tuple[list[Leader], _Held]:
    random = Random("building leaders")
    leaders: list[Leader] = []
    held: _Held = []
    for community_name, count in places.building_leaders.items():
        community = places.communities[community_name]
        before = len(leaders)
        for number, key in enumerate(key for key in places.buildings if key[0] == community_name):
            if number < count:
                default = (person(random), _LEADER_PHONES + len(leaders))
                leader = _leader(places.subdistrict, community, LeaderKind.BUILDING, *_NAMED_LEADERS.get(key, default))
                if key[1:] == ("碧湖花园", "3栋"):
                    leader.name, leader.user = account.display_name, account
                leaders.append(leader)
            index, building = before + number % count, places.buildings[key]
            held.append((index, LeaderPlace(leader=leaders[index], building=building)))
            if number % 40 == 39:
                second = LeaderPlace(leader=leaders[index - 1], building=building, first=False)
                held.append((index - 1, second))
    return leaders, held


def _lane_and_street_leaders(places: Places) -> tuple[list[Leader], _Held]:
    random = Random("lane and street leaders")
    leaders: list[Leader] = []
    held: _Held = []
    for kind, wanted in (
        (LeaderKind.LANE, (NeighbourhoodKind.LANE,)),
        (LeaderKind.STREET, (NeighbourhoodKind.STREET_BLOCK, NeighbourhoodKind.COOP_GROUP)),
    ):
        for place in _of_kinds(places, wanted):
            if place.community is None:
                continue
            serial = _LEADER_PHONES + 3000 + len(leaders)
            leaders.append(_leader(places.subdistrict, place.community, kind, person(random), serial))
            held.append((len(leaders) - 1, LeaderPlace(leader=leaders[-1], neighbourhood=place)))
    return leaders, held


def _of_kinds(places: Places, kinds: tuple[NeighbourhoodKind, ...]) -> list[Neighbourhood]:
    return [place for place in places.neighbourhoods.values() if place.kind in kinds]
