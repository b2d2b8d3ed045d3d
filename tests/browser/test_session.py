"""A session that is over while somebody types: the page says so, keeps what was typed, and goes on after a sign-in."""

import pytest
from playwright.sync_api import Page, expect

from accounts.models import StoredSession
from tests.browser.conftest import PASSWORD, Open
from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OVER = "登录已过期"


def _sign_in_beside(page: Page, username: str) -> None:
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="在新窗口登录").click()
    other = opening.value
    other.fill("input[name=username]", username)
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    other.wait_for_url(lambda url: "/login/" not in url)
    other.close()


def test_the_page_says_so_and_goes_on(world: World, desk: Open) -> None:
    page = desk("clerk")
    page.goto("/console/issues/new/")
    with page.expect_response("**/issues/new/reference/"):
        page.fill("textarea[name=description]", "幸福路积水")
    StoredSession.objects.all().delete()
    page.evaluate("document.body.dispatchEvent(new CustomEvent('bell:renew'))")
    expect(page.get_by_role("alert").filter(has_text=OVER)).to_be_visible()
    expect(page.locator("#bell")).to_have_count(1)
    page.press("textarea[name=description]", "Control+Enter")
    expect(page.locator("textarea[name=description]")).to_have_value("幸福路积水")
    _sign_in_beside(page, "officer")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text(OVER)).to_be_visible()
    StoredSession.objects.all().delete()
    _sign_in_beside(page, "clerk")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text(OVER)).to_have_count(0)
    token = page.locator("form input[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post("/account/session/", headers={"X-CSRFToken": token})
    assert answer.json()["person"] == str(world.people["clerk"].pk)
    expect(page.locator("textarea[name=description]")).to_have_value("幸福路积水")


def test_typing_is_told_to_the_server_once_in_two_minutes(world: World, desk: Open) -> None:
    page = desk("clerk")
    page.clock.install()
    page.goto("/console/issues/new/")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    with page.expect_request("**/account/session/"):
        page.locator("textarea[name=description]").press_sequentially("积水")
    assert len([url for url in posts if url.endswith("/account/session/")]) == 1
    page.clock.fast_forward(121_000)
    with page.expect_request("**/account/session/"):
        page.locator("textarea[name=description]").press_sequentially("很深")
