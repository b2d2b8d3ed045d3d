"""What holds for every test run: its part of the tests, groups, the browser, and a summary that hides nothing."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest

from tests.support.parts import PARTS, part_of
from tests.support.sampling import LONG

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SKIP_BROWSER = os.environ.get("SKIP_BROWSER") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which part of the tests: all of those named unless it is said."""
    parser.addoption("--part", choices=PARTS, default="all", help="see tests/support/parts.py")


def pytest_configure(config: pytest.Config) -> None:
    """Each parallel worker has a numbered Redis database of its own, as it has a PostgreSQL database of its own.

    Every run keeps its uploads in a directory of its own. Processes that tests start have the product's settings.
    What hypothesis generates is the same in every run, but in the long ones, and takes as long as it takes.
    """
    hypothesis.settings.register_profile(
        "house",
        deadline=None,
        derandomize=not LONG,
        database=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("house")
    from django.conf import settings

    from govtrack.env import files_storage

    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    uploads = tempfile.mkdtemp(prefix="govtrack-test-files-")
    config.add_cleanup(lambda: shutil.rmtree(uploads, ignore_errors=True))
    os.environ["FILES_URL"] = f"file://{uploads}"
    settings.STORAGES["files"] = files_storage(Path(uploads))
    if config.getoption("cov_source", default=None):
        # Only then does a template's node tell which line it stands on.
        options: Any = settings.TEMPLATES[0]["OPTIONS"]
        options["debug"] = True
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker.startswith("gw"):
        return
    url = urlsplit(settings.REDIS_URL)._replace(path=f"/{int(worker.removeprefix('gw')) % 14 + 1}").geturl()
    os.environ["REDIS_URL"] = settings.REDIS_URL = settings.CELERY_BROKER_URL = url
    settings.CACHES["default"]["LOCATION"] = url


def begun_as(begins: pytest.Mark) -> str:
    """What tells the tests that begin alike: one worker builds it for all of them.

    Without square brackets: the scheduler takes no group of a name that ends as parameters do.
    """
    build, *arguments = begins.args
    said = f"{build.__qualname__} {arguments} {sorted(begins.kwargs.items())}"
    return said.translate(str.maketrans("[]", "()"))


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """The part of the tests that is asked for; SKIP_BROWSER=1 leaves the browser journeys out.

    Serial tests share one xdist group. Tests of a module that begin with the same rows are a group, too. All are put
    in their turns after pytest-django has put those that commit behind those that do not.
    """
    wanted = part_of(items, config.getoption("part"))
    if SKIP_BROWSER:
        wanted = {item for item in wanted if not item.get_closest_marker("browser")}
    config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
    items[:] = [item for item in items if item in wanted]
    for item in items:
        begun = item.get_closest_marker("begins")
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))
        elif begun:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {begun_as(begun)}"))
    yield
    items.sort(key=turn)


def turn(item: pytest.Item) -> int:
    """First what takes one worker long. While it makes the database, the others run what needs none."""
    if item.get_closest_marker("serial"):
        return 0
    if not item.get_closest_marker("django_db") and "django_db_setup" not in getattr(item, "fixturenames", ()):
        return 1
    group = item.get_closest_marker("xdist_group")
    return 2 if group and not item.get_closest_marker("begins") else 3


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector of garbage went through all of it every few tests."""
    gc.freeze()
    gc.set_threshold(700, 10, 200)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if SKIP_BROWSER:
        terminalreporter.section("SKIP_BROWSER=1: the browser journeys were left out")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser that `make test` found (CHROMIUM), else an installed one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.fail("no Chromium or Chrome found: set CHROMIUM to its path, or SKIP_BROWSER=1")
    return found
