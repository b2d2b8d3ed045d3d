"""Meetings over HTTP: whose, announced, filtered, items written once, and what somebody else wrote meanwhile."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from meetings.models import Meeting, MeetingItem
from tests.integration.api.conftest import Caller
from tests.integration.meetings.room import announced, live, typed
from tests.support.cast import NOW, World

Called = Callable[[str], Caller]
pytestmark = pytest.mark.usefixtures("frozen")


def changed(caller: Caller, path: str, **data: Any) -> Any:
    headers = caller.headers
    return caller.client.patch(f"/api/v1/{path}", json.dumps(data), content_type="application/json", headers=headers)


def test_a_meeting_is_announced_and_listed_to_whom_it_concerns(world: World, caller: Called) -> None:
    body = {
        "title": "四月联席会议", "kind": "joint_meeting", "convener": "MUNICIPAL", "on": NOW.date().isoformat(),
        "starts": "14:30", "community": "夏东", "communities": ["大德"], "departments": ["WATER"], "guests": ["专家"],
    }  # fmt: skip
    clerk = caller("clerk")
    refused = clerk.post("meetings/", body | {"kind": "party", "convener": "NOBODY", "communities": ["没有"]})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"kind", "convener", "communities"})
    assert caller("officer").post("meetings/", body).status_code == 403
    assert set(clerk.post("meetings/", body).json()["fields"]) == {"convener"}, "a community convenes with its own team"
    made = (clerk := caller("supervisor")).post("meetings/", body, Idempotency_Key="one").json()
    assert clerk.post("meetings/", body, Idempotency_Key="one").json() == made
    assert (made["state"], made["starts"], made["kind"]["code"]) == ("announced", "14:30", "joint_meeting")
    assert [one["name"] for one in made["invited"]] == ["大德社区", "水务管理办公室", "专家"]
    seen = {
        who: len(caller(who).get("meetings/").json()["results"])
        for who in ("clerk", "clerk2", "officer", "officer2", "director", "admin", "leader", "outsider")
    }
    assert seen == {who: 0 if who in ("leader", "outsider") else 1 for who in seen}
    assert caller("outsider").get(f"meetings/{made['id']}/").status_code == 404
    for query, found in (
        ({"state": "held"}, 0), ({"convener": "MUNICIPAL"}, 1), ({"community": "大德"}, 0),
        ({"since": "2026-03-18", "until": "2026-03-18"}, 1), ({"until": "2026-03-17"}, 0),
    ):  # fmt: skip
        assert len(clerk.get("meetings/", **query).json()["results"]) == found, query
    assert clerk.get("meetings/", since="gestern").status_code == 400
    assert Meeting.objects.count() == 1


def test_items_are_written_once_and_never_over_one_another(world: World, caller: Called) -> None:
    meeting = live(world)
    items, clerk = f"meetings/{meeting.pk}/items/", caller("clerk")
    body = {"words": "幸福路积水", "community": "大德", "answer": "尽快清疏", "department": "WATER"}
    first = clerk.post(items, body, Idempotency_Key="k1")
    assert (first.status_code, first.json()["left_over"], first.json()["department"]["code"]) == (
        201,
        "undated",
        "WATER",
    )
    clerk.post(items, body, Idempotency_Key="k1")
    assert MeetingItem.objects.count() == 1
    assert changed(clerk, f"{items}1/", version=1, due_on="2026-03-31", answer_kind="dated").json()["version"] == 2
    late = changed(caller("supervisor"), f"{items}1/", version=1, answer="不清疏")
    assert (late.status_code, late.json()["code"], late.json()["item"]["due_on"]) == (
        409,
        "version_conflict",
        "2026-03-31",
    )
    assert changed(clerk, f"{items}9/", version=1, answer="无").status_code == 404
    assert changed(caller("officer2"), f"{items}1/", version=2, answer="无").status_code == 403
    assert set(clerk.post(items, {"words": "x", "due_on": "2020-01-01"}).json()["fields"]) == {"due_on"}
    typed(world, meeting)
    assert [row["number"] for row in clerk.get(items, left_over="unanswered").json()["results"]] == [2]
    coming = announced(world, on=NOW.date(), title="下次")
    not_yet = clerk.post(f"meetings/{coming.pk}/items/", {"words": "议题", "answer": "先答"})
    assert (not_yet.status_code, not_yet.json()["code"]) == (409, "state_conflict")
