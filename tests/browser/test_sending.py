"""One matter for one intention in a real browser: the answer is lost, the network goes, Back, a second tap."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from files.models import StoredFile
from issues.models import Issue
from tests.browser.conftest import Open, Watch
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
    if page.locator("#community").count():
        page.select_option("#community", label="大德社区")
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


@pytest.fixture
def reporter(request: pytest.FixtureRequest) -> tuple[Page, str]:
    """The page of whoever reports, and the address of the form."""
    if request.param == "leader":
        return request.getfixturevalue("desk")("leader", width=390, height=844), "/leader/report/"
    return request.getfixturevalue("phone")(), "/report/"


@pytest.mark.long
@pytest.mark.parametrize("reporter", ["resident", "leader"], indirect=True)
def test_a_lost_answer_loses_nothing_and_is_sent_again(
    world: World, reporter: tuple[Page, str], picture: str, watch: Watch
) -> None:
    page, url = reporter
    page.goto(url)
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
    expect(page.locator(".number")).to_contain_text("桂城-")
    assert page.locator(".number").inner_text() != number
    assert Issue.objects.count() == 2


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


def test_two_taps_make_one(world: World, phone: Open, picture: str) -> None:
    page = phone()
    page.goto("/report/")
    fill(page, picture)
    page.dblclick(SUBMIT)
    expect(page.locator(".number")).to_contain_text("桂城-")
    assert Issue.objects.count() == 1
