"""A secretary types while people talk: by keyboard alone, with the connection cut, beside another secretary."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from common.clock import now
from meetings.models import MeetingItem
from tests.browser.conftest import Watch
from tests.integration.meetings.room import live

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def type_item(page: Page, words: str, answer: str) -> None:
    """From community to answer with the keyboard alone."""
    page.keyboard.type("xiadong")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("社区书记")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    page.keyboard.type(answer)


def test_nothing_typed_is_lost_and_nothing_is_written_over(world: "World", desk: Open, watch: Watch) -> None:
    meeting = live(world, at=now())
    page = desk("clerk")
    page.goto(f"/console/meetings/{meeting.pk}/desk/")
    page.locator("#id_community").focus()
    type_item(page, "幸福路口积水", "下一步由水务办尽快清疏")
    kept = page.locator("[data-kept]")
    expect(kept).to_contain_text("已保存")
    proposals = page.locator("[data-proposals]")
    expect(proposals).to_contain_text("有承诺，没有期限")
    page.keyboard.press("Alt+7")
    expect(page.locator("#id_department")).to_have_value("水务管理办公室")
    page.keyboard.press("Alt+2")
    expect(page.locator("[name=answer_kind][value=dated]")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#id_community")).to_be_focused()
    watch.expected.add(0)
    for number, words in ((2, "路灯不亮"), (3, "充电桩不够")):
        page.context.set_offline(True)
        type_item(page, words, "年内完成")
        expect(kept).to_contain_text("连接断开")
        page.keyboard.press("Control+Enter")
        page.context.set_offline(False)
        expect(page.locator(f"[data-items] [data-number='{number}']")).to_contain_text(words)
    watch.problems = [one for one in watch.problems if "ERR_INTERNET_DISCONNECTED" not in one]
    typed = list(MeetingItem.objects.order_by("number").values_list("words", "answer", "raised_by", "department__code"))
    assert [row[:3] for row in typed] == [
        ("幸福路口积水", "下一步由水务办尽快清疏", "社区书记"),
        ("路灯不亮", "年内完成", "社区书记"),
        ("充电桩不够", "年内完成", "社区书记"),
    ]
    assert typed[0][3] == "WATER"
    tall = page.evaluate("document.documentElement.scrollHeight - document.documentElement.clientHeight")
    assert tall <= 0, f"{tall} px to scroll"

    other = desk("supervisor")
    for one in (page, other):
        one.goto(f"/console/meetings/{meeting.pk}/desk/?item=2")
    other.fill("[name=answer]", "月底前修好")
    expect(other.locator("[data-kept]")).to_contain_text("已保存")
    watch.expected.add(409)
    page.fill("[name=answer]", "下周修好")
    expect(page.locator("[data-theirs]")).to_contain_text("月底前修好")
    expect(page.locator("[name=answer]")).to_have_value("下周修好")
    page.reload()
    expect(page.locator("[data-theirs]")).to_contain_text("月底前修好")
    expect(page.locator("[name=answer]")).to_have_value("下周修好")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/items/") else None)
    page.fill("[name=answer]", "下周就修好")
    page.locator("[name=words]").focus()
    page.wait_for_timeout(1_500)
    assert not sent, "what is compared is sent before one of the two texts has been chosen"
    page.click("[data-take=mine]")
    expect(page.locator("[data-kept]")).to_contain_text("已保存")
    assert MeetingItem.objects.get(number=2).answer == "下周就修好"
