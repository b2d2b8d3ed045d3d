"""New arrivals of the workbench in a real browser: nothing moves until somebody asks, and failures are told."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from common.clock import now
from issues.models import Issue
from tests.browser.conftest import Open, Watch
from tests.support.cast import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _inbox(desk: Open) -> Page:
    page = desk("clerk")
    page.clock.install()
    page.goto("/console/")
    expect(page.locator("#pane .pane-head")).to_be_visible()
    return page


def _minute_passes(page: Page) -> None:
    with page.expect_event("requestfinished", lambda request: "news=1" in request.url):
        page.clock.fast_forward(61_000)


def _minute_passes_under_a_moving_pointer(page: Page) -> None:
    """The clock of the page stands still but for these steps: between two movements there are never five seconds."""
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url) if "news=1" in request.url else None)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    for step in range(300):
        page.locator("[data-row]").first.hover(position={"x": 20 + step % 2 * 10, "y": 10})
        if asked:
            break
        page.clock.run_for(2_000)
    assert asked
    page.clock.resume()


@pytest.mark.long
def test_bar_shows_what_came_and_renews_the_list_when_pressed(world: World, desk: Open) -> None:
    first = world.create(at=now() - timedelta(hours=1))
    page = _inbox(desk)
    _minute_passes(page)
    expect(page.locator(".new-bar")).to_have_count(0)
    second = world.create(at=now(), by="secretary", level="critical")
    _minute_passes_under_a_moving_pointer(page)
    page.wait_for_timeout(200)
    expect(page.locator(".new-bar")).to_have_count(0)
    _minute_passes(page)
    bar = page.locator(".new-bar")
    expect(bar).to_have_text("有 1 件新工单，点击显示")
    expect(page.locator("[data-row]")).to_have_count(1)
    bar.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("[data-row]").first).to_have_attribute("data-row", second.number)
    expect(page.locator("[data-row].is-selected")).to_have_attribute("data-row", first.number)
    expect(page.locator("#inbox-tabs [aria-current] small")).to_have_text("2")
    expect(page.locator("#pane")).to_contain_text(first.number)
    expect(page.locator("[data-row-link]").first).to_be_focused()
    expect(bar).to_have_count(0)
    _minute_passes(page)
    expect(bar).to_have_count(0)


@pytest.mark.long
def test_a_failed_question_is_told_and_taken_back(world: World, desk: Open, watch: Watch) -> None:
    watch.expected = {503}
    world.create(at=now() - timedelta(hours=1))
    page = _inbox(desk)
    page.route("**/console/?*news=1*", lambda route: route.fulfill(status=503, body="<p>503</p>"))
    _minute_passes(page)
    banner = page.locator("[data-rows-failed]")
    expect(banner).to_contain_text("列表未能更新，显示的是")
    expect(banner.locator("a")).to_have_attribute("href", "/console/")
    expect(page.locator("[data-row]")).to_have_count(1)
    watch.problems[:] = [problem for problem in watch.problems if "Response Status Error Code 503" not in problem]
    page.unroute_all()
    _minute_passes(page)
    expect(banner).to_have_count(0)
    page.context.clear_cookies()
    _minute_passes(page)
    expect(banner).to_have_count(1)
    expect(page.locator("#username, .sign-in")).to_have_count(0)


@pytest.mark.long
def test_preview_of_a_reply_follows_the_result_chosen(world: World, desk: Open) -> None:
    issue = world.make_issue("in_progress", at=now() - timedelta(hours=1))
    page = desk("officer")
    page.goto(f"/console/issues/{issue.number}/?action=reply")
    title = page.locator("#preview-title")
    expect(title).to_have_text("市政管理办公室已答复。您觉得解决了吗？")
    page.locator("[name=outcome][value=solved]").check(force=True)
    expect(title).to_have_text("社区说已处理完。您觉得解决了吗？")
    page.locator("[name=outcome][value=explained]").check(force=True)
    expect(title).to_have_text("市政管理办公室已答复。您觉得解决了吗？")


def test_the_list_stands_still_after_an_action(world: World, desk: Open) -> None:
    for _number in range(24):
        world.make_issue("dispatched")
    page = desk("officer")
    page.goto("/console/?layout=split")
    row = page.locator("[data-row]").nth(15)
    row.locator("[data-row-link]").click()
    number = row.get_attribute("data-row") or ""
    expect(page.locator("#pane")).to_contain_text(number)
    following = page.locator("[data-row]").nth(16).get_attribute("data-row")
    before = page.evaluate("document.getElementById('rows').scrollTop")
    page.keyboard.press("a")
    page.wait_for_url(lambda url: f"selected={quote(following or '')}" in url)
    chosen = page.locator("[data-row].is-selected")
    expect(chosen).to_have_attribute("data-row", following or "")
    expect(chosen).to_be_in_viewport()
    expect(chosen.locator("[data-row-link]")).to_be_focused()
    assert number != following
    assert before > 0
    page.wait_for_function("before => Math.abs(document.getElementById('rows').scrollTop - before) < 200", arg=before)
    assert Issue.objects.get(number=number).status == "in_progress"


def test_words_go_with_what_one_click_would_do(world: World, desk: Open) -> None:
    """The panel is in the menu; while it is open there is nothing that would leave its words behind."""
    issue = world.make_issue("dispatched")
    page = desk("officer")
    page.goto(f"/console/issues/{issue.number}/")
    at_once = page.locator(".issue-head .head-act button")
    expect(at_once).to_have_text(re.compile("签收"))
    page.locator(".issue-head .menu > summary").first.click()
    page.locator(".issue-head [data-open-panel=acknowledge]").click()
    page.fill("#panel [name=note]", "今天下午去现场")
    expect(at_once).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_have_count(0)
    expect(at_once).to_be_focused()
    page.locator(".issue-head .menu > summary").first.click()
    page.locator(".issue-head [data-open-panel=acknowledge]").click()
    expect(page.locator("#panel [name=note]")).to_have_value("今天下午去现场")
    page.locator("#panel button[data-key=ctrl-enter]").click()
    expect(page.locator(".toasts")).to_contain_text("已签收")
    expect(page.locator("#happened")).to_contain_text("今天下午去现场")


def test_escape_leads_from_a_panel_beside_the_list_to_the_next_step(world: World, desk: Open) -> None:
    world.make_issue("dispatched")
    page = desk("officer")
    page.goto("/console/?layout=split")
    page.locator("#pane .button-row .menu > summary").click()
    page.locator("#pane [data-open-panel=acknowledge]").click()
    expect(page.locator("#panel [name=note]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_have_count(0)
    expect(page.locator("#pane .head-act button")).to_be_focused()
