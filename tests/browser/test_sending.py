"""One matter for one intention in a real browser: the answer is lost, the network goes, Back, a second tap."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from files.models import StoredFile
from issues.models import Issue
from tests.browser.conftest import Open, Watch, choose_place
from tests.support.cast import PHONE, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
WORDS = "3栋门口地砖松了两块，老人绊倒"
SUBMIT = "main form[enctype] .submit button[type=submit]"


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = str(tmp_path / "门口.jpg")
    Image.new("RGB", (1600, 1200), (90, 110, 80)).save(path, "JPEG")
    return path


def fill(page: Page, picture: str, words: str = WORDS) -> None:
    page.set_input_files("#photos", picture)
    page.fill("#description", words)
    choose_place(page, "大德社区")
    page.fill("#contact_phone", PHONE)


SENDING = re.compile(r"/report/\?send$")
"""Where the forms are sent."""


def cut_once(page: Page) -> None:
    """The first sending arrives, its answer does not."""

    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route(SENDING, lose)


@pytest.mark.long
def test_a_lost_answer_loses_nothing_and_is_sent_again(world: World, phone: Open, picture: str, watch: Watch) -> None:
    page = phone()
    page.goto("/report/")
    fill(page, picture)
    cut_once(page)
    page.click(SUBMIT)
    expect(page.locator("#unsent")).to_be_focused()
    expect(page.locator("#unsent")).to_contain_text("已经收到的不会重复登记")
    expect(page.locator("#description")).to_have_value(WORDS)
    expect(page.locator(".upload-list li")).to_have_count(1)
    button = page.locator(SUBMIT)
    expect(button).to_have_text("再试一次")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    issue_number = page.locator(".number, .notice").first
    expect(issue_number).to_contain_text("桂城-")
    assert (Issue.objects.count(), StoredFile.objects.exclude(owner_kind="").count()) == (1, 1)
    watch.problems = [one for one in watch.problems if "ERR_CONNECTION_RESET" not in one]


@pytest.mark.long
def test_a_reload_after_a_lost_answer_finds_words_and_number(
    world: World, phone: Open, picture: str, watch: Watch
) -> None:
    page = phone()
    page.goto("/report/")
    fill(page, picture)
    cut_once(page)
    page.click(SUBMIT)
    expect(page.locator("#unsent")).to_be_visible()
    page.goto("/")
    page.goto("/report/")
    expect(page.locator("[data-restored]")).to_be_visible()
    expect(page.locator("#description")).to_have_value(WORDS)
    page.click(SUBMIT)
    expect(page.locator(".number")).to_contain_text("桂城-")
    assert Issue.objects.count() == 1
    page.goto("/report/")
    expect(page.locator("#description")).to_have_value("")
    watch.problems = [one for one in watch.problems if "ERR_CONNECTION_RESET" not in one]


@pytest.mark.long
@SCRIPTS
def test_back_and_send_again_shows_the_same_number(world: World, phone: Open, picture: str, scripts: bool) -> None:
    page = phone(scripts=scripts)
    page.goto("/report/")
    fill(page, picture)
    page.click(SUBMIT)
    expect(page.locator(".number")).to_contain_text("桂城-")
    number = page.locator(".number").inner_text()
    page.go_back()
    expect(page.locator("#description")).to_have_value(WORDS)
    page.click(SUBMIT)
    expect(page.locator(".number")).to_have_text(number)
    assert Issue.objects.count() == 1


@pytest.mark.long
@SCRIPTS
def test_back_and_other_words_are_kept_until_the_person_says_so(
    world: World, phone: Open, picture: str, watch: Watch, scripts: bool
) -> None:
    watch.expected.add(409)
    page = phone(scripts=scripts)
    page.goto("/report/")
    fill(page, picture)
    page.click(SUBMIT)
    number = page.locator(".number").inner_text()
    page.go_back()
    page.fill("#description", "另一件事：路灯不亮")
    page.click(SUBMIT)
    expect(page.locator(".summary:visible")).to_contain_text(number)
    expect(page.locator("#description")).to_have_value("另一件事：路灯不亮")
    page.click(SUBMIT)
    expect(page.locator(".number")).not_to_have_text(number)
    expect(page.locator(".number")).to_contain_text("桂城-")
    assert Issue.objects.count() == 2


def is_kept(page: Page, words: str) -> None:
    """The phone keeps these: the line below the button says since the first of them that it does."""
    page.wait_for_function(
        """(words) => new Promise((resolve) => {
          const request = indexedDB.open("drafts", 1);
          request.onsuccess = () => {
            const rows = request.result.transaction("words").objectStore("words").getAll();
            rows.onsuccess = () => { request.result.close(); resolve(JSON.stringify(rows.result).includes(words)); };
          };
        })""",
        arg=words,
    )


ELDER = ".bar-links form[action='/preferences/'] button"


def test_without_a_network_the_draft_waits_goes_when_it_is_back_and_is_forgotten(
    world: World, phone: Open, picture: str, watch: Watch
) -> None:
    page = phone()
    page.goto("/report/")
    states = page.locator("[data-states]")
    page.set_input_files("#photos", picture)
    expect(page.locator(".upload-state")).to_have_text("已上传")
    page.fill("#description", WORDS)
    expect(states).to_have_text("已存手机，还没有提交")
    is_kept(page, WORDS)
    page.click(ELDER)
    expect(page.locator("html")).to_have_attribute("data-elder", "22")
    expect(page.locator("#description")).to_have_value(WORDS)
    expect(page.locator(".upload-list img")).to_have_count(1)
    page.type("#place_text", "bhhy 3")
    page.click("[data-found] label:has-text('碧湖花园3栋')")
    page.fill("#contact_phone", PHONE)
    expect(states).to_have_text("已存手机，还没有提交")
    is_kept(page, PHONE)
    page.reload()
    expect(page.locator("[data-restored]")).to_be_visible()
    expect(page.locator("#contact_phone")).to_have_value(PHONE)
    expect(page.locator("[data-found] label:has(:checked)")).to_contain_text("碧湖花园3栋")
    page.context.set_offline(True)
    page.click(SUBMIT)
    expect(page.locator("#unsent")).to_contain_text("网络一恢复就自动发送")
    expect(states).to_have_text("已存手机，还没有提交")
    page.context.set_offline(False)
    expect(page.locator(".number")).to_contain_text("桂城-")
    assert (Issue.objects.count(), StoredFile.objects.exclude(owner_kind="").count()) == (1, 1)
    page.goto("/report/")
    expect(page.locator("#description")).to_have_value("")
    expect(page.locator(".upload-list li")).to_have_count(0)


def test_a_tab_killed_while_it_sends_and_one_opened_later_make_one_matter(
    world: World, phone: Open, picture: str, watch: Watch
) -> None:
    page = phone()
    page.goto("/report/")
    fill(page, picture)
    cut_once(page)
    page.click(SUBMIT)
    expect(page.locator("#unsent")).to_be_visible()
    page.close()
    later = page.context.new_page()
    later.goto("/report/?building=1000000")
    expect(later.locator("#description")).to_have_value(WORDS)
    expect(later.locator(".upload-list img")).to_have_count(1)
    later.click(SUBMIT)
    expect(later.locator(".number")).to_have_text(Issue.objects.get().number)
    assert StoredFile.objects.exclude(owner_kind="").count() == 1
    watch.problems = [one for one in watch.problems if "ERR_CONNECTION_RESET" not in one]


@pytest.mark.long
def test_a_stopped_answer_gives_the_button_back(world: World, phone: Open, picture: str) -> None:
    page = phone()
    page.goto("/report/")
    fill(page, picture)
    page.route(SENDING, lambda route: None)
    button = page.locator(SUBMIT)
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    page.evaluate("window.stop()")
    expect(page.locator("#unsent")).to_be_visible()
    expect(button).not_to_have_attribute("aria-disabled", "true")


NO_STORAGE = "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new Error('full'); } } })"


@pytest.mark.long
def test_a_phone_that_keeps_nothing_says_so_and_sends_all_the_same(world: World, phone: Open, picture: str) -> None:
    page = phone()
    page.add_init_script(NO_STORAGE)
    page.goto("/report/")
    fill(page, picture)
    expect(page.locator("[data-states]")).to_have_text("这部手机存不下：请不要关掉这一页")
    page.click(SUBMIT)
    expect(page.locator(".number")).to_contain_text("桂城-")


def test_two_taps_make_one(world: World, phone: Open, picture: str) -> None:
    page = phone()
    page.goto("/report/")
    fill(page, picture)
    page.dblclick(SUBMIT)
    expect(page.locator(".number")).to_contain_text("桂城-")
    assert Issue.objects.count() == 1
