"""A workbook between its examination and its writing: kept, bound, written once, gone within the hour."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from openpyxl import Workbook

from accounts.models import User
from accounts.own import set_password
from accounts.roles import Role
from communities.models import Community, Membership
from deadlines.reference import forget, load_rules
from journal.models import Event
from offices.importing import load
from offices.models import ImportRun, ImportState
from offices.services import import_runs
from offices.tasks import imports
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
PAGE = "/console/admin/office/import/"


def workbook(*sheets: tuple[str, list[list[Any]]]) -> BytesIO:
    """A workbook of these sheets, as a browser sends it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    data = BytesIO()
    book.save(data)
    data.seek(0)
    data.name = "office.xlsx"
    return data


def communities(number: int) -> BytesIO:
    """So many new communities."""
    return workbook(("社区", [["名称", "类型"], *([f"新{n}社区", "城市社区"] for n in range(number))]))


def test_it_is_chosen_once_and_written_once(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    page = admin.post(PAGE, {"office": area, "file": communities(2)}, follow=True)
    run = page.context["run"]
    assert (run.state, Community.objects.filter(name_zh__startswith="新").count()) == (ImportState.EXAMINED, 0)
    url = f"{PAGE}?office={area}"
    assert admin.post(url, {"run": run.pk, "digest": "x"}).status_code == 409
    done = admin.post(url, {"run": run.pk, "digest": run.digest}, follow=True)
    assert "已导入" in done.content.decode()
    assert Community.objects.filter(name_zh__startswith="新").count() == 2
    assert admin.post(url, {"run": run.pk, "digest": run.digest}).status_code == 409
    assert bytes(ImportRun.objects.get().content) == b""
    assert Event.objects.of("office", area).of_kinds(["office_imported"]).count() == 1


def test_a_large_one_is_worked_on_by_the_worker(
    world: World, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "SMALL", 1)
    admin, area = signed_in("admin"), world.area.pk
    page = admin.post(PAGE, {"office": area, "file": communities(60)}, follow=True)
    run = page.context["run"]
    assert "正在检查" in page.content.decode()
    assert 'hx-trigger="every 2s"' in page.content.decode()
    imports()
    assert import_runs.progress_of(run) == 50
    admin.post(f"{PAGE}?office={area}", {"run": run.pk, "digest": run.digest})
    assert not Community.objects.filter(name_zh__startswith="新").exists()
    imports()
    assert Community.objects.filter(name_zh__startswith="新").count() == 60


def test_what_is_wrong_is_said_and_nothing_is_kept(world: World, signed_in: Browser) -> None:
    wrong = workbook(("社区", [["名称", "类型"], ["新桥社区", "没有这种"]]))
    page = signed_in("admin").post(PAGE, {"office": world.area.pk, "file": wrong}, follow=True)
    assert "社区 第 2 行" in page.content.decode()
    assert bytes(ImportRun.objects.get().content) == b""
    assert not Community.objects.filter(name_zh="新桥社区").exists()


def test_it_is_nobody_elses_and_no_other_offices(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    run = admin.post(PAGE, {"office": area, "file": communities(1)}, follow=True).context["run"]
    user = User.objects.create_user("other.admin", "guicheng-demo", display_name="另一位")
    for office in (world.area, world.other_area):
        Membership.objects.create(user=user, role=Role.SYSTEM_ADMIN, subdistrict=office, started_at=NOW)
    world.people["other.admin"] = user
    for username, office in (
        ("other.admin", world.area),
        ("other.admin", world.other_area),
        ("admin", world.other_area),
    ):
        browser = signed_in(username)
        assert browser.get(f"{PAGE}?office={office.pk}&run={run.pk}").status_code == 404
        answer = browser.post(f"{PAGE}?office={office.pk}", {"run": run.pk, "digest": run.digest})
        assert answer.status_code == 404
    assert signed_in("supervisor").get(f"{PAGE}?office={area}&run={run.pk}").status_code == 403
    assert not Community.objects.filter(name_zh__startswith="新").exists()


def test_it_is_gone_after_an_hour(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    run = admin.post(PAGE, {"office": area, "file": communities(1)}, follow=True).context["run"]
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert (
            import_runs.find(pk=run.pk, office=world.area, by=world.actor("admin"), at=NOW + timedelta(hours=1)) is None
        )
        imports()
    assert not ImportRun.objects.exists()


def test_limits_are_a_sheet_of_it(world: World, signed_in: Browser) -> None:
    rows: list[list[Any]] = [
        ["紧急程度或类型", "时限项", "时限", "最多延期次数"],
        ["投诉", "办理", "8wd", None],
        ["紧急", "延期", "2wd", 2],
    ]
    admin, area = signed_in("admin"), world.area.pk
    run = admin.post(PAGE, {"office": area, "file": workbook(("办理时限", rows))}, follow=True).context["run"]
    assert run.result["counts"] == {"limits": {"changed": 2}}
    tried = {(row.scope, row.deadline_kind): str(row.limit) for row in load_rules(area).rows}
    assert tried["complaint", "handle"] == "10wd"
    admin.post(f"{PAGE}?office={area}", {"run": run.pk, "digest": run.digest})
    forget()
    found = {(row.scope, row.deadline_kind): (str(row.limit), row.times) for row in load_rules(area).rows}
    assert found["complaint", "handle"] == ("8wd", 0)
    assert found["urgent", "extension"] == ("2wd", 2)
    wrong = workbook(("办理时限", [rows[0], ["表扬", "办理", "5wd", None], ["投诉", "办理", "很久", None]]))
    page = admin.post(PAGE, {"office": area, "file": wrong}, follow=True)
    assert page.context["number"] == 2


def test_one_that_cannot_be_worked_on_ends_with_words_and_holds_up_no_other(
    world: World, signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_runs, "SMALL", 0)
    admin, area = signed_in("admin"), world.area.pk
    ran = load
    admin.post(PAGE, {"office": area, "file": communities(1)})
    first = ImportRun.objects.get()
    second = ImportRun.objects.create(
        subdistrict=world.area, user=world.people["supervisor"], content=bytes(first.content), digest=first.digest,
        language="en", made_at=NOW, result={"rows": 1},
    )  # fmt: skip

    def breaks(*given: Any, by: Any, **more: Any) -> Any:
        if by.user_id == second.user_id:
            raise LookupError("a fault of the program")
        return ran(*given, by=by, **more)

    monkeypatch.setattr(import_runs, "load", breaks)
    third = ImportRun.objects.create(
        subdistrict=world.area, user=world.people["admin"], content=bytes(first.content), digest=first.digest,
        language="zh-hans", made_at=NOW, result={"rows": 1},
    )  # fmt: skip
    with pytest.raises(LookupError):
        imports()
    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {first.pk: "examined", second.pk: "wrong", third.pk: "examined"}
    assert "nothing was written" in ImportRun.objects.get(pk=second.pk).result["error"]
    assert imports() is None


def test_links_of_an_import_are_for_who_never_had_a_password(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    names = ("new.one", "new.two", "new.three")
    people = [["账号", "姓名", "角色"], *([name, name, "督办员"] for name in names)]
    run = admin.post(PAGE, {"office": area, "file": workbook(("工作人员", people))}, follow=True).context["run"]
    page = admin.post(f"{PAGE}?office={area}", {"run": run.pk, "digest": run.digest}, follow=True)
    assert [user.username for user, _link in page.context["links"]] == list(names)
    set_password(User.objects.get(username="new.one"), "granite-river-9", at=NOW)
    User.objects.filter(username="new.two").update(last_login=NOW)
    again = admin.get(f"{PAGE}?office={area}&run={run.pk}")
    assert [user.username for user, _link in again.context["links"]] == ["new.three"]
