"""What the detail tells of a case in full: everything that hangs on an issue, to whom, and in how many statements."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from commitments.services import make
from common.clock import SHANGHAI
from issues.models import Issue
from issues.models import Request as IssueRequest
from tests.integration.api.conftest import Caller
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World
from tests.support.photos import photo

Called = Callable[[str], Caller]
LATER = NOW + timedelta(minutes=30)
MOST = 14
"""The bound of the benchmark on the detail, with everything in it."""


def detail(caller: Caller, issue: Issue) -> Any:
    answer = caller.get(f"issues/{issue.number}/")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.usefixtures("frozen")
def test_co_departments_and_their_own_clocks(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    world.act(issue, "add_department", "officer", NOW - timedelta(minutes=30), department="WATER")
    world.act(issue, "add_department", "officer", NOW - timedelta(minutes=29), department="GOVERN")
    world.act(issue, "co_reply", "officer2", NOW - timedelta(minutes=20), note="管网已查")
    world.act(
        issue, "waive_department", "supervisor", NOW - timedelta(minutes=19), department="GOVERN", reason="不需要"
    )
    told = detail(caller("officer"), issue)
    lead, water, govern = told["departments"]
    assert (lead["role"], lead["co_reply"]) == ("lead", None)
    assert (water["role"], water["answered_at"], water["waived_at"]) == ("co", "2026-03-18T09:40:00+08:00", None)
    assert (water["co_reply"]["kind"], water["co_reply"]["state"]) == ("co_reply", "met")
    assert (govern["current"], govern["waived_at"]) == (False, "2026-03-18T09:41:00+08:00")
    assert govern["co_reply"]["state"] == "cancelled"
    assert {row["department"] for row in told["deadlines"] if row["kind"] == "co_reply"} == {"WATER", "GOVERN"}


@pytest.mark.usefixtures("frozen")
def test_an_extension_is_told_as_asked_endorsed_and_granted(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", category="0402", at=NOW - timedelta(hours=1))
    world.act(
        issue, "request_extension", "officer", NOW - timedelta(minutes=30), days=2, reason="等配件，电13800001111"
    )
    world.act(issue, "endorse", "head", NOW - timedelta(minutes=29))
    waiting = detail(caller("supervisor"), issue)
    assert waiting["requests"] == [
        {
            "kind": "extension",
            "state": "open",
            "department": {"code": "MUNICIPAL", "name": "市政管理办公室"},
            "days": 2,
            "until": None,
            "reason": "等配件，电13800001111",
            "note": "",
            "interim_answer": "",
            "asked_at": "2026-03-18T09:30:00+08:00",
            "asked_by": {"username": "officer", "name": "何志明"},
            "endorsed": True,
            "endorsed_at": "2026-03-18T09:31:00+08:00",
            "endorsed_by": {"username": "head", "name": "周建华"},
            "decided_at": None,
            "decided_by": None,
        }
    ]
    decision = next(row for row in waiting["deadlines"] if row["kind"] == "extension_decision")
    assert (decision["state"], decision["department"]) == ("running", None)
    before = next(row for row in waiting["deadlines"] if row["kind"] == "handle")
    world.act(issue, "grant_extension", "supervisor", NOW - timedelta(minutes=28))
    granted = detail(caller("supervisor"), issue)
    after = next(row for row in granted["deadlines"] if row["kind"] == "handle")
    assert granted["requests"][0]["state"] == "granted"
    assert (after["extended"], after["extensions"], after["unit"]) == (2, 1, "day")
    assert after["original_due_at"] == before["due_at"] < after["due_at"]


@pytest.mark.usefixtures("frozen")
def test_a_deferral_pauses_and_keeps_what_is_left(world: World, caller: Called) -> None:
    issue = world.make_issue("suspended", category="0402", at=NOW - timedelta(hours=1))
    told = detail(caller("clerk"), issue)
    assert (told["status"], told["time_limit"], told["suspended_until"]) == ("suspended", "suspended", "2026-04-20")
    assert told["suspended_at"]
    assert told["suspension_count"] == 1
    handle = next(row for row in told["deadlines"] if row["kind"] == "handle")
    assert (handle["state"], handle["remaining"], handle["unit"], handle["overdue"]) == ("paused", 10, "day", False)
    assert handle["paused_at"] == told["suspended_at"]
    review = next(row for row in told["deadlines"] if row["kind"] == "suspension_review")
    assert (review["state"], review["due_at"]) == ("running", "2026-04-20T17:30:00+08:00")
    asked = told["requests"][0]
    assert (asked["reason"], asked["until"], asked["interim_answer"]) == ("funding", "2026-04-20", "资金已报")


@pytest.mark.usefixtures("frozen")
def test_a_promise_has_an_owner_and_a_date(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    words = {"outcome": "planned", "note": "列入二季度改造", "due_on": "2026-06-30", "commitment": "更换管道"}
    world.act(issue, "reply", "officer", NOW - timedelta(minutes=30), **words)
    told = detail(caller("clerk"), issue)["commitments"]
    assert [(row["text"], row["due_on"], row["state"], row["overdue"]) for row in told] == [
        ("更换管道", "2026-06-30", "open", False)
    ]
    assert told[0]["department"] == {"code": "MUNICIPAL", "name": "市政管理办公室"}


@pytest.mark.usefixtures("frozen")
def test_who_held_it_and_for_how_long(world: World, caller: Called) -> None:
    issue = world.make_issue("returned", at=NOW - timedelta(hours=1))
    world.act(issue, "dispatch", "clerk", NOW - timedelta(minutes=20), department="WATER")
    world.act(issue, "acknowledge", "officer2", NOW - timedelta(minutes=10))
    held = detail(caller("supervisor"), issue)["holdings"]
    assert [(row["department"]["code"], row["minutes"], row["late"], row["until_at"] is None) for row in held] == [
        ("MUNICIPAL", 48, False, False),
        ("WATER", 10, False, True),
    ]


@pytest.mark.usefixtures("frozen")
def test_joined_issues_are_told_to_those_who_see_them(world: World, caller: Called) -> None:
    at = NOW - timedelta(hours=1)
    master = world.make_issue("in_progress", at=at)
    here = world.create(at=at, contact_phone="19900002345")
    there = world.create(at=at, community="dade", by="clerk2", contact_phone="")
    for issue, by in ((here, "clerk"), (there, "supervisor")):
        world.act(issue, "merge", by, NOW - timedelta(minutes=20), master=master.number)
    seen = {name: detail(caller(name), master) for name in ("clerk", "supervisor", "officer")}
    assert {name: told["persons"] for name, told in seen.items()} == {"clerk": 3, "supervisor": 3, "officer": 3}
    assert [row["number"] for row in seen["clerk"]["joined"]] == [here.number]
    assert [row["number"] for row in seen["supervisor"]["joined"]] == [here.number, there.number]
    assert seen["officer"]["joined"] == []
    assert {row["status"] for row in seen["supervisor"]["joined"]} == {"merged"}
    assert detail(caller("clerk"), here)["master"] == master.number
    assert detail(caller("clerk2"), there)["master"] is None
    events = caller("clerk2").get(f"issues/{there.number}/events/").json()["results"]
    assert (events[-1]["kind"], events[-1]["data"]["master"]) == ("merge", None)
    events = caller("clerk").get(f"issues/{master.number}/events/").json()["results"]
    assert [row["data"]["issue"] for row in events if row["kind"] == "join"] == [here.number, None]
    assert [row["label"] for row in events if row["kind"] == "join"] != ["join", "join"]


@pytest.mark.usefixtures("frozen")
def test_marks(world: World, caller: Called) -> None:
    issue = world.make_issue("closed", at=NOW - timedelta(hours=1))
    assert detail(caller("clerk"), issue)["marks"] == []
    world.act(issue, "publish", "clerk", title="积水已处理", text="已疏通，电13800001111")
    world.act(issue, "request_exclusion", "supervisor", reason="重复")
    world.act(issue, "grant_exclusion", "deputy", reason="同意")
    told = detail(caller("clerk"), issue)
    assert told["marks"] == ["excluded", "published"]
    assert (told["public_title"], "13800001111" in told["public_text"]) == ("积水已处理", False)
    assert told["excluded_at"]
    assert told["published_at"]


@pytest.mark.usefixtures("frozen")
def test_an_outside_due_time_is_kept_and_wins(world: World, caller: Called) -> None:
    body = {
        "description": "12345转来：路灯不亮", "community": "夏东社区", "category": "0402", "source": "hotline_12345",
        "external_number": "GD2026031800077", "external_due_at": "2026-03-20T12:00:00+08:00",
        "contact_phone": "19900001234",
    }  # fmt: skip
    clerk = caller("clerk")
    created = clerk.post("issues/", body)
    assert created.status_code == 201, created.content
    number = created.json()["number"]
    assert clerk.post(f"issues/{number}/actions/accept/", {"version": 1}).status_code == 200
    told = clerk.get(f"issues/{number}/").json()
    assert told["external_due_at"] == "2026-03-20T12:00:00+08:00"
    handle = next(row for row in told["deadlines"] if row["kind"] == "handle")
    assert (handle["due_at"], handle["rule"].split(":")[0]) == ("2026-03-20T12:00:00+08:00", "external")


@pytest.mark.parametrize(
    "value",
    ["0001-01-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00", "1999-01-01T00:00:00Z", "2099-01-01T00:00:00Z",
     "soon", 5, [], {}, True],
)  # fmt: skip
def test_moments_that_are_none(world: World, caller: Called, value: Any) -> None:
    for name in ("external_due_at", "occurred_at"):
        body = {"description": "路灯不亮", "community": "夏东社区", "category": "0402", name: value}
        answer = caller("clerk").post("issues/", body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


@pytest.mark.usefixtures("frozen")
def test_a_leader_is_told_what_a_reporter_is(world: World, caller: Called) -> None:
    assert world.leader is not None
    issue = world.make_issue(
        "in_progress", at=NOW - timedelta(hours=1), community="dade", by="clerk2", leader_id=world.leader.pk
    )
    inside, shown = photo(world, issue, LATER), photo(world, issue, LATER)
    world.act(issue, "comment", "officer", note="内部", attachments=[inside.pk])
    world.act(issue, "progress", "officer", note="已到现场", visible_to_resident=True, attachments=[shown.pk])
    world.act(issue, "request_extension", "officer", days=1, reason="等配件")
    told = detail(caller("leader"), issue)
    assert (told["requests"], told["holdings"]) == ([], [])
    assert [row["id"] for row in told["attachments"]] == [shown.pk]
    staff = detail(caller("officer"), issue)
    assert [row["id"] for row in staff["attachments"]] == [inside.pk, shown.pk]
    assert len(staff["requests"]) == len(staff["holdings"]) == 1


@pytest.mark.usefixtures("frozen")
def test_a_corrected_contact_is_masked_and_hidden_where_it_is_confidential(world: World, caller: Called) -> None:
    open_one = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    secret = world.make_issue("in_progress", at=NOW - timedelta(hours=1), kind="report")
    for issue in (open_one, secret):
        world.act(issue, "edit", "clerk", contact_name="李四方", contact_phone="13711112222", address="幸福路口")

    def edit(username: str, issue: Issue) -> Any:
        answer = caller(username).get(f"issues/{issue.number}/events/")
        assert "13711112222" not in answer.content.decode()
        assert "19900001234" not in answer.content.decode()
        return answer.json()["results"][-1]

    told = edit("officer", open_one)
    assert told["texts"]["old.contact"] == "张*三 199********"
    assert told["texts"]["new.contact"] == "李*方 137********"
    assert told["data"]["changed"] == {"contact": [], "address": []}
    assert {"old.contact", "new.contact"} <= set(edit("clerk", secret)["texts"])
    assert {"old.contact", "new.contact"}.isdisjoint(edit("officer", secret)["texts"])


@pytest.mark.usefixtures("frozen")
def test_events_name_organisations_people_and_places_and_not_their_ids(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    world.act(issue, "cc", "clerk", departments=["GOVERN"], users=["supervisor"])
    world.act(issue, "edit", "clerk", community="大德社区", category="0402", neighbourhood="碧湖花园")
    world.act(issue, "reassign", "supervisor", department="WATER", reason="属水务")
    told = {
        row["kind"]: row["data"] for row in caller("supervisor").get(f"issues/{issue.number}/events/").json()["results"]
    }
    assert (told["cc"]["departments"], told["cc"]["users"]) == (["GOVERN"], ["supervisor"])
    assert told["edit"]["changed"]["community"] == ["夏东社区", "大德社区"]
    assert told["edit"]["changed"]["category"] == ["0301", "0402"]
    assert told["edit"]["changed"]["neighbourhood"] == [None, "碧湖花园"]
    assert (told["reassign"]["department"], told["reassign"]["previous"]) == ("WATER", "MUNICIPAL")


def _grown(world: World, times: int) -> Issue:
    """An issue with so many joiners, files, requests, promises and holders, and one request that waits."""
    at = NOW - timedelta(hours=1)
    issue = world.make_issue("in_progress", at=at)
    for _n in range(times):
        joiner = world.create(at=at)
        world.act(joiner, "merge", "clerk", NOW - timedelta(minutes=50), master=issue.number)
        photo(world, issue, NOW)
        make(
            subdistrict_id=issue.subdistrict_id, subject_kind="issue", subject_id=issue.pk, text="更换管道",
            owner_id=world.departments["WATER"].pk, by_id=world.people["officer"].pk, at=NOW,
            due_on=datetime(2026, 6, 30, tzinfo=SHANGHAI).date(),
        )  # fmt: skip
        world.act(issue, "request_suspension", "officer", NOW - timedelta(minutes=40), reason="funding",
                  until="2026-06-30", interim_answer="资金已报")  # fmt: skip
        world.act(issue, "refuse_suspension", "supervisor", NOW - timedelta(minutes=39), reason="不同意")
        world.act(issue, "reassign", "supervisor", NOW - timedelta(minutes=38), department="WATER", reason="属水务")
        world.act(issue, "acknowledge", "officer2", NOW - timedelta(minutes=37))
        world.act(issue, "reassign", "supervisor", NOW - timedelta(minutes=36), department="MUNICIPAL", reason="属市政")
        world.act(issue, "acknowledge", "officer", NOW - timedelta(minutes=35))
    world.act(issue, "request_extension", "officer", NOW - timedelta(minutes=30), days=1, reason="等配件")
    assert IssueRequest.objects.filter(issue=issue).count() == times + 1
    return issue


@pytest.mark.long
@pytest.mark.usefixtures("frozen")
def test_the_detail_needs_the_same_for_one_and_for_twelve(world: World, caller: Called) -> None:
    few, many = _grown(world, 1), _grown(world, 12)
    for username in ("clerk", "officer", "supervisor", "admin"):
        person, counts = caller(username), {}
        detail(person, few)
        for name, issue in (("few", few), ("many", many)):
            with statements() as found:
                told = detail(person, issue)
            counts[name] = len(found)
        assert len(told["joined"]) == (12 if username != "officer" else 0)
        assert (len(told["attachments"]), len(told["requests"]), len(told["commitments"])) == (12, 13, 12)
        assert len(told["holdings"]) == 25
        assert counts["few"] == counts["many"] <= MOST, counts
