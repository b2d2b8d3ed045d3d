"""三员: what each of the three administrators may do, what keeps them apart, and that none is left without anybody."""

import io
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Permission, Role
from common.sheets import Line
from communities.access import access_of
from communities.actors import Actor
from communities.models import Membership
from govtrack.url_permissions import URL_RULES
from journal.models import Event
from offices.importing import load
from offices.services import people
from offices.services.errors import InvalidReference, NotAdministered, OfficeError, StillNeeded
from offices.services.handing_over import close_account, leave_post
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PEOPLE = "/console/admin/people/"
THREE = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)


def made(
    world: World, username: str, *roles: Role, office: Any = "own", password: str | None = "guicheng-demo"
) -> User:
    user = User.objects.create_user(username, password, display_name=username)
    for role in roles:
        Membership.objects.create(
            user=user, role=role, subdistrict=world.area if office == "own" else office, started_at=NOW
        )
    world.people[username] = user
    return user


@pytest.fixture
def three(world: World) -> World:
    """One of each in 桂城街道: ``system``, ``security``, ``audit``."""
    for role in THREE:
        made(world, role.value.removesuffix("_admin"), role)
    return world


STEPS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("change", {"display_name": "改名", "version": "0"}, "system"),
    ("add-post", {"role": "supervisor"}, "security"),
    ("add-post", {"role": "audit_admin"}, "security"),
    ("open", {}, "security"),
    ("invite", {}, "security"),
    ("reset-factor", {}, "security"),
    ("end-sessions", {}, "security"),
    ("first-password", {"first_password": "lantern-40-fish"}, "security"),
)


@pytest.mark.parametrize("who", ["system", "security", "audit"])
@pytest.mark.parametrize(("step", "data", "whose"), STEPS)
def test_each_step_on_a_person_is_one_administrators(
    three: World, signed_in: Browser, who: str, step: str, data: dict[str, str], whose: str
) -> None:
    url = f"{PEOPLE}{three.people['clerk'].pk}/"
    answer = signed_in(who).post(url, {"office": three.area.pk, "step": step, **data})
    refused = 400 if who == "system" and data.get("role") == "audit_admin" else 403
    assert answer.status_code in ((302, 200) if who == whose else (refused,))
    if who != whose:
        assert not Event.objects.of("person", three.people["clerk"].pk).exists()


def leave(browser: Client, world: World, user: User, what: str) -> int:
    url = f"{PEOPLE}{user.pk}/leave/?office={world.area.pk}&{what}"
    return browser.post(url, {"office": world.area.pk, "to": "desk"}).status_code


def test_a_post_and_an_account_are_ended_by_the_security_administrator(three: World, signed_in: Browser) -> None:
    clerk, officer = three.people["clerk"], three.people["officer"]
    three.make_issue("in_progress")
    for user, what in ((officer, f"post={officer.memberships.get().pk}"), (clerk, "close=1")):
        for who, status in (("system", 403), ("audit", 403), ("security", 302)):
            assert leave(signed_in(who), three, user, what) == status, (what, who)
    assert Event.objects.of("person", officer.pk).of_kinds(["membership_ended"]).count() == 1
    assert Event.objects.of("person", clerk.pk).of_kinds(["person_closed"]).count() == 1


def test_a_leader_with_places_leaves_by_the_security_administrator(three: World, signed_in: Browser) -> None:
    """The places are handed back with it, although rows of the office are the system administrator's."""
    leader = three.people["leader"]
    assert leave(signed_in("security"), three, leader, f"post={leader.memberships.get().pk}") == 302
    assert three.leader is not None
    three.leader.refresh_from_db()
    assert three.leader.retired_at is not None


def test_the_system_administrator_enters_a_person_and_the_security_administrator_lets_in(
    three: World, signed_in: Browser
) -> None:
    data = {"office": three.area.pk, "username": "new.one", "display_name": "新人", "role": "supervisor"}
    assert signed_in("security").post(f"{PEOPLE}new/", data).status_code == 403
    grasping = signed_in("system").post(f"{PEOPLE}new/", {**data, "role": "security_admin"})
    assert grasping.status_code == 400
    assert "安全管理员" not in grasping.content.decode().split("id_role", 1)[1].split("</select>", 1)[0]
    entered = signed_in("system").post(f"{PEOPLE}new/", data, follow=True)
    assert "/invitation/" not in entered.content.decode()
    user = User.objects.get(username="new.one")
    given = signed_in("security").post(f"{PEOPLE}{user.pk}/", {"office": three.area.pk, "step": "invite"})
    assert "/invitation/" in given.context["link"]


def test_what_each_of_the_three_opens(three: World) -> None:
    """Nothing of the audit administrator's writes, and nothing of the rules is the security administrator's."""
    opened = {
        role: {name for name, rule in URL_RULES.items() if isinstance(rule, Permission) and access_of(user).has(rule)}
        for role, user in ((role, three.user(role.value.removesuffix("_admin"))) for role in THREE)
    }
    common = {name for name, rule in URL_RULES.items() if rule in (Permission.USE_CONSOLE, Permission.SEE_HEALTH)}
    kept = {"console-register", "console-register-row", "console-incidents"}
    retained = {"console-retention", "console-retention-run"}
    people = {"console-people", "console-person", "console-person-leave"}
    assert opened[Role.SECURITY_ADMIN] - common == people | kept | retained | {
        "console-register-new",
        "console-incident-new",
        "console-blocks",
    }
    assert {name for name in opened[Role.AUDIT_ADMIN] - common if "audit" not in name} == kept | {"console-accesses"}
    assert {"console-office", "console-channels", "console-ladder", "console-calendar"} <= opened[Role.SYSTEM_ADMIN]
    assert not any("audit" in name for name in opened[Role.SYSTEM_ADMIN])


@pytest.mark.parametrize("who", ["system", "security", "audit", "admin"])
def test_no_confidential_matter_is_seen_by_that_office_alone(three: World, signed_in: Browser, who: str) -> None:
    secret = three.create(confidential=True, description="举报某单位夜间偷排。")
    open_one = three.create(description="路灯不亮三天。")
    browser = signed_in(who)
    sees = who in ("system", "admin")
    assert browser.get(f"/console/issues/{secret.number}/").status_code == 404
    assert browser.get(f"/api/v1/issues/{secret.number}/").status_code == 404
    assert browser.get(f"/console/issues/{open_one.number}/").status_code == (200 if sees else 404)
    for page in ("/console/issues/", "/console/issues/?q=偷排", "/console/", "/api/v1/issues/?q=偷排"):
        assert secret.number not in browser.get(page).content.decode()
        assert "夜间" not in browser.get(page).content.decode()


def test_one_person_may_be_all_three_and_is_told_so(three: World, signed_in: Browser) -> None:
    home = "/console/admin/"
    assert "尚未分设三员" in signed_in("admin").get(home).content.decode()
    Membership.objects.filter(user=three.people["admin"]).update(ended_at=NOW)
    for who in ("system", "security"):
        assert "尚未分设三员" not in signed_in(who).get(home).content.decode()
    with CaptureQueriesContext(connection) as caught:
        assert signed_in("audit").get(home).status_code == 200
    assert not any("count(DISTINCT" in str(query["sql"]) for query in caught)


def test_kept_apart_nobody_is_two_of_them(three: World, signed_in: Browser, settings: Any) -> None:
    settings.SEPARATE_ADMINS = True
    url, data = f"{PEOPLE}{three.people['audit'].pk}/", {"office": three.area.pk, "step": "add-post"}
    refused = signed_in("security").post(url, {**data, "role": "system_admin"})
    assert refused.status_code == 400
    assert "此人已是审计管理员" in refused.content.decode()
    assert signed_in("security").post(url, {**data, "role": "supervisor"}).status_code == 302
    own = f"{PEOPLE}{three.people['security'].pk}/"
    assert "不能给自己授权" in signed_in("security").post(own, {**data, "role": "supervisor"}).content.decode()
    assert [error.id for error in run_checks(databases=["default"]) if error.id == "accounts.E001"]
    Membership.objects.filter(user=three.people["admin"], role=Role.AUDIT_ADMIN).update(ended_at=NOW)
    Membership.objects.filter(user=three.people["admin"], role=Role.SYSTEM_ADMIN).update(ended_at=NOW)
    assert not [error.id for error in run_checks(databases=["default"]) if error.id == "accounts.E001"]


def test_two_at_once_make_nobody_two_of_them(transactional_db: None, world: World, settings: Any) -> None:
    settings.SEPARATE_ADMINS = True
    for role in THREE:
        made(world, role.value.removesuffix("_admin"), role)
    made(world, "security2", Role.SECURITY_ADMIN)

    def give(role: Role, by: str) -> bool:
        data = {"role": role.value}
        try:
            people.add_membership(
                office=world.area, user_id=world.people["clerk"].pk, data=data, by=world.actor(by), at=NOW
            )
        except InvalidReference:
            return False
        return True

    given = at_once(lambda: give(Role.SYSTEM_ADMIN, "security"), lambda: give(Role.AUDIT_ADMIN, "security2"))
    assert sorted(map(bool, given)) == [False, True]


def test_two_administrators_who_remove_each_other_leave_one(transactional_db: None, world: World) -> None:
    Membership.objects.filter(user=world.people["admin"]).update(ended_at=NOW)
    first, second = (made(world, name, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN) for name in ("first", "second"))

    def close(user: User, by: User) -> str:
        try:
            close_account(office=world.area, user_id=user.pk, to="desk", by=Actor.staff(by), at=NOW)
        except OfficeError as error:
            return type(error).__name__
        return "closed"

    ends = at_once(lambda: close(second, first), lambda: close(first, second))
    assert sorted(map(str, ends)) == ["NotAdministered", "closed"]
    assert User.objects.filter(username__in=("first", "second"), is_active=True).count() == 1


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_the_last_one_stays(world: World, role: Role) -> None:
    """Of the system and the security administrators; somebody who cannot sign in yet does not count."""
    Membership.objects.filter(user=world.people["admin"]).update(ended_at=NOW)
    keeper = made(world, "keeper", Role.SECURITY_ADMIN)
    last = made(world, "last", *THREE) if role is not Role.SECURITY_ADMIN else keeper
    made(world, "invited", role, password=None)
    post = last.memberships.get(role=role)

    def end() -> None:
        leave_post(office=world.area, membership_id=post.pk, to="desk", by=world.actor("keeper"), at=NOW)

    if role is Role.AUDIT_ADMIN:
        end()
    else:
        with pytest.raises(StillNeeded, match="最后一位"):
            end()
        Membership.objects.create(user=world.people["admin"], role=role, started_at=NOW)
        end()
    post.refresh_from_db()
    assert post.ended_at is not None


@pytest.mark.parametrize("spelling", ["outsider", "OUTSIDER", "ｏｕｔｓｉｄｅｒ", " out sider "])
def test_another_offices_account_gets_no_post_by_its_name(three: World, spelling: str) -> None:
    """A sheet names whom it wants; the account of another office is found however spelt, and refused."""
    made(three, "boss", *THREE)
    rows = [Line(1, ("账号", "姓名", "角色")), Line(2, (spelling, "冒名", "supervisor"))]
    report = load({"people": rows}, by=three.actor("boss"), at=NOW, office=three.area)
    assert "此人不是本街道的人员" in str(report.errors[0])
    assert not Membership.objects.filter(user=three.people["outsider"], subdistrict=three.area).exists()
    report = load({"people": rows}, by=three.actor("admin"), at=NOW, office=three.area)
    assert not report.errors


def test_somebody_who_left_comes_back_unless_another_office_has_them(three: World) -> None:
    clerk = three.people["clerk"]
    clerk.memberships.update(ended_at=NOW)

    def back() -> Membership:
        data = {"role": "clerk", "community": "夏东社区"}
        return people.add_membership(office=three.area, user_id=clerk.pk, data=data, by=three.actor("security"), at=NOW)

    there = Membership.objects.create(user=clerk, role=Role.SUPERVISOR, subdistrict=three.other_area, started_at=NOW)
    with pytest.raises(NotAdministered):
        back()
    there.ended_at = NOW
    there.save()
    assert back().ended_at is None


def test_an_office_does_not_touch_the_installations_administrators(three: World, signed_in: Browser) -> None:
    admin = three.people["admin"]
    assert signed_in("security").get(f"{PEOPLE}{admin.pk}/").status_code == 404
    other = made(three, "other.all", *THREE, office=None)
    page = signed_in("admin").get(f"{PEOPLE}{other.pk}/?office={three.area.pk}").content.decode()
    assert "全系统" in page
    post = other.memberships.get(role=Role.AUDIT_ADMIN)
    assert leave(signed_in("security"), three, three.people["clerk"], f"post={post.pk}") == 404
    assert leave(signed_in("security"), three, other, f"post={post.pk}") == 404
    assert leave(signed_in("admin"), three, other, f"post={post.pk}") == 302


def test_a_former_administrators_post_counts_as_two(world: World) -> None:
    """A process of the release before may still write it while this one starts."""
    user = made(world, "old.admin")
    Membership.objects.create(user=user, role="admin", subdistrict=world.area, started_at=NOW)
    assert access_of(user).roles == {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}
    assert access_of(user).may(Permission.MANAGE_RIGHTS, world.area.pk)
    assert not access_of(user).may(Permission.MANAGE_RIGHTS, None)


def test_the_migration_gives_a_former_administrator_both_roles(world: World) -> None:
    """In the same place, since and until when it was; nobody loses what they could do."""
    current, ended = made(world, "old.admin"), made(world, "older.admin")
    Membership.objects.create(user=current, role="admin", started_at=NOW)
    Membership.objects.create(
        user=ended, role="admin", subdistrict=world.area, started_at=NOW - timedelta(days=9), ended_at=NOW
    )
    import_module("communities.migrations.0006_three_administrators").carry_over(
        apps, SimpleNamespace(connection=connection)
    )
    assert access_of(world.user("old.admin")).installation_roles == {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}
    rows = ended.memberships.values_list("role", "subdistrict", "started_at", "ended_at")
    until = (world.area.pk, NOW - timedelta(days=9), NOW)
    assert set(rows) == {("system_admin", *until), ("security_admin", *until)}


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO("granite-river-9\n"))
    out = io.StringIO()
    call_command("create_admin", "--password-stdin", *options, stdout=out)
    return out.getvalue()


def test_the_command_makes_one_for_a_small_office_and_three_where_apart(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = run(monkeypatch, "--username", "one")
    assert "system_admin, security_admin, audit_admin" in said
    assert access_of(User.objects.get(username="one")).installation_roles == set(THREE)
    settings.SEPARATE_ADMINS = True
    with pytest.raises(CommandError, match="give --role"):
        run(monkeypatch, "--username", "two")
    for role in THREE:
        run(monkeypatch, "--username", f"apart.{role}", "--role", role.value)
        assert access_of(User.objects.get(username=f"apart.{role}")).installation_roles == {role}
