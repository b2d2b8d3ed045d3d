"""`make screenshots`: take the README's pictures from a running demonstration (`make run`, PORT as given there)."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts import browser as browsers

BASE = Path(__file__).resolve().parent.parent
TARGET = BASE / "docs" / "screenshots"
URL = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
PASSWORD = "guicheng-demo"  # noqa: S105 - the demonstration's public password
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


def signed_in(browser: Browser, username: str, *, scheme: str = "light", phone: bool = False) -> Page:
    """A page of this demo account, as wide as a desk's or a phone's."""
    context = browser.new_context(
        base_url=URL,
        viewport={"width": 390, "height": 844} if phone else {"width": 1366, "height": 768},
        device_scale_factor=2 if phone else 1,
        locale="zh-CN",
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto("/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def shot(page: Page, name: str, path: str) -> None:
    """One picture of one page."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=TARGET / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


def console(browser: Browser) -> None:
    """The staff's pages."""
    clerk = signed_in(browser, "clerk")
    shot(clerk, "inbox", "/console/")
    shot(clerk, "intake", "/console/issues/new/")
    officer = signed_in(browser, "officer")
    shot(officer, "list", "/console/?layout=list")
    link = officer.locator("a[href*='action=reply']").first.get_attribute("href")
    shot(officer, "issue", link or "/console/issues/")
    office = signed_in(browser, "supervisor")
    shot(office, "desk", "/console/supervision/")
    shot(office, "promises", "/console/commitments/?view=all")
    office.goto("/console/meetings/")
    live = (
        office.locator("main .card a[href^='/console/meetings/']").first.get_attribute("href") or "/console/meetings/"
    )
    shot(office, "meeting", f"{live}desk/")
    shot(signed_in(browser, "supervisor", scheme="dark"), "dark", "/console/")
    shot(signed_in(browser, "admin"), "ladder", "/console/admin/ladder/")


def residents(browser: Browser) -> None:
    """The residents' pages, and a leader's."""
    context = browser.new_context(
        base_url=URL, viewport={"width": 390, "height": 844}, locale="zh-CN", device_scale_factor=2
    )
    page = context.new_page()
    shot(page, "home", "/")
    shot(page, "meetings", "/meetings/")
    clerk = signed_in(browser, "clerk2")
    clerk.goto("/console/issues/?status=replied")
    clerk.locator("main table tbody a[href^='/console/issues/']").first.click()
    clerk.wait_for_load_state("networkidle")
    matter = clerk.locator("a[href*='/t/']").first.get_attribute("href") or "/track/"
    shot(page, "matter", matter)
    context.add_cookies([{"name": "elder", "value": "22", "url": URL}])
    shot(page, "elder", "/")
    shot(signed_in(browser, "leader", phone=True), "leader", "/leader/")


def main() -> int:
    """All pictures; 1 where no product runs or no browser is found."""
    path = browsers.find()
    if path is None:
        print(browsers.NONE_FOUND, file=sys.stderr)
        return 1
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            console(browser)
            residents(browser)
        except Error as error:
            print(
                f"{URL} could not be pictured (is `make run` running?): {str(error).splitlines()[0]}", file=sys.stderr
            )
            return 1
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
