"""常用语: whose they are, where they are offered, and that nobody touches another's."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from communities.models import Membership
from journal.models import Event
from offices.models import TextModule
from offices.texts import MOST_OWN, offered
from tests.support.cast import NOW, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
Browser = Callable[[str], Client]
OWN = "/console/texts/"
OFFICE = "/console/admin/office/text/"


def _offered(world: World, username: str, use: str = "reply") -> list[str]:
    return [row.label for row in offered(world.actor(username).access, use)]


def test_the_offices_texts_reach_those_they_are_for(world: World, signed_in: Browser) -> None:
    admin, area = signed_in("admin"), world.area.pk
    for label, use, department in (
        ("全街道", "", ""),
        ("只市政", "reply", "MUNICIPAL"),
        ("只进展", "progress", ""),
        ("夏东自办", "", "XIADONG-TEAM"),
    ):
        data = {"office": area, "label": label, "text": f"{label}的话。", "use": use, "department": department}
        assert admin.post(f"{OFFICE}new/", data).status_code == 302
    assert _offered(world, "officer") == ["只市政", "全街道"]
    assert _offered(world, "officer", "progress") == ["全街道", "只进展"]
    assert _offered(world, "officer2") == ["全街道"]
    assert _offered(world, "clerk") == ["夏东自办", "全街道"]
    assert _offered(world, "outsider") == []
    row = TextModule.objects.get(label="全街道")
    page = admin.get(f"{OFFICE}{row.pk}/?office={area}")
    assert (page.status_code, "全街道的话。" in page.content.decode()) == (200, True)
    admin.post(f"{OFFICE}{row.pk}/", {"office": area, "step": "retire"})
    assert _offered(world, "officer2") == []
    assert "全街道的话" not in admin.get(f"{OFFICE}?office={area}").content.decode()


def test_own_texts_are_written_changed_dropped_and_offered_in_the_panel(world: World, signed_in: Browser) -> None:
    browser = signed_in("officer")
    assert browser.post(OWN, {"label": "", "text": " "}).status_code == 400
    browser.post(OWN, {"label": "到场", "text": "已到现场。\n情况如下：", "use": "progress", "department": "MUNICIPAL"})
    row = TextModule.objects.get(user=world.people["officer"])
    assert (row.subdistrict_id, row.department_id) == (None, None)
    page = browser.get(f"{OWN}?edit={row.pk}")
    changed = {"row": row.pk, "label": "到场了", "text": row.text, "use": "progress"}
    assert browser.post(OWN, {**changed, "version": "x"}).status_code == 409
    browser.post(OWN, {**changed, "version": page.context["version"]})
    issue = world.make_issue("in_progress")
    panel = browser.get(f"/console/issues/{issue.number}/?action=progress").content.decode()
    assert "已到现场。" in panel
    assert "到场了" in panel
    assert "情况如下" not in browser.get(f"/console/issues/{issue.number}/?action=reply").content.decode()
    browser.post(OWN, {"row": row.pk, "step": "drop"})
    assert _offered(world, "officer", "progress") == []
    kinds = Event.objects.of("text", row.pk).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["reference_added", "reference_changed", "reference_retired"]


def test_nobody_touches_anothers(world: World, signed_in: Browser) -> None:
    theirs = TextModule.objects.create(user=world.people["officer"], label="他的", text="他的话")
    office = TextModule.objects.create(subdistrict=world.area, label="桂城的", text="桂城的话")
    user = User.objects.create_user("dali.admin", "guicheng-demo", display_name="大沥管理员")
    Membership.objects.create(user=user, role=Role.SYSTEM_ADMIN, subdistrict=world.other_area, started_at=NOW)
    world.people["dali.admin"] = user
    for username in ("dali.admin", "admin", "officer2"):
        browser = signed_in(username)
        assert browser.get(f"{OWN}?edit={theirs.pk}").status_code == 404
        assert browser.post(OWN, {"row": theirs.pk, "step": "drop"}).status_code == 404
        assert "他的话" not in browser.get(OWN).content.decode()
    browser = signed_in("dali.admin")
    for area, status in ((world.other_area, 404), (world.area, 403)):
        data = {"office": area.pk, "label": "改", "text": "改"}
        assert browser.post(f"{OFFICE}{office.pk}/", data).status_code == status
        assert browser.get(f"{OFFICE}{office.pk}/?office={area.pk}").status_code == status
    admin = signed_in("admin")
    assert admin.get(f"{OFFICE}{theirs.pk}/?office={world.area.pk}").status_code == 404


def test_a_menu_is_no_library(world: World, signed_in: Browser) -> None:
    user = world.people["officer"]
    TextModule.objects.bulk_create(TextModule(user=user, label=str(n), text=str(n)) for n in range(MOST_OWN))
    assert signed_in("officer").post(OWN, {"label": "再一条", "text": "再一条"}).status_code == 409


def test_a_text_that_was_dropped_meanwhile_is_not_lost(world: World, signed_in: Browser) -> None:
    browser = signed_in("officer")
    browser.post(OWN, {"label": "到场", "text": "已到现场。", "use": ""})
    row = TextModule.objects.get(user=world.people["officer"])
    typed = {
        "row": row.pk,
        "label": "到场",
        "text": "改过的话。",
        "version": browser.get(f"{OWN}?edit={row.pk}").context["version"],
    }
    assert [browser.post(OWN, {"row": row.pk, "step": "drop"}).status_code for _time in range(2)] == [302, 302]
    late = browser.post(OWN, typed)
    assert (late.status_code, "改过的话。" in late.content.decode(), late.context["row"]) == (409, True, None)
