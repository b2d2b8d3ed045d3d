"""An identity or bank card is recognised while somebody types; why it must be kept is asked only then."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from issues.models import Issue
from tests.browser.test_journey import choose

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "社保卡补办，身份证 110105 19491231 002X，请联系"


def test_the_clerk_is_asked_why_it_must_be_kept(desk: Callable[..., Page]) -> None:
    page = desk("clerk")
    page.goto("/console/issues/new/")
    line, why = page.locator("#cards-line"), page.locator("[name=keep_numbers]")
    expect(line).to_be_hidden()
    expect(why).to_be_hidden()
    page.fill("[name=contact_phone]", "19900001234")
    page.fill("[name=description]", WORDS)
    expect(line).to_contain_text("识别到 1 个证件号")
    expect(why).to_be_visible()
    page.fill("[name=description]", "社保卡补办，请联系")
    expect(line).to_be_hidden()
    expect(why).to_be_hidden()
    page.fill("[name=description]", WORDS)
    why.fill("窗口核对身份")
    choose(page, "place", "幸福路")
    choose(page, "category", "路面积水与内涝")
    page.locator("button[value=next]").click()
    expect(page.locator("[data-toast]")).to_contain_text("完整号码已加密保存")
    issue = Issue.objects.select_related("contact").get()
    assert issue.description == "社保卡补办，身份证 [证件号]，请联系"
    assert issue.contact is not None
    assert issue.contact.numbers == "identity 11010519491231002X"


def test_the_resident_reads_it_beside_the_words(phone: Callable[..., Page]) -> None:
    page = phone()
    page.goto("/report/")
    page.locator("#description").press_sequentially(WORDS)
    expect(page.locator("[data-similar]")).to_contain_text("您写了 1 个证件号")
