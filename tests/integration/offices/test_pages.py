"""The administrator's pages of an office: founding it, its rows, its people; who may, and what is refused."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from openpyxl import Workbook, load_workbook

from accounts.models import User
from accounts.roles import Role
from communities.models import Community, Department, Leader, Membership, SubDistrict
from journal.models import Event
from offices.kinds import KINDS
from offices.services import people
from offices.services.errors import InvalidReference
from tests.support.at_once import at_once
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
HOME = "/console/admin/office/"
PEOPLE = "/console/admin/people/"


@pytest.fixture
def own_admin(world: World) -> User:
    """The administrator of 大沥镇 alone."""
    user = User.objects.create_user("dali.admin", "guicheng-demo", display_name="大沥管理员")
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        Membership.objects.create(user=user, role=role, subdistrict=world.other_area, started_at=NOW)
    world.people["dali.admin"] = user
    return user


def test_the_steps_say_what_is_missing(world: World, signed_in: Browser) -> None:
    html = signed_in("admin").get(f"{HOME}?office={world.other_area.pk}").content.decode()
    assert "还没有：承办人、督办员" in html
    assert "必需的设置都已完成" not in html


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_list_and_a_form_at_a_constant_cost(
    world: World, signed_in: Browser, kind: str, django_assert_max_num_queries: Callable[..., object]
) -> None:
    admin = signed_in("admin")
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        page = admin.get(f"{HOME}{kind}/?office={world.area.pk}")
    assert page.status_code == 200
    row = KINDS[kind].rows_of(world.area).first()
    if row is not None:
        assert admin.get(f"{HOME}{kind}/{row.pk}/?office={world.area.pk}").status_code == 200
    assert admin.get(f"{HOME}{kind}/new/?office={world.area.pk}").status_code == 200
    refused = admin.post(f"{HOME}{kind}/new/", {"office": world.area.pk})
    assert refused.status_code == 400
    assert "还有" in refused.content.decode()


def test_a_row_is_added_changed_retired_and_brought_back(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    admin.post(f"{HOME}community/new/", {"office": area, "name_zh": "新桥社区", "kind": "urban"})
    row = Community.objects.get(name_zh="新桥社区")
    assert Department.objects.get(community=row).kind == "community_team"
    url = f"{HOME}community/{row.pk}/"
    page = admin.get(f"{url}?office={area}")
    version = page.context["version"]
    admin.post(
        url, {"office": area, "version": version, "name_zh": "新桥社区", "kind": "rural", "phone": "0757-00001111"}
    )
    row.refresh_from_db()
    assert (row.kind, row.phone) == ("rural", "0757-00001111")
    again = admin.post(url, {"office": area, "version": version, "name_zh": "别的名字", "kind": "rural"})
    assert again.status_code == 409
    assert "别的名字" in again.content.decode()
    admin.post(url, {"office": area, "step": "retire"})
    row.refresh_from_db()
    assert row.retired_at is not None
    assert "新桥社区" not in admin.get(f"{HOME}community/?office={area}").content.decode()
    admin.post(url, {"office": area, "step": "restore"})
    assert list(Event.objects.of("community", row.pk).order_by("seq").values_list("kind", flat=True)) == [
        "reference_added", "reference_changed", "reference_retired", "reference_restored",
    ]  # fmt: skip
    told = admin.get(f"{url}?office={area}").content.decode()
    assert "类型：城市社区 → 农村社区" in told
    assert "电话：空 → 0757-00001111" in told


def test_what_is_in_use_is_not_retired(world: World, signed_in: Browser) -> None:
    world.make_issue("in_progress")
    row = world.departments["MUNICIPAL"]
    answer = signed_in("admin").post(f"{HOME}organisation/{row.pk}/", {"office": world.area.pk, "step": "retire"})
    assert answer.status_code == 409
    assert "1 件未办结的诉求" in answer.content.decode()
    row.refresh_from_db()
    assert row.retired_at is None


def test_what_was_replaced_meanwhile_does_not_come_back(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    data = {"office": area, "name": "林大同", "phone": "19900007001", "kind": "building", "community": "夏东社区"}
    admin.post(f"{HOME}leader/new/", data)
    first = Leader.objects.latest("pk")
    url = f"{HOME}leader/{first.pk}/"
    admin.post(url, {"office": area, "step": "retire"})
    admin.post(f"{HOME}leader/new/", {**data, "name": "林小同"})
    answer = admin.post(url, {"office": area, "step": "restore"})
    assert answer.status_code == 400
    assert "这个手机号已登记" in answer.content.decode()
    first.refresh_from_db()
    assert first.retired_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_offices_make_the_same_account_at_once(world: World, own_admin: User) -> None:
    data = {"username": "same.name", "display_name": "同名", "role": "supervisor"}

    def add(office: SubDistrict, username: str) -> int:
        try:
            return people.add_person(office=office, data=data, by=world.actor(username), at=NOW).pk
        except InvalidReference:
            return 0

    made = at_once(lambda: add(world.area, "admin"), lambda: add(world.other_area, "dali.admin"))
    assert sorted(bool(pk) for pk in made) == [False, True]


def test_an_office_is_its_own_administrators_and_no_others(world: World, signed_in: Browser, own_admin: User) -> None:
    browser = signed_in("dali.admin")
    theirs = world.communities["xiadong"]
    assert browser.get(f"{HOME}?office={world.area.pk}").status_code == 403
    assert browser.get(f"{HOME}community/{theirs.pk}/?office={world.other_area.pk}").status_code == 404
    assert (
        browser.post(f"{HOME}community/new/", {"office": world.area.pk, "name_zh": "x", "kind": "urban"}).status_code
        == 403
    )
    assert browser.get(f"{HOME}?new=1").status_code == 403
    clerk = world.people["clerk"]
    assert browser.get(f"{PEOPLE}{clerk.pk}/?office={world.other_area.pk}").status_code == 404
    assert "大沥" in browser.get(HOME).content.decode()
    for username in ("clerk", "officer", "supervisor", "director"):
        assert signed_in(username).get(HOME).status_code == 403


def test_the_calendar_of_all_is_not_changed_by_one_office(world: World, signed_in: Browser, own_admin: User) -> None:
    browser, page = signed_in("dali.admin"), "/console/admin/calendar/"
    shown = browser.get(page)
    assert shown.status_code == 200
    assert "<form" not in shown.content.decode().split('class="page-content', 1)[1]
    day = {"by": "day", "day": "2026-12-31", "workday": "rest", "name": ""}
    assert browser.post(f"{page}preview/", day).status_code == 403
    assert browser.post(f"{page}apply/", {**day, "shown": "x"}).status_code == 403


def test_a_person_is_invited_changed_and_leaves(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    page = admin.post(
        f"{PEOPLE}new/",
        {"office": area, "username": "Ou.Yang", "display_name": "欧阳晴", "role": "officer", "department": "WATER"},
    )
    user = User.objects.get(username="ou.yang")
    link = "/" + page.context["link"].split("/", 3)[3]
    someone = Client()
    form = someone.get(link, follow=True)
    wrong = someone.post(form.redirect_chain[-1][0], {"new_password1": "12345", "new_password2": "12345"})
    assert "field-error" in wrong.content.decode()
    good = {"new_password1": "lantern-40-fish", "new_password2": "lantern-40-fish"}
    assert someone.post(form.redirect_chain[-1][0], good).status_code == 302
    assert someone.login(username="ou.yang", password="lantern-40-fish")
    url = f"{PEOPLE}{user.pk}/"
    admin.post(url, {"office": area, "step": "add-post", "role": "head", "department": "WATER"})
    twice = admin.post(url, {"office": area, "step": "add-post", "role": "head", "department": "WATER"})
    assert twice.status_code == 409
    post = user.memberships.get(role="head")
    admin.post(f"{url}leave/?office={area}&post={post.pk}")
    opened = {"office": area, "step": "change", "version": admin.get(url).context["version"]}
    admin.post(url, {**opened, "display_name": "欧阳晴天", "email": "oy@example.org"})
    late = admin.post(url, {**opened, "display_name": "欧阳晴", "email": "late@example.org"})
    assert (late.status_code, "late@example.org" in late.content.decode()) == (409, True)
    assert User.objects.get(pk=user.pk).email == "oy@example.org"
    reset = admin.post(url, {"office": area, "step": "invite"})
    assert "/invitation/" in reset.context["link"]
    assert someone.get("/console/", follow=False).status_code == 302
    admin.post(f"{url}leave/?office={area}&close=1")
    user.refresh_from_db()
    assert (user.display_name, user.is_active) == ("欧阳晴天", False)
    for step in ({"step": "invite"}, {"step": "first-password", "first_password": "lantern-41-fish"}):
        assert admin.post(url, {"office": area, **step}).status_code == 403
    assert "链接已失效" in Client().get("/" + reset.context["link"].split("/", 3)[3], follow=True).content.decode()
    kinds = Event.objects.of("person", user.pk).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == [
        "person_added", "membership_added", "membership_added", "membership_ended", "person_changed", "password_reset",
        "person_closed",
    ]  # fmt: skip


def test_somebody_of_two_offices_is_changed_by_neither_alone(world: World, signed_in: Browser, own_admin: User) -> None:
    clerk = world.people["clerk"]
    Membership.objects.create(user=clerk, role=Role.SUPERVISOR, subdistrict=world.other_area, started_at=NOW)
    browser, url = signed_in("dali.admin"), f"{PEOPLE}{clerk.pk}/"
    for step in ("change", "invite", "first-password"):
        data = {"office": world.other_area.pk, "step": step, "display_name": "改名"}
        assert browser.post(url, data).status_code == 403
    clerk.refresh_from_db()
    assert clerk.has_usable_password()
    assert clerk.is_active
    theirs = clerk.memberships.get(subdistrict=world.area)
    gone = browser.post(f"{url}leave/?office={world.other_area.pk}&post={theirs.pk}")
    assert gone.status_code == 404


@pytest.mark.parametrize("step", ["invite", "first-password", "reset-factor"])
def test_the_way_into_the_own_account_is_not_opened_from_here(
    world: World, signed_in: Browser, own_admin: User, step: str
) -> None:
    """A browser left open must not become a way in for good."""
    url = f"{PEOPLE}{own_admin.pk}/"
    data = {"office": world.other_area.pk, "step": step, "first_password": "granite-river-9"}
    before = own_admin.password
    assert signed_in("dali.admin").post(url, data).status_code == 403
    own_admin.refresh_from_db()
    assert (own_admin.password, own_admin.is_active) == (before, True)


def test_every_step_leads_to_its_page(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    steps = admin.get(f"{HOME}?office={world.area.pk}").context["steps"]
    assert len(steps) == len(KINDS) + 3
    for step in steps:
        assert admin.get(step.url).status_code == 200, step.url


def test_the_office_itself_is_changed_but_for_its_code(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area
    url = f"{HOME}office/{area.pk}/"
    page = admin.get(f"{url}?office={area.pk}")
    assert "code" not in {field.name for field in page.context["fields"]}
    data = {"office": area.pk, "area": area.area, "name_zh": "桂城街道", "duty_phone": "0757-00001200", "code": "ELSE"}
    version = page.context["version"]
    changed = admin.post(f"{url}?office={area.pk}", {**data, "version": version})
    assert changed.status_code == 302, changed.context["errors"]
    area.refresh_from_db()
    assert (area.duty_phone, area.code == "ELSE") == ("0757-00001200", False)
    assert admin.post(f"{url}?office={area.pk}", {**data, "version": version}).status_code == 409


def test_the_template_comes_back_filled_in(world: World, signed_in: Browser) -> None:
    admin = signed_in("admin")
    book = load_workbook(BytesIO(admin.get(f"{HOME}template/").content))
    assert book.sheetnames[:3] == ["街道", "社区", "小区和街巷"]
    page = book["社区"]
    heads = [str(cell.value) for cell in page[1]]
    page.append(
        ["新桥社区" if head.startswith("名称") else "城市社区" if head.startswith("类型") else None for head in heads]
    )
    data = BytesIO()
    book.save(data)
    data.seek(0)
    data.name = "office.xlsx"
    examined = admin.post(f"{HOME}import/", {"office": world.area.pk, "file": data}, follow=True)
    assert not Community.objects.filter(name_zh="新桥社区").exists()
    run = examined.context["run"]
    admin.post(f"{HOME}import/?office={world.area.pk}", {"run": run.pk, "digest": run.digest})
    assert Community.objects.filter(name_zh="新桥社区").count() == 1


def test_new_people_of_an_import_get_their_links_on_the_page(world: World, signed_in: Browser) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page.title = "工作人员"
    page.append(["账号", "姓名", "角色", "社区"])
    page.append(["new.clerk", "新来", "社区工作人员", "夏东社区"])
    data = BytesIO()
    book.save(data)
    data.seek(0)
    data.name = "people.xlsx"
    admin = signed_in("admin")
    examined = admin.post(f"{HOME}import/", {"office": world.area.pk, "file": data}, follow=True)
    assert not examined.context["links"]
    run = examined.context["run"]
    answer = admin.post(f"{HOME}import/?office={world.area.pk}", {"run": run.pk, "digest": run.digest}, follow=True)
    (found,) = answer.context["links"]
    assert found[0].username == "new.clerk"
    assert found[1] in answer.content.decode()
    assert "设置密码" in Client().get("/" + found[1].split("/", 3)[3], follow=True).content.decode()


def test_the_first_administrator_is_made_by_a_command(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("granite-river-9\n"))
    call_command("create_admin", "--username", "First.Admin", "--password-stdin")
    assert client.login(username="first.admin", password="granite-river-9")
    page = client.get(HOME)
    assert "新建街道" in page.content.decode()
    made = client.post(
        f"{HOME}?new=1", {"name_zh": "青山街道", "code": "qingshan", "area": "青山", "duty_phone": "020-00001234"}
    )
    assert made.status_code == 302
    assert SubDistrict.objects.get().code == "QINGSHAN"
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("12345\n"))
    with pytest.raises(CommandError, match="too short") as refused:
        call_command("createsuperuser", "--username", "second", "--password-stdin")
    assert str(refused.value).count("too short") == 1
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("granite-river-9\n"))
    with pytest.raises(CommandError, match="60 char") as refused:
        call_command("createsuperuser", "--username", "b" * 300, "--password-stdin")
    assert str(refused.value).count("60 char") == 1
    assert not User.objects.filter(username="second").exists()


@pytest.mark.parametrize("given", [
    {"code": "A\x00"}, {"code": "GUICHENG"}, {"code": " guicheng "}, {"area": "2026"}, {"area": "٣"}, {"area": "南_湖"},
    {"duty_phone": "440106199001011234"}, {"duty_phone": "6222 0212 3456 7890 128"},
])  # fmt: skip
def test_an_office_is_not_founded_over_a_wrong_value(world: World, signed_in: Browser, given: dict[str, str]) -> None:
    values = {"name_zh": "南湖街道", "code": "NANHU", "area": "南湖", "duty_phone": "0757-00001234"}
    before = SubDistrict.objects.count()
    answer = signed_in("admin").post("/console/admin/office/?new=1", {**values, **given})
    assert (answer.status_code, SubDistrict.objects.count()) == (400, before)
    assert list(answer.context["errors"])


@pytest.mark.parametrize("number", ["9" * 30, "9" * 5000, "٣", "-1", "x"])
def test_a_desk_of_nobodys_number_is_an_empty_one(world: World, signed_in: Browser, number: str) -> None:
    row = world.departments["MUNICIPAL"]
    answer = signed_in("admin").post(f"/console/admin/office/organisation/{row.pk}/", {"step": "desk", "desk": number})
    assert answer.status_code == 302


@pytest.mark.parametrize("kind", ["community", "neighbourhood", "building", "organisation", "category"])
def test_what_is_there_already_is_said_in_words(world: World, signed_in: Browser, kind: str) -> None:
    spec = KINDS[kind]
    row = spec.rows_of(world.area).order_by("id").first()
    form = spec.form_for(world.area, row)
    values = {name: form[name].value() or "" for name in form.fields} | {
        name: getattr(row, name) for name in form.fixed
    }
    answer = signed_in("admin").post(f"{HOME}{kind}/new/", {"office": world.area.pk, **values})
    assert answer.status_code == 400
    assert "已有相同的" in answer.content.decode()
