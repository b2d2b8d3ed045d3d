"""A leader's phone at 390 px without a script: an entry, its person, a matter of it, the building; then the clerk."""

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from ledger.models import LedgerEntry
from tests.browser.conftest import Open, Watch
from tests.support.cast import PASSWORD

if TYPE_CHECKING:
    from tests.support.cast import World


def test_a_leader_notes_and_makes_a_matter_of_it(world: "World", phone: Open, desk: Open, watch: Watch) -> None:
    watch.expected = {400}
    page = phone(scripts=False)
    page.goto("/login/?next=/leader/")
    page.fill("input[name=username]", "leader")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.get_by_role("link", name="记一笔台账").click()
    page.get_by_text("帮扶", exact=True).click()
    page.fill("#note", "她有糖尿病，帮忙拿东西")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#note-error")).to_contain_text("糖尿病")
    expect(page.locator("#kind-help")).to_be_checked()
    page.fill("#note", "帮忙拿东西，二单元门口地砖松了")
    page.get_by_text("写上哪一户、哪个人").click()
    page.fill("#person", "何婆婆")
    page.fill("#room", "602")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("main")).to_contain_text("已记下")
    page.get_by_role("link", name="转给社区办理").click()
    expect(page.locator("#description")).to_have_value("帮忙拿东西，二单元门口地砖松了")
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("已收到 桂城-")
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    page.locator(".tabs").get_by_role("link", name="楼栋").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"86户 · 1件在办"))
    expect(page.locator("main")).not_to_contain_text("何婆婆")
    entry = LedgerEntry.objects.select_related("issue").get()
    page.locator(".tabs").get_by_role("link", name="我的").click()
    page.get_by_role("link", name="来自台账").click()
    expect(page.locator("main")).to_contain_text(entry.issue.number if entry.issue else "none")
    clerk = desk("clerk2")
    clerk.goto("/console/ledger/")
    expect(clerk.locator("main")).to_contain_text("何*婆")
    clerk.get_by_role("link", name=entry.number).click()
    clerk.fill("#id_reason", "核实走访")
    clerk.get_by_role("button", name="查看完整信息").click()
    expect(clerk.locator("main")).to_contain_text("何婆婆")
