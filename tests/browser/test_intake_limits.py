"""What each level leads to follows what is chosen while somebody speaks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journey import choose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_limits_follow_kind_and_category(desk: Callable[..., Page]) -> None:
    page = desk("clerk")
    page.goto("/console/issues/new/")
    by_category = page.locator("#id_level-none-help")
    expect(by_category).to_contain_text("5个工作日内办理")
    page.locator("label", has=page.locator("input[name=kind][value=complaint]")).click()
    expect(by_category).to_contain_text("10个工作日内办理")
    choose(page, "category", "路面积水与内涝")
    expect(by_category).to_contain_text("24小时")
