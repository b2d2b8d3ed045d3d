"""A real Chromium against the live server, without bypass of the content security policy.

A journey's page fails the test on any console error, uncaught exception or answer of 500. Axe runs in a context of its
own, for its script has to be let in.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING

import pytest
from django.core.signals import request_finished, request_started
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker
    from pytest_django.live_server_helper import LiveServer

    from tests.support.cast import World
    from tests.support.standing import Standing

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "guicheng-demo"


@pytest.fixture(scope="session")
def browser(chromium_path: str, standing: "Standing", django_db_blocker: "DjangoDbBlocker") -> Iterator[Browser]:
    """One browser for all journeys of this process.

    While it runs an event loop does, and Django's connections are others than before and after: none may stay open.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    leave(standing, django_db_blocker)
    expect.set_options(timeout=60_000)  # what is looked for comes, on a busy machine a little later
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield running
        running.close()
        leave(standing, django_db_blocker)


def leave(standing: "Standing", blocker: "DjangoDbBlocker") -> None:
    """Take down what stands in the database and close the connection."""
    with blocker.unblock():
        standing.begin([])
        connections.close_all()


class UnderWay:
    """How many requests the server is answering; a page that is closed leaves some behind."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._number = 0

    def begun(self, **_given: object) -> None:
        """One more."""
        with self._changed:
            self._number += 1

    def ended(self, **_given: object) -> None:
        """One less."""
        with self._changed:
            self._number -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Until all are answered."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._number <= 0, 60), f"{self._number} requests without an answer"


@pytest.fixture(autouse=True)
def answered(live_server: "LiveServer") -> Iterator[None]:
    """The rows of a test go once nobody reads and writes them any more."""
    under_way = UnderWay()
    request_started.connect(under_way.begun)
    request_finished.connect(under_way.ended)
    yield
    under_way.wait()
    request_started.disconnect(under_way.begun)
    request_finished.disconnect(under_way.ended)


DROPPED = ("htmx:sendAbort,", "htmx:afterRequest,")
"""What htmx writes when the browser drops a request because the person went to another page.
A request that failed, timed out or was refused also writes its own line, which is no expected one."""


class Watch:
    """What must not happen on a page; ``expected`` statuses of answers are let pass."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.expected: set[int] = set()

    def page(self, page: Page) -> None:
        """Listen to this page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith(DROPPED):
            return
        if message.text.startswith("Failed to load resource") and any(
            str(code) in message.text for code in self.expected
        ):
            return
        self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.status} {response.url}")


Open = Callable[..., Page]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test where a page had a problem."""
    watching = Watch()
    yield watching
    assert watching.problems == []


@pytest.fixture
def desk(browser: Browser, live_server: "LiveServer", world: "World", watch: Watch) -> Iterator[Open]:
    """``desk("clerk")``: a signed-in console page; each call is another person's browser."""
    contexts: list[BrowserContext] = []

    def opened(username: str, *, width: int = 1366, height: int = 768, locale: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, locale=locale
        )
        contexts.append(context)
        page = context.new_page()
        watch.page(page)
        page.goto("/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    yield opened
    for context in contexts:
        context.close()


def choose_place(page: Page, name: str) -> None:
    """A community of the report, under its letter: with a script and without."""
    page.click(".where > details > summary")
    page.click(".where details details > summary")
    page.locator(".where details details label", has_text=name).click()


@pytest.fixture
def phone(browser: Browser, live_server: "LiveServer", world: "World", watch: Watch) -> Iterator[Open]:
    """``phone()``: a resident's page; ``scripts=False`` switches JavaScript off."""
    contexts: list[BrowserContext] = []

    def opened(*, scripts: bool = True, width: int = 390, locale: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 844},
            locale=locale,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        watch.page(page)
        return page

    yield opened
    for context in contexts:
        context.close()
