"""The detail and the journal of one issue: who sees what."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.integration.api.conftest import Caller
from tests.support.cast import World

Called = Callable[[str], Caller]
SEES = ("clerk", "secretary", "officer", "head", "supervisor", "deputy", "director", "admin")
STRANGERS = ("clerk2", "officer2", "leader", "outsider")


def test_who_sees_it_and_who_gets_404(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress")
    for tail in ("", "events/"):
        for username in SEES:
            assert caller(username).get(f"issues/{issue.number}/{tail}").status_code == 200, username
        for username in STRANGERS:
            answer = caller(username).get(f"issues/{issue.number}/{tail}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), username


def test_a_department_keeps_reading_what_it_held(world: World, caller: Called) -> None:
    issue = world.make_issue("returned")
    detail = caller("officer").get(f"issues/{issue.number}/").json()
    assert detail["department"] is None
    assert [(row["code"], row["current"]) for row in detail["departments"]] == [("MUNICIPAL", False)]
    assert detail["available_actions"] == []


def test_the_facts(world: World, caller: Called) -> None:
    issue = world.make_issue("closed")
    detail = caller("clerk").get(f"issues/{issue.number}/").json()
    assert detail["status"] == "closed"
    assert (detail["outcome"], detail["verdict"], detail["solved"]) == ("solved", "satisfied", "yes")
    assert (detail["supervision"], detail["version"]) == ("none", issue.version)
    assert detail["time_limit"] in ("on_time", "overdue")
    assert detail["department"] == {"code": "MUNICIPAL", "name": "市政管理办公室"}
    assert {"respond", "accept", "dispatch", "acknowledge", "handle", "verify", "follow_up"} <= {
        row["kind"] for row in detail["deadlines"]
    }
    for row in detail["deadlines"]:
        assert row["state"] in ("met", "late", "cancelled")
        assert row["rule"]
        assert row["due_at"].endswith("+08:00")
    assert {row["action"] for row in detail["available_actions"]} >= {"comment"}
    assert all(set(row) == {"action", "label", "required", "optional"} for row in detail["available_actions"])


def test_the_contact_is_masked_for_everybody(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress")
    for username in SEES:
        answer = caller(username).get(f"issues/{issue.number}/")
        assert answer.json()["contact"] == {"name": "张*三", "phone": "199****1234"}
        assert "19900001234" not in answer.content.decode()


def test_a_confidential_reporter_is_known_to_community_and_supervisor_only(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", kind="report")
    answers = {username: caller(username).get(f"issues/{issue.number}/") for username in SEES}
    assert {username for username, answer in answers.items() if answer.status_code == 404} == {"admin"}
    knows = {username for username, answer in answers.items() if answer.json().get("contact")}
    assert knows == {"clerk", "secretary", "supervisor"}


def test_a_detail_costs_ten_statements_papers_included(world: World, caller: Called) -> None:
    issue = world.make_issue("reopened")
    clerk = caller("clerk")
    clerk.get(f"issues/{issue.number}/")
    with CaptureQueriesContext(connection) as statements:
        clerk.get(f"issues/{issue.number}/")
    assert len(statements) == 10


@pytest.mark.parametrize("number", ["桂城-2026-999999", "x", "%00", "桂城-2026-000001%00", "a" * 300, "😀", "%ff%fe"])
def test_numbers_that_are_none_are_404(caller: Called, number: str) -> None:
    for path in (f"/api/v1/issues/{number}/", f"/api/v1/issues/{number}/events/"):
        assert caller("clerk").get(path).status_code == 404


def test_the_journal_is_told_in_order_with_codes(world: World, caller: Called) -> None:
    issue = world.make_issue("closed")
    events = caller("supervisor").get(f"issues/{issue.number}/events/").json()["results"]
    assert [row["kind"] for row in events] == [
        "create", "accept", "dispatch", "acknowledge", "reply", "verify_pass", "record_follow_up",
    ]  # fmt: skip
    assert [row["seq"] for row in events] == list(range(1, 8))
    dispatch = events[2]
    assert (dispatch["data"]["from"], dispatch["data"]["to"]) == ("accepted", "dispatched")
    assert dispatch["data"]["department"] == "MUNICIPAL"
    assert events[4]["texts"]["note"] == "已疏通雨水口，积水已退。"
    assert events[4]["actor"] == {"username": "officer", "name": "何志明", "role": "officer", "role_label": "承办人"}


def test_the_journal_pages(world: World, caller: Called) -> None:
    issue = world.make_issue("closed")
    clerk = caller("clerk")
    first = clerk.get(f"issues/{issue.number}/events/", page_size=4).json()
    assert len(first["results"]) == 4
    rest = clerk.client.get(first["next"], headers=clerk.headers).json()
    assert [row["seq"] for row in rest["results"]] == [5, 6, 7]
    assert rest["next"] is None


def test_a_leader_reads_only_what_is_told_to_the_reporter(world: World, caller: Called) -> None:
    assert world.leader is not None
    issue = world.make_issue("accepted", community="dade", by="clerk2", leader_id=world.leader.pk)
    world.act(issue, "comment", "clerk2", note="内部意见，电话19900009999")
    leader = caller("leader").get(f"issues/{issue.number}/events/").json()["results"]
    assert [row["kind"] for row in leader] == ["create", "accept"]
    assert all(row["actor"]["name"] is None for row in leader)
    clerk = caller("clerk2").get(f"issues/{issue.number}/events/").json()["results"]
    assert [row["kind"] for row in clerk] == ["create", "accept", "comment"]


def test_the_journal_costs_the_same_however_long(world: World, caller: Called) -> None:
    short, long = world.make_issue("dispatched"), world.make_issue("reopened")
    clerk, counts = caller("clerk"), []
    for issue in (short, long):
        with CaptureQueriesContext(connection) as statements:
            clerk.get(f"issues/{issue.number}/events/")
        counts.append(len(statements))
    assert max(counts) <= 9
