"""A rain round: sent from the desk, answered on a phone without a script, read at the desk, its water reported."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from common.clock import now
from issues.models import Issue
from tests.browser.conftest import PASSWORD

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Open = Callable[..., Page]


def test_from_the_desk_to_the_stairwell_and_back(world: "World", desk: Open, phone: Open) -> None:
    for _number in range(2):
        world.create(by="clerk2", at=now(), community="dade", building_id=world.buildings["bihu3"].pk)
    clerk = desk("clerk2")
    clerk.goto("/console/leader-tasks/")
    clerk.get_by_role("link", name="发给楼长").click()
    clerk.get_by_role("link", name="雨天任务").click()
    clerk.fill("input[name=title]", "暴雨将至，请看看积水点")
    clerk.select_option("select[name=warning]", "orange")
    clerk.get_by_role("button", name="看看发给谁").click()
    expect(clerk.locator("section[aria-labelledby=whom]")).to_contain_text("碧湖花园3栋 · 陈姨")
    clerk.get_by_role("button", name="发送", exact=True).click()
    expect(clerk.locator("table")).to_contain_text("没有回应")

    leader = phone(scripts=False)
    leader.goto("/login/")
    leader.fill("input[name=username]", "leader")
    leader.fill("input[name=password]", PASSWORD)
    leader.press("input[name=password]", "Enter")
    expect(leader.locator("section[aria-labelledby=tasks]")).to_contain_text("请您回应（1）")
    leader.get_by_role("link", name=re.compile("暴雨将至")).click()
    expect(leader.locator("textarea[name=note]")).to_be_visible()
    for button in leader.locator("main button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    leader.fill("textarea[name=note]", "门口没过脚踝")
    leader.get_by_role("button", name="积水", exact=True).click()
    expect(leader.locator("main")).to_contain_text("您已回应：积水")
    leader.get_by_role("link", name="上报这处积水").click()
    expect(leader.locator("textarea[name=description]")).to_have_value("碧湖花园3栋积水")
    leader.get_by_role("button", name="提交").click()
    leader.wait_for_url("**/leader/")
    assert Issue.objects.latest("id").building_id == world.buildings["bihu3"].pk

    clerk.reload()
    row = clerk.locator("tbody tr")
    expect(row).to_contain_text("积水")
    expect(row).to_contain_text("门口没过脚踝")
