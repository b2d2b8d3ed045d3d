"""The people, places and organisations that integration tests act with, and issues walked to any status.

The world is small and fixed: 桂城街道 with 夏东社区 and 大德社区, and a second sub-district 大沥镇 whose only
clerk is the ``outsider``. Everything happens on Wednesday 2026-03-18 unless a test says otherwise; every service gets
its time passed in. The fixtures of tests/conftest.py build a ``World`` for each test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from accounts.roles import ADMINISTRATORS, Role
from common.clock import SHANGHAI
from common.prepared import Prepared
from communities.actors import Actor
from communities.models import (
    Building,
    Category,
    Community,
    Department,
    Leader,
    LeaderPlace,
    Membership,
    Neighbourhood,
    SubDistrict,
)
from issues.models import Issue
from issues.services.actions import act
from issues.services.creation import NewIssue, create
from tests.support.photos import photo

NOW = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
"""Wednesday, a working day, within office hours."""

SUSPENDED_UNTIL = "2026-04-20"
"""Until when ``make_issue("suspended")`` is deferred."""

PASSWORD = "guicheng-demo"
PHONE = "19900001234"


@lru_cache(maxsize=1)
def _password() -> str:
    return make_password(PASSWORD)


@dataclass
class World:
    """The rows that every integration test may rely on; ``people`` by user name."""

    area: SubDistrict
    other_area: SubDistrict
    communities: dict[str, Community] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    neighbourhoods: dict[str, Neighbourhood] = field(default_factory=dict)
    buildings: dict[str, Building] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    leader: Leader | None = None

    def user(self, username: str) -> User:
        """A fresh object, so that nothing cached on it (the access) survives from an earlier step."""
        return _USER(self.people[username].pk)[0]

    def actor(self, username: str) -> Actor:
        """The person as the services know them."""
        return Actor.staff(self.user(username))

    def draft(self, **given: Any) -> NewIssue:
        """A resident's call about a flooded lane in 夏东社区; any field of NewIssue may be given.

        ``community``, ``category`` may be given by key instead of by id; ``contact_phone=""`` makes it anonymous.
        """
        community = self.communities[given.pop("community", "xiadong")]
        category = given.pop("category", "0301")
        values: dict[str, Any] = {
            "subdistrict_id": community.subdistrict_id,
            "community_id": community.pk,
            "category_id": self.categories[category].pk if category else None,
            "description": "幸福路口积水，行人绕行。昨晚下雨后一直没有退。",
            "kind": "complaint",
            "source": "phone",
            "contact_name": "张小三",
            "contact_phone": PHONE,
        }
        return NewIssue(**(values | given))

    def create(self, *, by: str = "clerk", at: datetime = NOW, **given: Any) -> Issue:
        """An issue that was just logged (``submitted``)."""
        return create(draft=self.draft(**given), by=self.actor(by), at=at)

    def act(self, issue: Issue, action: str, by: str = "clerk", at: datetime = NOW, **data: Any) -> Issue:
        """One action with the issue's present version, as this person; ``by="resident"`` is the proven reporter.

        A reply "solved" brings a photo where the category wants one, a check on the spot too; ``attachments=[]`` not.
        """
        (fresh,) = _WITH_CATEGORY(issue.pk)
        return self._act(fresh, action, self._reporter_or(fresh, by), at, data)

    def _act(self, fresh: Issue, action: str, actor: Actor, at: datetime, data: Mapping[str, Any]) -> Issue:
        if "attachments" not in data and _wants_photo(fresh, action, data):
            data = {**data, "attachments": [photo(self, fresh, at).pk]}
        return act(issue_id=fresh.pk, action=action, by=actor, at=at, data=data, version=fresh.version)

    def _reporter_or(self, issue: Issue, username: str) -> Actor:
        return Actor.reporter(issue) if username == "resident" else self.actor(username)

    def make_issue(
        self,
        status: str = "submitted",
        *,
        at: datetime = NOW,
        department: str = "MUNICIPAL",
        officer: str = "officer",
        step: timedelta = timedelta(minutes=1),
        **given: Any,
    ) -> Issue:
        """An issue walked through the services to ``status``, one action per ``step`` from ``at`` on.

        Every status of the workflow; further ones of this helper: ``returned`` (accepted again after one return),
        ``redone``, ``reopened``. A merged one joined an issue in progress.
        """
        issue = self.create(at=at, **given)
        clerk = "clerk2" if issue.community_id == self.communities["dade"].pk else "clerk"
        if status == "merged":
            place = {"community": given["community"]} if "community" in given else {}
            master = self.make_issue("in_progress", at=at, department=department, officer=officer, step=step, **place)
            self.act(issue, "merge", clerk, at + step, master=master.number)
            return _ALONE(issue.pk)[0]
        moment, actors = at, dict[str, Actor]()
        for action, by, data in _walk(status, department, clerk, officer):
            moment += step
            if by not in actors:
                actors[by] = self._reporter_or(issue, by)
            issue = self._act(issue, action, actors[by], moment, data)
        return _ALONE(issue.pk)[0]


_USER: Prepared[User] = Prepared(lambda pk: User.objects.filter(pk=pk), -1)
_ALONE: Prepared[Issue] = Prepared(lambda pk: Issue.objects.filter(pk=pk), -1)
_WITH_CATEGORY: Prepared[Issue] = Prepared(lambda pk: Issue.objects.select_related("category").filter(pk=pk), -1)
"""Compiled once: tests walk issues some ten thousand steps."""


def in_status(world: World, status: str, **given: Any) -> Issue:
    """``World.make_issue``, for tests that begin with it."""
    return world.make_issue(status, **given)


def _wants_photo(issue: Issue, action: str, data: Mapping[str, Any]) -> bool:
    if action == "reply":
        return data.get("outcome") == "solved" and issue.category is not None and issue.category.physical
    return action == "verify_pass" and data.get("check") == "site"


_Step = tuple[str, str, Mapping[str, Any]]


def _walk(status: str, department: str, clerk: str, officer: str) -> list[_Step]:
    accept: list[_Step] = [("accept", clerk, {})]
    dispatch: list[_Step] = [*accept, ("dispatch", clerk, {"department": department})]
    work: list[_Step] = [*dispatch, ("acknowledge", officer, {})]
    replied: list[_Step] = [*work, ("reply", officer, {"outcome": "solved", "note": "已疏通雨水口，积水已退。"})]
    suspended: list[_Step] = [
        *work,
        ("request_suspension", officer, {"reason": "funding", "until": SUSPENDED_UNTIL, "interim_answer": "资金已报"}),
        ("grant_suspension", "supervisor", {}),
    ]
    checked: list[_Step] = [*replied, ("verify_pass", clerk, {"check": "phone", "note": "电话核实，路面已无积水。"})]
    closed: list[_Step] = [*checked, ("record_follow_up", clerk, {"verdict": "satisfied", "solved": "yes"})]
    walks: dict[str, list[_Step]] = {
        "submitted": [],
        "rejected": [("reject", clerk, {"reason": "petition", "note": "请到信访窗口反映。"})],
        "accepted": accept,
        "dispatched": dispatch,
        "in_progress": work,
        "replied": replied,
        "follow_up": checked,
        "closed": closed,
        "need_info": [("request_info", clerk, {"note": "请说明具体位置"})],
        "suspended": suspended,
        "withdrawn": [("withdraw", "resident", {})],
        "returned": [*dispatch, ("return", officer, {"reason": "not_ours", "basis": "内涝由水务部门负责"})],
        "redone": [*replied, ("redo", clerk, {"reason": "现场仍有积水"})],
        "reopened": [*closed, ("reopen", clerk, {"reason": "雨后再次积水"})],
    }
    return walks[status]


_DEPARTMENTS = (
    ("MUNICIPAL", "市政管理办公室", "Municipal Management Office", "市政办", "street", None),
    ("WATER", "水务管理办公室", "Water Affairs Office", "水务办", "street", None),
    ("GOVERN", "社会治理办公室", "Social Governance Office", "治理办", "supervisor", None),
    ("POLICE", "派出所", "Police Station", "派出所", "external", None),
    ("XIADONG-TEAM", "夏东社区（自办）", "Xiadong community team", "夏东自办", "community_team", "xiadong"),
    ("DADE-TEAM", "大德社区（自办）", "Dade community team", "大德自办", "community_team", "dade"),
)
_CATEGORIES = (
    ("01", "", "环境卫生与垃圾分类", "MUNICIPAL", "", ""),
    ("0101", "01", "村巷卫生", "MUNICIPAL", "complaint:4wh", "垃圾 卫生"),
    ("02", "", "园林绿化", "MUNICIPAL", "", ""),
    ("0202", "02", "绿化管养", "MUNICIPAL", "5wd", "绿化 树木"),
    ("03", "", "排水与内涝", "WATER", "", ""),
    ("0301", "03", "路面积水与内涝", "WATER", "urgent", "积水 内涝 水浸"),
    ("0303", "03", "雨污分流与排水单元", "WATER", "project", ""),
    ("04", "", "物业服务", "MUNICIPAL", "", ""),
    ("0402", "04", "物业服务不力", "MUNICIPAL", "", "物业"),
)
_PEOPLE: tuple[tuple[str, str, Role, str], ...] = (
    ("clerk", "陈晓琳", Role.CLERK, "community:xiadong"),
    ("secretary", "李伟强", Role.SECRETARY, "community:xiadong"),
    ("clerk2", "黄洁仪", Role.CLERK, "community:dade"),
    ("officer", "何志明", Role.OFFICER, "department:MUNICIPAL"),
    ("officer2", "梁永康", Role.OFFICER, "department:WATER"),
    ("head", "周建华", Role.HEAD, "department:MUNICIPAL"),
    ("supervisor", "吴敏", Role.SUPERVISOR, "area"),
    ("deputy", "郑国栋", Role.DEPUTY, "area"),
    ("director", "冯立", Role.DIRECTOR, "area"),
    ("leader", "陈姨", Role.LEADER, "area"),
    *(("admin", "管理员", role, "installation") for role in Role if role in ADMINISTRATORS),
    ("outsider", "邻镇员", Role.CLERK, "community:pingdi"),
)


def build_world() -> World:
    """Insert the whole world, a handful of statements."""
    area = SubDistrict.objects.create(
        code="guicheng", area="桂城", name_zh="桂城街道", name_en="Guicheng Sub-district", duty_phone="0757-00001000"
    )
    other = SubDistrict.objects.create(code="dali", area="大沥", name_zh="大沥镇", name_en="Dali Town")
    world = World(area=area, other_area=other)
    _places(world)
    _organisations(world)
    _people(world)
    return world


def _places(world: World) -> None:
    rows = (
        ("xiadong", world.area, "夏东社区", "urban", "440605011001"),
        ("dade", world.area, "大德社区", "urban", "440605011002"),
        ("pingdi", world.other_area, "平地社区", "rural", "440605124001"),
    )
    for key, area, name, kind, code in rows:
        world.communities[key] = Community(
            subdistrict=area, name_zh=name, kind=kind, code=code, phone="0757-00001001", initials=key[:4]
        )
    Community.objects.bulk_create(world.communities.values())
    places = (
        ("xingfu", "xiadong", "幸福路", "road", "xfl"),
        ("xiadongcun", "xiadong", "夏东村", "village", "xdc"),
        ("bihu", "dade", "碧湖花园", "estate", "bhhy"),
        ("pingdicun", "pingdi", "平地村", "village", "pdc"),
    )
    for key, community, name, kind, initials in places:
        home = world.communities[community]
        world.neighbourhoods[key] = Neighbourhood(
            subdistrict=home.subdistrict, community=home, name=name, kind=kind, initials=initials
        )
    Neighbourhood.objects.bulk_create(world.neighbourhoods.values())
    for key, place, name in (("bihu3", "bihu", "3栋"), ("bihu5", "bihu", "5栋"), ("xiadong1", "xiadongcun", "1巷2号")):
        home_place = world.neighbourhoods[place]
        world.buildings[key] = Building(
            neighbourhood=home_place, community=home_place.community, name=name, households=86
        )
    Building.objects.bulk_create(world.buildings.values())


def _organisations(world: World) -> None:
    for code, name, english, short, kind, community in _DEPARTMENTS:
        world.departments[code] = Department(
            subdistrict=world.area,
            code=code,
            name_zh=name,
            name_en=english,
            short_zh=short,
            kind=kind,
            community=world.communities[community] if community else None,
            phone="0757-00001228",
        )
    world.departments["OTHER"] = Department(
        subdistrict=world.other_area, code="MUNICIPAL", name_zh="大沥市政办", kind="street"
    )
    Department.objects.bulk_create(world.departments.values())
    for code, parent, name, department, override, keywords in _CATEGORIES:
        world.categories[code] = Category(
            subdistrict=world.area,
            code=code,
            parent=world.categories[parent] if parent else None,
            name_zh=name,
            name_en=f"Category {code}",
            department=world.departments[department],
            override=override,
            physical=code[:2] in ("01", "02", "03"),
            keywords=keywords,
        )
    world.categories["other"] = Category(subdistrict=world.other_area, code="0301", name_zh="内涝")
    Category.objects.bulk_create([row for row in world.categories.values() if row.parent is None])
    Category.objects.bulk_create([row for row in world.categories.values() if row.parent is not None])


def _people(world: World) -> None:
    password = _password()
    for username, name in {username: name for username, name, _role, _scope in _PEOPLE}.items():
        world.people[username] = User(
            username=username, display_name=name, email=f"{username}@example.org", password=password
        )
    User.objects.bulk_create(world.people.values())
    memberships = []
    for username, _name, role, scope in _PEOPLE:
        kind, _colon, key = scope.partition(":")
        community = world.communities[key] if kind == "community" else None
        department = world.departments[key] if kind == "department" else None
        home = world.area if kind == "area" else None
        home = community.subdistrict if community else department.subdistrict if department else home
        memberships.append(
            Membership(
                user=world.people[username],
                role=role.value,
                subdistrict=home,
                community=community,
                department=department,
                receiving_desk=role is Role.OFFICER,
                started_at=NOW - timedelta(days=100),
            )
        )
    Membership.objects.bulk_create(memberships)
    leader = Leader(
        subdistrict=world.area,
        community=world.communities["dade"],
        kind="building",
        name="陈姨",
        user=world.people["leader"],
    )
    leader.set_phone("19900005678")
    leader.save()
    LeaderPlace.objects.create(leader=leader, building=world.buildings["bihu3"], first=True)
    world.leader = leader
