"""Notifications in a real browser: the bell counts by itself, the keyboard reads and puts off, settings are kept."""

import pytest
from playwright.sync_api import Page, expect

from common.clock import now
from reminders.enums import Channel, OutboxState
from reminders.models import OutboxMessage, Preference
from reminders.services.fan_out import fan_out
from tests.browser.conftest import Open
from tests.support.cast import World
from tests.support.outbox import channel, events, queue, states

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def told(world: World, count: int = 1) -> None:
    for _number in range(count):
        world.make_issue("dispatched")
    fan_out(at=now())


def _half_a_minute_passes(page: Page) -> None:
    with page.expect_event("requestfinished", lambda request: "/bell/" in request.url):
        page.clock.fast_forward(31_000)


@pytest.mark.long
def test_the_bell_counts_by_itself_and_keeps_the_focus(world: World, desk: Open) -> None:
    told(world)
    page = desk("officer")
    page.clock.install()
    page.goto("/console/help/")
    bell = page.locator(".header-link:has(#bell)")
    expect(page.locator(".bell-count")).to_contain_text("1")
    bell.focus()
    _half_a_minute_passes(page)
    expect(page.locator(".bell-count")).to_contain_text("1")
    told(world)
    _half_a_minute_passes(page)
    expect(page.locator(".bell-count")).to_contain_text("2")
    expect(bell).to_be_focused()


def test_the_keyboard_walks_reads_and_puts_off(world: World, desk: Open) -> None:
    told(world, 3)
    page = desk("officer")
    page.goto("/console/notifications/")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(3)
    page.keyboard.press("j")
    expect(rows.nth(0).locator("[data-row-link]")).to_be_focused()
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("e")
    expect(page.locator(".notification-unread")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(rows.nth(0).locator(".notice-moment").first).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    expect(page.locator("#toasts")).to_contain_text("已推迟到")
    page.click("text=稍后处理 >> nth=0")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("提醒时间")


@pytest.mark.long
def test_why_opens_below_its_row(world: World, desk: Open) -> None:
    told(world)
    page = desk("officer", width=390, height=844)
    page.goto("/console/notifications/")
    page.click("text=为什么通知我")
    expect(page.locator(".notice-why p").first).to_have_text("您在收件岗。")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.long
def test_settings_are_kept(world: World, desk: Open) -> None:
    channel(world, Channel.SMS, "https://sms.example.org/", secret="t")
    page = desk("officer")
    page.goto("/console/notifications/settings/")
    page.check("input[name='new.sms'][value=now]", force=True)
    with page.expect_navigation():
        page.click(".notice-foot .btn-primary")
    expect(page.locator("#toasts")).to_contain_text("已保存通知设置")
    expect(page.locator("input[name='new.sms'][value=now]")).to_be_checked()
    assert Preference.objects.get(topic="new", channel="sms").mode == "now"


@pytest.mark.long
def test_dead_letters_are_ticked_together(world: World, desk: Open) -> None:
    issue = world.make_issue("in_progress")
    queue(channel(world, Channel.WECOM), events(issue, 3))
    OutboxMessage.objects.update(state=OutboxState.DEAD, error="away: x", attempts=12)
    page = desk("supervisor")
    page.goto("/console/admin/outbox/")
    page.check("[data-outbox-all] input")
    expect(page.locator("[data-outbox-count]")).to_have_text("已选 3")
    with page.expect_navigation():
        page.click("text=重新发送")
    expect(page.locator("#toasts")).to_contain_text("已重新排队 3 条消息")
    assert states() == {"queued": 3}
