"""Actions: the order of refusals, one event each, the fields of the contract."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issues.models import Issue
from journal.models import Event
from tests.integration.api.conftest import Caller
from tests.support.cast import World
from tests.support.photos import photo

Called = Callable[[str], Caller]


def act(caller: Caller, issue: Issue, action: str, data: Any = None, **headers: str) -> Any:
    return caller.post(f"issues/{issue.number}/actions/{action}/", data, **headers)


def test_the_journey_by_api(world: World, caller: Called) -> None:
    issue = world.create()
    after = photo(world, issue, timezone.now() + timedelta(minutes=5), by="officer2")
    steps: list[tuple[str, str, dict[str, Any], str]] = [
        ("clerk", "accept", {"level": "urgent"}, "accepted"),
        ("clerk", "dispatch", {"department": "MUNICIPAL", "note": "请尽快"}, "dispatched"),
        ("officer", "return", {"reason": "not_ours", "basis": "职责清单", "suggested_department": "WATER"}, "accepted"),
        ("supervisor", "dispatch", {"department": "WATER"}, "dispatched"),
        ("officer2", "acknowledge", {}, "in_progress"),
        (
            "officer2",
            "progress",
            {"note": "已到现场", "first_report": True, "visible_to_resident": True},
            "in_progress",
        ),
        ("supervisor", "urge", {"note": "请抓紧"}, "in_progress"),
        ("officer2", "reply", {"outcome": "partly", "note": "已抽排"}, "replied"),
        ("clerk", "redo", {"reason": "仍有积水"}, "in_progress"),
        ("officer2", "reply", {"outcome": "solved", "note": "已疏通", "attachments": [after.pk]}, "replied"),
        ("clerk", "verify_pass", {"check": "phone", "note": "已核实"}, "follow_up"),
        ("clerk", "record_follow_up", {"verdict": "satisfied", "solved": "yes"}, "closed"),
        ("clerk", "reopen", {"reason": "再次积水"}, "in_progress"),
        ("officer2", "comment", {"note": "收到"}, "in_progress"),
    ]
    for username, action, data, status in steps:
        before = Event.objects.of("issue", issue.pk).count()
        version = Issue.objects.get(pk=issue.pk).version
        answer = act(caller(username), issue, action, {**data, "version": version})
        assert answer.status_code == 200, (action, answer.content)
        assert answer.json()["status"] == status
        assert answer.json()["version"] == version + 1
        events = list(Event.objects.of("issue", issue.pk).order_by("seq"))
        assert len(events) == before + 1
        assert events[-1].kind == action


def test_the_order_of_refusals(world: World, caller: Called) -> None:
    """Everything wrong at once; then what is refused first is mended, step by step."""
    issue = world.make_issue("accepted")
    wrong = {"version": 1, "department": 5}
    stranger = Caller().post(f"issues/{issue.number}/actions/nonsense/", wrong)
    assert stranger.status_code == 401
    assert act(caller("outsider"), issue, "accept", wrong).status_code == 404
    assert act(caller("officer2"), issue, "accept", wrong).status_code == 404
    assert act(caller("deputy"), issue, "nonsense", wrong).status_code == 404
    assert act(caller("deputy"), issue, "accept", wrong).status_code == 403
    assert act(caller("deputy"), issue, "merge", wrong | {"master": 5}).status_code == 403
    assert act(caller("deputy"), issue, "merge", "[").status_code == 403
    stale = act(caller("clerk"), issue, "merge", wrong | {"master": "没有"})
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    conflict = act(caller("clerk"), issue, "accept", wrong)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "version_conflict")
    assert (conflict.json()["version"], conflict.json()["status"]) == (issue.version, "accepted")
    state = act(caller("clerk"), issue, "accept", {"version": issue.version, "level": "x"})
    assert (state.status_code, state.json()["code"]) == (409, "state_conflict")
    assert (state.json()["version"], state.json()["status"]) == (issue.version, "accepted")
    bad = act(caller("clerk"), issue, "dispatch", {"version": issue.version, "department": "NOBODY"})
    assert (bad.status_code, list(bad.json()["fields"])) == (400, ["department"])
    assert Issue.objects.get(pk=issue.pk).version == issue.version


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "[" * 100_000, '{"version": 1e400}', '"x"', b"\xff", "1" * 5000]
)
def test_a_body_that_cannot_be_read_keeps_its_place(world: World, caller: Called, body: Any) -> None:
    issue = world.make_issue("accepted")
    assert act(caller("outsider"), issue, "dispatch", body).status_code == 404
    assert act(caller("deputy"), issue, "dispatch", body).status_code == 403
    assert act(caller("clerk"), issue, "accept", body).status_code == 409
    answer = act(caller("clerk"), issue, "dispatch", body)
    assert answer.status_code == 400, answer.content
    assert Issue.objects.get(pk=issue.pk).status == "accepted"


@pytest.mark.parametrize("version", [None, "2", 2.0, True, -1, 0, 2**31, 10**40, [2], {}])
def test_versions_that_are_none(world: World, caller: Called, version: Any) -> None:
    issue = world.make_issue("accepted")
    data = {"department": "MUNICIPAL"} | ({} if version is None else {"version": version})
    answer = act(caller("clerk"), issue, "dispatch", data)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == ["version"]
    state = act(caller("clerk"), issue, "accept", data)
    assert (state.status_code, state.json()["code"]) == (409, "state_conflict")


def test_everything_wrong_is_named_at_once(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress")
    answer = act(caller("officer"), issue, "reply", {"outcome": "great", "attachments": [1]})
    assert set(answer.json()["fields"]) == {"version", "outcome", "note", "attachments"}


@pytest.mark.parametrize("action", ["comment", "urge", "contact", "progress"])
def test_some_actions_ignore_the_version(world: World, caller: Called, action: str) -> None:
    issue = world.make_issue("in_progress")
    data = {"note": "留言", "channel": "phone", "result": "reached"}
    username = "officer" if action == "progress" else "clerk"
    for version in ({}, {"version": 1}, {"version": "nonsense"}):
        assert act(caller(username), issue, action, data | version).status_code == 200


@pytest.mark.parametrize("action", ["create", "delete", "assign-final", "Reply", "reply ", "终止", "%00", "a" * 200])
def test_actions_outside_the_table_are_unknown(world: World, caller: Called, action: str) -> None:
    issue = world.make_issue("in_progress")
    for username in ("clerk", "officer", "supervisor", "director"):
        assert act(caller(username), issue, action, {"version": issue.version}).status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        {"department": "\x00"},
        {"department": "M\ud800"},
        {"department": 10**60},
        {"department": {"code": "WATER"}},
        {"department": ["WATER"]},
        {"department": None},
        {"department": "长" * 5000},
        {"department": "POLICE"},
        {"department": "DADE-TEAM"},
        {"department": "WATER", "note": {"a": 1}},
        {"department": "WATER", "note": "长" * 2001},
    ],
)
def test_hostile_fields_are_400(world: World, caller: Called, data: dict[str, Any]) -> None:
    issue = world.make_issue("accepted")
    answer = act(caller("clerk"), issue, "dispatch", data | {"version": issue.version})
    assert answer.status_code == 400, answer.content


def test_an_action_costs_a_steady_number_of_statements(world: World, caller: Called) -> None:
    issue = world.make_issue("dispatched")
    officer = caller("officer")
    officer.get(f"issues/{issue.number}/")
    with CaptureQueriesContext(connection) as statements:
        assert act(officer, issue, "acknowledge", {"version": issue.version}).status_code == 200
    assert len([row for row in statements if "SAVEPOINT" not in row["sql"]]) <= 20
