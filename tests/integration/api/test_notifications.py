"""The inbox over the API."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reminders.services.fan_out import fan_out
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, World

Called = Callable[[str], Caller]


@pytest.fixture
def told(world: World) -> World:
    """A clerk, an officer and others were told of two issues."""
    world.make_issue("in_progress")
    world.make_issue("replied")
    while fan_out(at=NOW + timedelta(hours=1)).events:
        pass
    return world


def test_everybody_reads_the_own_inbox(told: World, caller: Called) -> None:
    officer = caller("officer").get("notifications/").json()["results"]
    assert officer
    for row in officer:
        assert row["unread"]
        assert row["number"].startswith("桂城-2026-")
        assert row["title"]
        assert "19900001234" not in str(row)
    assert caller("outsider").get("notifications/").json() == {"results": [], "next": None}


def test_reading_one(told: World, caller: Called) -> None:
    officer = caller("officer")
    first = officer.get("notifications/").json()["results"][0]
    read = officer.post(f"notifications/{first['id']}/read/")
    assert (read.status_code, read.json()["unread"]) == (200, False)
    again = officer.post(f"notifications/{first['id']}/read/")
    assert again.json()["read_at"] == read.json()["read_at"]
    left = officer.get("notifications/", unread="true").json()["results"]
    assert first["id"] not in {row["id"] for row in left}


def test_nobody_reads_anothers(told: World, caller: Called) -> None:
    theirs = caller("officer").get("notifications/").json()["results"][0]["id"]
    for wanted in (theirs, 0, -1, "x", 10**30, 2**63, "%00"):
        assert caller("outsider").post(f"notifications/{wanted}/read/").status_code == 404


def test_pages_and_bad_values(told: World, caller: Called) -> None:
    clerk = caller("clerk")
    everything = [row["id"] for row in clerk.get("notifications/").json()["results"]]
    seen, path = [], "/api/v1/notifications/?page_size=1"
    while path:
        page = clerk.get(path).json()
        seen += [row["id"] for row in page["results"]]
        path = page["next"]
    assert seen == everything
    for name, value in (("cursor", "x"), ("page_size", "0"), ("unread", "maybe")):
        assert list(clerk.get("notifications/", **{name: value}).json()["fields"]) == [name]


def test_the_cost_does_not_grow(told: World, caller: Called) -> None:
    clerk = caller("clerk")
    for size in (1, 25):
        with CaptureQueriesContext(connection) as statements:
            clerk.get("notifications/", page_size=size)
        assert len(statements) <= 8
