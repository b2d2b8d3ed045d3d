"""The lightbox and the upload field in a real browser, under the product's own content security policy."""

import io
import os
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from PIL import Image
from playwright.sync_api import Page, Route, expect

from files import processing
from files.models import StoredFile
from files.presenting import present_file
from issues.models import Issue
from issues.reading.attachments import staff_link
from tests.browser.conftest import Open, Watch
from tests.support import hostile_files as made
from tests.support.cast import NOW, World
from tests.support.photos import photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
SHELL = """<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>t</title>
<link rel="stylesheet" href="/static/vendor/tabler.min.css"><link rel="stylesheet" href="/static/css/tokens.css">
<link rel="stylesheet" href="/static/css/console.css"><link rel="stylesheet" href="/static/css/files.css">
<script type="module" src="/static/js/lightbox.js"></script><script type="module" src="/static/js/upload.js"></script>
</head><body class="console"><main>{body}</main></body></html>"""


def show(page: Page, body: str) -> None:
    """A page of this site with nothing but ``body``."""

    def answer(route: Route) -> None:
        headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
        route.fulfill(body=SHELL.replace("{body}", body), headers=headers)

    page.route("**/only-here/", answer)
    page.goto("/only-here/")


def a_large_photo(path: Path) -> bytes:
    """A photo of 3000 by 2000 pixels as a phone held upright writes it: lying, to be turned."""
    noise = Image.frombytes("RGB", (750, 500), os.urandom(750 * 500 * 3)).resize((3000, 2000))
    noise.paste(made.RED, (0, 0, 1000, 2000))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=92, exif=made.exif(6))
    path.write_bytes(out.getvalue())
    return out.getvalue()


def upload_form(page: Page, world: World, issue: Issue, *, at_once: bool) -> None:
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    upload = {
        "name": "attachments",
        "label": "照片和附件",
        "most": 3,
        "url": f"/api/v1/issues/{issue.number}/attachments/" if at_once else "",
    }
    field = render_to_string("components/upload.html", {"upload": upload})
    show(page, f'<form><input type="hidden" name="csrfmiddlewaretoken" value="{token}">{field}</form>')


@pytest.mark.long
def test_photos_open_over_the_page(world: World, desk: Open) -> None:
    issue = world.make_issue("in_progress")
    photos = [present_file(photo(world, issue, NOW, name=f"{n}.jpg"), staff_link, label="办理进展") for n in range(3)]
    pairs = [{"before": photos[0], "after": photos[1]}]
    page = desk("clerk")
    show(page, render_to_string("components/photos.html", {"photos": photos, "pairs": pairs}))
    expect(page.locator(".shot-pairs figcaption").first).to_contain_text("办理前")
    first = page.locator(".shots a").first
    first.click()
    box = page.get_by_role("dialog")
    expect(box.get_by_text("1 / 3")).to_be_visible()
    expect(box.get_by_role("button", name="关闭")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(box.get_by_text("2 / 3")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(box.get_by_text("3 / 3")).to_be_visible()
    expect(box.locator("img")).to_have_attribute("src", page.locator(".shots a").nth(2).evaluate("a => a.href"))
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.locator(".shots a").nth(2)).to_be_focused()
    page.locator(".shot-pairs a").nth(1).press("Enter")
    expect(page.get_by_role("dialog").get_by_text("2 / 2")).to_be_visible()
    page.get_by_role("button", name="关闭").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_photo_is_reduced_and_sent_at_once(world: World, desk: Open, tmp_path: Path) -> None:
    issue, page = world.make_issue("in_progress"), desk("officer")
    content = a_large_photo(tmp_path / "现场.jpg")
    upload_form(page, world, issue, at_once=True)
    page.set_input_files("input[type=file]", tmp_path / "现场.jpg")
    kept = page.locator("input[name=attachments]")
    expect(kept).to_have_count(1)
    expect(page.get_by_text("已上传")).to_be_visible()
    file = StoredFile.objects.get()
    assert kept.get_attribute("value") == str(file.pk)
    page.wait_for_function("document.querySelector('input[type=file]').files.length === 0")
    assert file.size < len(content)
    assert (file.width, file.height) == (1365, 2048)
    assert file.taken_at is not None, "the camera's time came along"
    processing.prepare_waiting(clock=lambda: NOW)
    file.refresh_from_db()
    page.goto(staff_link(file, "large"))
    assert page.evaluate("document.images[0].naturalHeight") == 2048


@pytest.mark.long
def test_what_the_server_refuses_is_told_beside_the_field(
    world: World, desk: Open, watch: Watch, tmp_path: Path
) -> None:
    watch.expected.add(400)
    issue, page = world.make_issue("in_progress"), desk("officer")
    (tmp_path / "a.pdf").write_bytes(made.pdf(made.SCRIPT))
    upload_form(page, world, issue, at_once=True)
    page.set_input_files("input[type=file]", tmp_path / "a.pdf")
    expect(page.get_by_role("alert")).to_contain_text("“a.pdf”")
    expect(page.locator(".upload-item")).to_have_count(0)
    assert not StoredFile.objects.exists()


@pytest.mark.long
def test_without_an_address_everything_goes_with_the_form(world: World, desk: Open, tmp_path: Path) -> None:
    issue, page = world.make_issue("in_progress"), desk("officer")
    a_large_photo(tmp_path / "a.jpg")
    for name in ("b.jpg", "c.jpg", "d.jpg"):
        (tmp_path / name).write_bytes(made.plain_jpeg())
    upload_form(page, world, issue, at_once=False)
    names = "Array.from(document.querySelector('input[type=file]').files).map(file => file.name).join()"
    page.set_input_files("input[type=file]", [tmp_path / "a.jpg", tmp_path / "b.jpg"])
    expect(page.locator(".upload-item")).to_have_count(2)
    page.wait_for_function("document.querySelector('input[type=file]').files[0].type === 'image/jpeg'")
    page.set_input_files("input[type=file]", [tmp_path / "c.jpg", tmp_path / "d.jpg"])
    expect(page.get_by_role("alert")).to_contain_text("3")
    expect(page.locator(".upload-item")).to_have_count(3)
    page.get_by_role("button", name="移除 b.jpg").click()
    expect(page.locator(".upload-item")).to_have_count(2)
    page.wait_for_function(f"{names} === 'a.jpg,c.jpg'")
    assert not StoredFile.objects.exists()
