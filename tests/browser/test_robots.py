"""The door in a real browser: a phone does its sum unseen, one without scripts or Workers looks once more."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common import limits
from door import challenges
from issues.models import Issue
from tests.browser.conftest import Open, Watch, choose_place
from tests.support.cast import PHONE, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "3栋门口地砖松了两块，老人绊倒"
SUBMIT = "main form[enctype] .submit button[type=submit]"
NO_WORKER = "delete window.Worker;"
BROKEN_WORKER = "window.Worker = class { constructor() { throw new Error('none here'); } };"


@pytest.fixture(autouse=True)
def guarded(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_FORMS_GUARDED = True
    monkeypatch.setattr(challenges, "QUICKEST", timedelta(0))


def fill(page: Page) -> None:
    page.goto("/report/")
    page.fill("#description", WORDS)
    choose_place(page, "大德社区")
    page.fill("#contact_phone", PHONE)


def test_a_phone_with_scripts_is_asked_nothing(world: World, phone: Open) -> None:
    page = phone()
    fill(page)
    page.click(SUBMIT)
    expect(page.locator(".number")).to_be_visible()
    assert (Issue.objects.count(), limits.UNPROVEN_PER_NETWORK.used("127.0.0.1")) == (1, 0)


@pytest.mark.parametrize("without", ["scripts", "Workers", "Workers that work"])
def test_without_them_the_form_is_looked_through_once_more(world: World, phone: Open, without: str) -> None:
    page = phone(scripts=without != "scripts")
    if without != "scripts":
        page.add_init_script(NO_WORKER if without == "Workers" else BROKEN_WORKER)
    page.goto("/")
    page.click("button[name=elder], form[action='/preferences/'] button >> nth=0")
    expect(page.locator("html")).to_have_attribute("data-elder", "22")
    fill(page)
    page.click(SUBMIT)
    held = page.locator(".summary:visible")
    expect(held).to_contain_text("请再看一遍")
    expect(page.locator("#description")).to_have_value(WORDS)
    assert Issue.objects.count() == 0
    page.locator(SUBMIT, has_text="确认提交").first.click()
    expect(page.locator(".number")).to_be_visible()
    assert Issue.objects.count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_quick_fingers_are_asked_kindly(
    world: World, phone: Open, watch: Watch, monkeypatch: pytest.MonkeyPatch, scripts: bool
) -> None:
    watch.expected.add(400)
    monkeypatch.setattr(challenges, "QUICKEST", timedelta(hours=1))
    page = phone(scripts=scripts)
    fill(page)
    page.click(SUBMIT)
    expect(page.locator(".summary:visible")).to_contain_text("太快")
    expect(page.locator("#description")).to_have_value(WORDS)
    monkeypatch.setattr(challenges, "QUICKEST", timedelta(0))
    page.click(SUBMIT)
    if not scripts:
        page.locator(SUBMIT, has_text="确认提交").first.click()
    expect(page.locator(".number")).to_be_visible()
    assert Issue.objects.count() == 1
