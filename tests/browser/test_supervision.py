"""The supervision desk in a browser: reminders of a row, urging in bulk, without a script, and on a deputy's phone."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from common.clock import now
from issues.models import Issue
from reminders.services.fan_out import fan_out
from tests.browser.conftest import PASSWORD

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.support.cast import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
URL = "/console/supervision/"


def late(world: "World", count: int) -> list[Issue]:
    """Issues of a month ago that the department still works on; everybody was told."""
    issues = [world.make_issue("in_progress", at=now() - timedelta(days=30)) for _number in range(count)]
    fan_out(at=now())
    return issues


@pytest.mark.long
def test_a_rows_reminders_open_below_it_and_close_again(world: "World", desk: Open) -> None:
    late(world, 2)
    page = desk("supervisor")
    page.goto(URL)
    link = page.locator("[data-told]").first
    expect(link).to_have_attribute("aria-expanded", "false")
    link.click()
    told = page.locator(".desk-told")
    expect(told).to_contain_text("谁在什么时候被告知")
    expect(told).to_contain_text("何志明")
    expect(link).to_have_attribute("aria-expanded", "true")
    link.click()
    expect(told).to_be_hidden()


def test_the_page_is_ticked_and_urged_at_once(world: "World", desk: Open) -> None:
    issues = late(world, 3)
    page = desk("supervisor")
    page.goto(URL)
    page.check("[data-check-all] input")
    expect(page.locator("[data-checked]")).to_contain_text("3")
    page.uncheck("input[name=issue] >> nth=0")
    expect(page.locator("[data-checked]")).to_contain_text("2")
    page.fill("input[name=note]", "今日内反馈")
    page.click("button[name=action][value=urge]")
    expect(page.locator(".toasts")).to_contain_text("已催办 2 件")
    assert sum(Issue.objects.filter(pk__in=[issue.pk for issue in issues]).values_list("urge_count", flat=True)) == 2


@pytest.mark.long
def test_enter_in_the_note_urges_nothing_that_is_not_ticked(world: "World", desk: Open) -> None:
    (issue,) = late(world, 1)
    page = desk("supervisor")
    page.goto(URL)
    page.fill("input[name=note]", "今日内反馈")
    page.press("input[name=note]", "Enter")
    expect(page.locator(".toasts")).to_contain_text("请先勾选工单")
    assert Issue.objects.get(pk=issue.pk).urge_count == 0


@pytest.mark.long
def test_j_and_enter_open_the_next_row(world: "World", desk: Open) -> None:
    issues = late(world, 2)
    page = desk("supervisor")
    page.goto(URL)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: unquote(url).endswith(f"/{issues[1].number}/"))


@pytest.mark.long
def test_it_works_without_a_script(world: "World", browser: Browser, live_server: "LiveServer") -> None:
    (issue,) = late(world, 1)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/login/")
    page.fill("input[name=username]", "supervisor")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")
    page.goto(URL)
    page.click("[data-told]")
    expect(page.locator(".desk-told")).to_contain_text("何志明")
    page.goto(URL)
    page.check("input[name=issue]")
    page.click("button[name=action][value=supervise]")
    expect(page.locator(".toasts")).to_contain_text("已拟督办单 1 件")
    assert Issue.objects.get(pk=issue.pk).asks == ["order"]
    context.close()


def test_a_deputy_uses_it_on_the_phone(world: "World", desk: Open) -> None:
    (issue,) = late(world, 1)
    page = desk("deputy", width=390, height=844)
    for path in (URL, f"{URL}?view=unsigned", "/console/departments/", "/console/departments/MUNICIPAL/"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    page.goto(URL)
    button = page.locator("button[name=one]").first
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    button.click()
    expect(page.locator(".toasts")).to_contain_text("已催办 1 件")
    assert Issue.objects.get(pk=issue.pk).urge_count == 1
