"""Nothing typed into the console is lost, whatever happens to the page; and nobody else finds it."""

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from accounts.models import StoredSession
from issues.models import Issue
from tests.browser.conftest import PASSWORD, Open, Watch
from tests.support.sampling import sampled

if TYPE_CHECKING:
    from tests.support.cast import World

pytestmark = [pytest.mark.long, pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS: Final = "周五前清疏，已约养护队"
KEPT: Final = """() => new Promise((resolve) => {
  const request = indexedDB.open('desk', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('drafts', { keyPath: 'token' });
  request.onsuccess = () => {
    const rows = request.result.transaction('drafts').objectStore('drafts').getAll();
    rows.onsuccess = () => { request.result.close(); resolve(rows.result.length); };
  };
})"""
FIELD: Final = "textarea[name=note]"
SUBMIT: Final = "#panel button[data-key=ctrl-enter]"
NOTE: Final = "[data-draft-note]"


def panel(status: str, action: str) -> Callable[["World"], str]:
    return lambda world: f"/console/issues/{world.make_issue(status).number}/?action={action}"


FORMS: Final[dict[str, tuple[str, Callable[["World"], str], str]]] = {
    "reply": ("officer", panel("in_progress", "reply"), FIELD),
    "progress": ("officer", panel("in_progress", "progress"), FIELD),
    "dispatch": ("clerk", panel("accepted", "dispatch"), FIELD),
    "meeting": ("supervisor", lambda world: "/console/meetings/new/", "input[name=title]"),
    "proposal": ("supervisor", lambda world: "/console/proposals/new/", "textarea[name=words]"),
    "visit": ("clerk", lambda world: "/console/visits/new/", FIELD),
    "intake": ("clerk", lambda world: "/console/issues/new/", "textarea[name=description]"),
    "activity": ("clerk", lambda world: "/console/activities/new/", "input[name=title]"),
}


def reloaded(page: Page) -> Page:
    page.reload()
    return page


def left_and_come_back(page: Page) -> Page:
    url = page.url
    page.click(".rail a >> nth=0")
    page.wait_for_url(lambda now: now != url)
    page.goto(url)
    return page


def gone_back(page: Page) -> Page:
    page.goto("/console/")
    page.go_back()
    return page


def closed(page: Page) -> Page:
    url, context = page.url, page.context
    page.close()
    again = context.new_page()
    again.goto(url)
    return again


def in_another_language(page: Page) -> Page:
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": page.url}])
    page.reload()
    return page


def signed_out_by_the_server(page: Page) -> Page:
    url = page.url
    StoredSession.objects.all().delete()
    page.reload()
    page.fill("input[name=username]", page.evaluate("window.name"))
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda now: "/login/" not in now)
    page.goto(url)
    return page


WAYS: Final = {
    way.__name__: way
    for way in (reloaded, left_and_come_back, gone_back, closed, in_another_language, signed_out_by_the_server)
}


def kept(page: Page, number: int = 1) -> None:
    page.wait_for_function(f"({KEPT})().then((found) => found === {number})")


LAST_KEPT: Final = KEPT.replace("rows.result.length", "Math.max(...rows.result.map((one) => one.at), 0)")
NOTES_WHEN: Final = "document.addEventListener('input', () => { window.typedAt = Date.now(); }, true)"


def typed(page: Page, path: str, field: str, words: str = WORDS) -> None:
    """Typed on a page that was just opened, and kept to the last letter; the server has heard that somebody types."""
    page.goto(path)
    with page.expect_response(
        lambda answer: answer.url.endswith("/account/session/") and answer.request.method == "POST"
    ):
        typed_on(page, field, words)
    kept(page)


def typed_on(page: Page, field: str, words: str) -> None:
    page.evaluate(NOTES_WHEN)
    page.locator(field).press_sequentially(words)
    page.wait_for_function(f"({LAST_KEPT})().then((at) => at >= window.typedAt)")


@pytest.mark.parametrize(("name", "way"), sampled(list(product(FORMS, WAYS)), one_in=4))
def test_what_was_typed_is_there_again(world: "World", desk: Open, name: str, way: str) -> None:
    username, path, field = FORMS[name]
    page = desk(username)
    page.evaluate("name => { window.name = name; }", username)
    typed(page, path(world), field)
    page = WAYS[way](page)
    expect(page.locator(field)).to_have_value(WORDS)
    page.locator(NOTE).get_by_role("button").click()
    expect(page.locator(field)).to_have_value("")
    kept(page, 0)


def test_what_the_server_took_is_forgotten_and_what_it_refused_is_not(world: "World", desk: Open, watch: Watch) -> None:
    watch.expected.add(400)
    issue = world.make_issue("in_progress")
    page, url = desk("officer"), f"/console/issues/{issue.number}/?action=reply"
    typed(page, url, FIELD)
    with page.expect_navigation():
        page.click(SUBMIT)
    expect(page.locator(FIELD)).to_have_value(WORDS)
    expect(page.locator(NOTE)).to_have_count(0)
    page.goto(f"/console/issues/{issue.number}/")
    page.locator("[data-drafts] a").click()
    expect(page.locator(FIELD)).to_have_value(WORDS)
    page.locator("label", has=page.locator("input[name=outcome][value=explained]")).click()
    page.click(SUBMIT)
    page.wait_for_url(lambda now: "action" not in now)
    kept(page, 0)
    page.goto(f"/console/issues/{issue.number}/?action=comment")
    expect(page.locator(FIELD)).to_have_value("")
    expect(page.locator(NOTE)).to_have_count(0)


def test_a_session_that_ends_before_sending_takes_nothing(world: "World", desk: Open) -> None:
    page, url = desk("officer"), f"/console/issues/{world.make_issue('in_progress').number}/?action=progress"
    typed(page, url, FIELD)
    StoredSession.objects.all().delete()
    page.click(SUBMIT)
    page.fill("input[name=username]", "officer")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda now: "/login/" not in now)
    page.goto(url)
    expect(page.locator(FIELD)).to_have_value(WORDS)


def test_what_somebody_else_did_meanwhile_is_not_undone(world: "World", desk: Open, watch: Watch) -> None:
    """What comes back was filled in as an older version: it is refused, kept, and may be sent once that was read."""
    watch.expected.add(409)
    issue = world.make_issue("in_progress")
    page, url = desk("clerk"), f"/console/issues/{issue.number}/?action=edit"
    typed(page, url, "input[name=title]", "，很深")
    world.act(issue, "edit", "supervisor", address="幸福路12号")
    page.goto("/console/")
    page.goto(url)
    expect(page.locator(NOTE)).to_be_visible()
    page.click(SUBMIT)
    expect(page.locator("#main")).to_contain_text("您填写的内容已保留")
    issue.refresh_from_db()
    assert issue.address == "幸福路12号"
    page.goto(f"/console/issues/{issue.number}/")
    page.locator("[data-drafts] a").click()
    expect(page.locator("input[name=title]")).to_have_value(re.compile("，很深"))


def test_photos_come_back_and_their_names_are_nobodys(world: "World", desk: Open, watch: Watch, tmp_path: Path) -> None:
    watch.expected.add(400)
    picture = tmp_path / "zhangsan.jpg"
    Image.new("RGB", (400, 300), (90, 110, 80)).save(picture, "JPEG")
    page = desk("clerk")
    typed(page, "/console/issues/new/", "textarea[name=description]")
    page.set_input_files("[data-upload] input[type=file]", str(picture))
    expect(page.locator(".upload-list li")).to_have_count(1)
    page.wait_for_function(
        f"({KEPT.replace('rows.result.length', 'rows.result[0].photos.length')})().then((n) => n === 1)"
    )
    page.locator("button[name=then][value=next]").last.click()
    expect(page.locator("[data-focus]")).to_be_visible()
    typed_on(page, "textarea[name=description]", "！")
    everything = KEPT.replace("rows.result.length", "JSON.stringify(rows.result)")
    assert "zhangsan" not in page.evaluate(everything)
    page.goto("/console/issues/new/")
    expect(page.locator(".upload-list li")).to_have_count(1)
    expect(page.locator("textarea[name=description]")).to_have_value(f"！{WORDS}")


def test_without_a_network_it_waits_and_goes_once(world: "World", desk: Open) -> None:
    issue = world.make_issue("in_progress")
    page = desk("officer")
    typed(page, f"/console/issues/{issue.number}/?action=progress", FIELD)
    page.context.set_offline(True)
    page.click(SUBMIT)
    expect(page.get_by_role("alert").filter(has_text="网络中断")).to_be_visible()
    version = Issue.objects.get(pk=issue.pk).version
    page.context.set_offline(False)
    page.wait_for_url(lambda now: "action" not in now)
    assert Issue.objects.get(pk=issue.pk).version == version + 1
    kept(page, 0)


def test_nobody_else_finds_it(world: "World", desk: Open) -> None:
    page = desk("officer")
    url = f"/console/issues/{world.make_issue('in_progress').number}/?action=progress"
    typed(page, url, FIELD)
    rows = page.evaluate(KEPT.replace("rows.result.length", "new TextDecoder().decode(rows.result[0].words.sealed)"))
    assert WORDS not in rows
    StoredSession.objects.all().delete()
    page.goto("/login/")
    page.fill("input[name=username]", "clerk")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda now: "/login/" not in now)
    kept(page, 0)


def test_signing_out_leaves_nothing(world: "World", desk: Open) -> None:
    page = desk("officer")
    typed(page, f"/console/issues/{world.make_issue('in_progress').number}/?action=progress", FIELD)
    page.evaluate("document.querySelector('[data-forget-drafts]').requestSubmit()")
    page.wait_for_url(lambda now: "/login/" in now or now.endswith("/"))
    kept(page, 0)


def test_a_page_whose_session_is_over_hides_what_is_on_it(world: "World", desk: Open) -> None:
    page = desk("officer")
    typed(page, f"/console/issues/{world.make_issue('in_progress').number}/?action=progress", FIELD)
    StoredSession.objects.all().delete()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#main")).to_be_hidden()
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="在新窗口登录").click()
    other = opening.value
    other.fill("input[name=username]", "officer")
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    other.wait_for_url(lambda now: "/login/" not in now)
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator(FIELD)).to_have_value(WORDS)
    page.click(SUBMIT)
    page.wait_for_url(lambda now: "action" not in now)
