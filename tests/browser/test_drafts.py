"""What was typed comes back, in a real browser: without a script the server has it, with one the phone."""

import pytest
from playwright.sync_api import Page, expect

from door.models import KeptForm
from issues.models import Issue
from tests.browser.conftest import Open, Watch, choose_place
from tests.support.cast import PHONE, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "3栋门口地砖松了两块，老人绊倒"
SUBMIT = "main form[enctype] .submit button[type=submit]"
ELDER = ".bar-links button[name=elder]"
ENGLISH = ".foot button[name=language]"


def leave(page: Page, way: str) -> None:
    """One way to lose the page, and back again."""
    if way == "elder":
        page.click(ELDER)
        expect(page.locator("html")).to_have_attribute("data-elder", "22")
    elif way == "language":
        page.click(ENGLISH)
        expect(page.locator("html")).to_have_attribute("lang", "en")
    elif way == "error":
        page.fill("#contact_phone", "")
        page.click(SUBMIT)
        expect(page.locator("#contact_phone-error")).to_be_visible()
    elif way == "later":
        page.click("button[name=keep]")
        expect(page.locator(".kept")).to_contain_text("存好了")


def at_home_and_back(page: Page) -> None:
    page.goto("/")
    page.goto("/report/")


CASES = [(scripts, way) for scripts in (True, False) for way in ("elder", "language", "error", "later", "reload")]
CASES = [(scripts, way) for scripts, way in CASES if not (scripts and way == "later") and (scripts or way != "reload")]


@pytest.mark.parametrize(("scripts", "way"), CASES)
def test_words_are_there_again_and_make_one_matter(
    world: World, phone: Open, watch: Watch, scripts: bool, way: str
) -> None:
    watch.expected.add(400)
    page = phone(scripts=scripts)
    page.goto("/report/")
    page.fill("#description", WORDS)
    page.fill("#contact_phone", PHONE)
    if scripts:
        expect(page.locator("[data-states]")).to_have_text("已存手机，还没有提交")
    leave(page, way)
    at_home_and_back(page)
    expect(page.locator("#description")).to_have_value(WORDS)
    assert KeptForm.objects.exists() is not scripts
    page.fill("#contact_phone", PHONE)
    choose_place(page, "大德")
    page.click(SUBMIT)
    expect(page.locator(".number")).to_be_visible()
    at_home_and_back(page)
    expect(page.locator("#description")).to_have_value("")
    assert (Issue.objects.count(), KeptForm.objects.count()) == (1, 0)


def test_a_script_that_comes_later_types_on_top_of_what_the_server_has(world: World, phone: Open, watch: Watch) -> None:
    watch.expected.add(400)
    page = phone()
    page.route("**/js/phone/*.js", lambda route: route.abort())
    watch_off = len(watch.problems)
    page.goto("/report/")
    page.fill("#description", WORDS)
    page.click(SUBMIT)
    expect(page.locator(".kept")).to_be_visible()
    page.unroute("**/js/phone/*.js")
    page.goto("/report/")
    expect(page.locator(".kept")).to_be_visible()
    page.fill("#description", "改过的说法")
    expect(page.locator("[data-states]")).to_have_text("已存手机，还没有提交")
    page.goto("/report/")
    expect(page.locator("#description")).to_have_value("改过的说法")
    expect(page.locator("[data-restored]")).to_be_hidden()
    page.click(".kept summary")
    page.click("button[name=throw]")
    expect(page.locator(".kept")).to_have_count(0)
    expect(page.locator("#description")).to_have_value("")
    page.goto("/report/")
    expect(page.locator("#description")).to_have_value("")
    assert KeptForm.objects.count() == 0
    watch.problems = [one for one in watch.problems[watch_off:] if "ERR_FAILED" not in one]
