"""The inbox over the API."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import now
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
        assert len(statements) <= 9


def test_why_is_said_in_a_code_and_in_words(told: World, caller: Called) -> None:
    rows = caller("officer").get("notifications/").json()["results"]
    assert {(row["reason"], row["why"], row["topic"]) for row in rows} >= {("desk", "您在收件岗。", "new")}
    alarms = caller("officer").get("notifications/", topic="alarm").json()
    assert alarms == {"results": [], "next": None}


def test_one_is_put_off_and_brought_back(told: World, caller: Called) -> None:
    officer = caller("officer")
    wanted = officer.get("notifications/").json()["results"][0]["id"]
    until = (now() + timedelta(hours=2)).replace(microsecond=0)
    answer = officer.post(f"notifications/{wanted}/snooze/", {"until": until.isoformat()})
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["snoozed_until_at"]) == until
    assert wanted not in {row["id"] for row in officer.get("notifications/").json()["results"]}
    assert [row["id"] for row in officer.get("notifications/", snoozed="true").json()["results"]] == [wanted]
    assert officer.post(f"notifications/{wanted}/snooze/", {"until": None}).status_code == 200
    assert officer.get("notifications/").json()["results"][0]["id"] == wanted


def test_a_moment_that_cannot_be_is_refused(told: World, caller: Called) -> None:
    officer = caller("officer")
    wanted = officer.get("notifications/").json()["results"][0]["id"]
    for body in ({}, {"until": "x"}, {"until": "2020-01-01T00:00:00+08:00"}, {"until": "2099-01-01T00:00:00+08:00"}):
        answer = officer.post(f"notifications/{wanted}/snooze/", body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["until"]), body
    assert caller("outsider").post(f"notifications/{wanted}/snooze/", {"until": None}).status_code == 404


def test_preferences_are_read_and_changed(told: World, caller: Called) -> None:
    officer = caller("officer")
    rows = officer.get("notifications/preferences/").json()["preferences"]
    assert len(rows) == 14
    assert {"topic": "urge", "channel": "email", "mode": "now", "modes": ["now", "digest"]} in rows
    changed = _put(officer, [_chosen("result", "off")])
    assert changed.status_code == 200
    assert (
        _chosen("result", "off").items()
        <= next(
            row for row in changed.json()["preferences"] if (row["topic"], row["channel"]) == ("result", "email")
        ).items()
    )
    for wrong in (_chosen("urge", "off"), _chosen("weather", "off"), {"topic": "new"}):
        answer = _put(officer, [wrong])
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["preferences"])


def _put(caller: Caller, rows: list[dict[str, str]]) -> Any:
    path, body = "/api/v1/notifications/preferences/", json.dumps({"preferences": rows})
    return caller.client.put(path, body, content_type="application/json", headers=caller.headers)


def _chosen(topic: str, mode: str) -> dict[str, str]:
    return {"topic": topic, "channel": "email", "mode": mode}
