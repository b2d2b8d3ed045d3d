"""A secretary types while people talk: by keyboard alone, with the connection cut, beside another secretary."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from common.clock import now
from communities.models import Community
from meetings.models import MeetingItem
from tests.browser.conftest import Watch
from tests.integration.meetings.room import live

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def type_item(page: Page, words: str, answer: str, community: str = "xiadong") -> None:
    """From community to answer with the keyboard alone."""
    page.keyboard.type(community)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("社区书记")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    page.keyboard.type(answer)


def all_is_saved(page: Page) -> None:
    """Nothing waits any more: the list shows an item as soon as its first words have arrived."""
    page.wait_for_function(
        "() => sessionStorage.getItem(document.querySelector('form.meeting-form').dataset.draft) === '[]'"
    )


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
    all_is_saved(page)
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
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    expect(page.locator("[data-kept]")).to_contain_text("没有转")
    expect(page.locator("[data-theirs]")).to_contain_text("月底前修好")
    assert not MeetingItem.objects.filter(issue__isnull=False).exists(), "of what is refused nothing is made"
    page.click("[data-take=mine]")
    expect(page.locator("[data-kept]")).to_contain_text("已保存")
    assert MeetingItem.objects.get(number=2).answer == "下周就修好"


PLACES = {
    "dongyue": "东约社区", "xiyue": "西约社区", "nanyue": "南约社区", "beiyue": "北约社区", "guiya": "桂雅社区",
    "yihai": "怡海社区", "wenhua": "文华社区", "denghu": "灯湖社区", "haiyi": "海逸社区", "cuiyi": "翠颐社区",
    "dienan": "叠南社区", "shiken": "石肯社区",
}  # fmt: skip
"""With the two of the cast fourteen."""


def test_fourteen_communities_and_thirty_items_in_one_sitting(world: "World", desk: Open, watch: Watch) -> None:
    """By keyboard alone, the connection cut twice; then one key makes a promise of an answer, another a matter."""
    Community.objects.bulk_create(
        Community(
            subdistrict=world.area, name_zh=name, kind="urban", code=f"4406050111{number:02}", phone="0757-00001001",
            initials=key[:4],
        )
        for number, (key, name) in enumerate(PLACES.items())
    )  # fmt: skip
    meeting, keys = live(world, at=now()), ["xiadong", "dade", *PLACES]
    page = desk("clerk")
    page.goto(f"/console/meetings/{meeting.pk}/desk/")
    page.locator("#id_community").focus()
    watch.expected.add(0)
    kept, typed = page.locator("[data-kept]"), page.locator("[data-items] > li")
    for number in range(30):
        if number in (9, 20):
            page.context.set_offline(True)
        type_item(page, f"第{number + 1}件事", "水务办年内完成", keys[number % len(keys)])
        if number in (11, 22):
            expect(kept).to_contain_text("连接断开")
            page.context.set_offline(False)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#id_community")).to_be_focused()
    expect(typed).to_have_count(30)
    all_is_saved(page)
    watch.problems = [one for one in watch.problems if "ERR_INTERNET_DISCONNECTED" not in one]
    rows = list(MeetingItem.objects.order_by("number").values_list("words", "community__name_zh"))
    assert sorted(words for words, _place in rows) == sorted(f"第{number + 1}件事" for number in range(30))
    assert len({place for _words, place in rows}) == 14

    last = rows[-1][0]
    MeetingItem.objects.filter(words=last).update(department=world.departments["WATER"])
    page.reload()
    page.locator("#id_community").focus()
    page.keyboard.press("Escape")
    chosen = page.locator("[data-items] > li.is-selected")
    expect(chosen).to_contain_text(last)
    page.keyboard.press("c")
    expect(chosen.locator("[data-made]")).to_have_text("承诺事项")
    page.keyboard.press("k")
    expect(chosen).to_contain_text(rows[-2][0])
    page.keyboard.press("g")
    expect(chosen.locator("[data-made]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[name=words]")).to_be_focused()
    item = MeetingItem.objects.select_related("commitment", "issue").get(words=last)
    assert item.commitment is not None
    other = MeetingItem.objects.get(words=rows[-2][0])
    assert other.issue_id is not None
