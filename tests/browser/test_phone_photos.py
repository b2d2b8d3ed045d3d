"""Residents' and leaders' photos in a real browser: with scripts, and without."""

from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from common.clock import now
from files.models import StoredFile
from files.processing import prepare_waiting
from issues.models import Issue
from tests.browser.conftest import Open, Watch, choose_place
from tests.support.cast import PHONE, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCRIPTS = pytest.mark.parametrize(
    "scripts",
    [pytest.param(True, id="with scripts"), pytest.param(False, id="without scripts", marks=pytest.mark.long)],
)


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Two photos as a phone takes them."""
    paths = [str(tmp_path / name) for name in ("门口.jpg", "楼道.jpg")]
    for shade, path in enumerate(paths):
        Image.new("RGB", (1600, 1200), (90 + 60 * shade, 110, 80)).save(path, "JPEG")
    return paths


@SCRIPTS
def test_reporting_with_photos(world: World, phone: Open, pictures: list[str], watch: Watch, scripts: bool) -> None:
    watch.expected.add(400)
    page = phone(scripts=scripts)
    page.goto("/report/")
    page.set_input_files("#photos", pictures)
    choose_place(page, "大德社区")
    page.fill("#description", "3栋门口地砖松了两块，老人绊倒")
    page.click("main form[enctype] > .submit button[type=submit]")
    expect(page.locator("#contact_phone-error")).to_be_visible()
    expect(page.locator(".upload-picture img")).to_have_count(2)
    shown = page.locator(".upload-list [data-name]" if scripts else ".upload-kept .check-text")
    expect(shown).to_contain_text(["门口.jpg", "楼道.jpg"])
    page.fill("#contact_phone", PHONE)
    page.click("main form[enctype] > .submit button[type=submit]")
    expect(page.locator(".number")).to_contain_text("桂城-")
    issue = Issue.objects.get()
    assert StoredFile.objects.filter(owner_id=issue.pk).count() == 2
    prepare_waiting(clock=now)
    page.goto(f"/t/{issue.token}/")
    expect(page.locator(".photo img")).to_have_count(2)
    page.locator(".photo").first.click()
    if scripts:
        expect(page.locator(".lightbox-over")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".lightbox-over")).to_have_count(0)
    else:
        page.wait_for_url("**/large/")


@pytest.mark.long
@SCRIPTS
def test_giving_what_was_asked(world: World, phone: Open, pictures: list[str], watch: Watch, scripts: bool) -> None:
    watch.expected.add(400)
    issue = world.make_issue("need_info", at=now() - timedelta(hours=1))
    page = phone(scripts=scripts)
    page.goto(f"/t/{issue.token}/")
    page.fill("#proof", PHONE[-4:])
    page.click("form[action$='/prove/'] button[type=submit]")
    expect(page.locator("main")).to_contain_text("请说明具体位置")
    page.click("a.btn-main")
    page.fill("#note", "在3栋北门")
    page.set_input_files("#photos", pictures[0])
    page.fill("#phone_tail", "19900009998")
    page.click("main button[type=submit]:visible")
    expect(page.locator("#phone_tail-error")).to_contain_text("还可以试 4 次")
    expect(page.locator("#note")).to_have_value("在3栋北门")
    page.fill("#phone_tail", PHONE)
    page.click("main form[enctype] > .submit button[type=submit]")
    expect(page.locator("main")).to_contain_text("已补充，社区会接着办理。")
    assert Issue.objects.get(pk=issue.pk).status == "submitted"
    assert StoredFile.objects.get().owner_id == issue.pk


@pytest.mark.long
@SCRIPTS
def test_objecting_with_a_photo(world: World, phone: Open, pictures: list[str], scripts: bool) -> None:
    issue = world.make_issue("replied", at=now() - timedelta(hours=1))
    page = phone(scripts=scripts)
    page.goto(f"/t/{issue.token}/")
    page.click("label[for=solved-no]")
    page.fill("#reason", "晚上又积水了")
    page.set_input_files("#photos", pictures[0])
    page.fill("#phone_tail", PHONE)
    page.click(".verdict button[type=submit]:visible")
    expect(page.locator("h1")).to_contain_text("您表示没有解决")
    expect(page.locator("main")).to_contain_text("“晚上又积水了”")
    assert StoredFile.objects.filter(owner_id=issue.pk, uploaded_by=None).count() == 1


@pytest.mark.long
@SCRIPTS
def test_joining_what_others_met_too(world: World, phone: Open, scripts: bool) -> None:
    master = world.make_issue("in_progress", at=now() - timedelta(hours=2), category="0402")
    world.act(master, "publish", "clerk", now() - timedelta(hours=1), title="小区电动车充电桩不够用", text="飞线充电")
    page = phone(scripts=scripts)
    page.goto("/report/")
    choose_place(page, "夏东社区")
    page.fill("#description", "我们小区电动车充电桩也不够，天天飞线充电")
    page.fill("#contact_phone", "19900004321")
    page.click("main form[enctype] > .submit button[type=submit]")
    page.check(f"[name=join][value='{master.pk}']")
    page.click("main form[enctype] > .submit button[type=submit]")
    expect(page.locator("main")).to_contain_text("您的诉求已与其他 1 位居民的同类诉求一并办理")
    assert Issue.objects.get(pk=master.pk).persons == 2


def test_a_leader_takes_a_photo_in_three_taps(world: World, desk: Open, pictures: list[str]) -> None:
    page = desk("leader", width=390, height=844)
    page.goto("/leader/")
    page.click("text=拍照上报")
    page.set_input_files("#photos", pictures[0])
    page.fill("#description", "二单元门口两块地砖松了")
    page.click("main form[enctype] > .submit button[type=submit]")
    expect(page.locator("main")).to_contain_text("已收到 桂城-")
    assert StoredFile.objects.get().owner_id == Issue.objects.get().pk
