"""Merging through the API: into what, by which number, and what else the worst cases cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from api.views import issues as views
from issues.models import Issue
from issues.services.actions import act as carry_out
from tests.integration.api.conftest import Caller
from tests.integration.statements.test_bounds import statements
from tests.support.cast import NOW, World

Called = Callable[[str], Caller]
BEFORE = NOW - timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("frozen")


def act(caller: Caller, issue: Issue, action: str, **data: Any) -> Any:
    version = Issue.objects.get(pk=issue.pk).version
    return caller.post(f"issues/{issue.number}/actions/{action}/", {"version": version, **data})


def test_masters_that_are_none(world: World, caller: Called) -> None:
    issue, master = world.make_issue("in_progress", at=BEFORE), world.make_issue("in_progress", at=BEFORE)
    joined, closed = world.make_issue("merged", at=BEFORE), world.make_issue("closed", at=BEFORE)
    own = world.create(at=BEFORE)
    world.act(own, "merge", "clerk", BEFORE, master=issue.number)
    elsewhere = Issue.objects.get(pk=world.create(at=BEFORE).pk)
    Issue.objects.filter(pk=elsewhere.pk).update(
        subdistrict=world.other_area, community=world.communities["pingdi"], number="大沥-2026-000001"
    )
    numbers = [issue.number, own.number, joined.number, closed.number, "大沥-2026-000001", "桂城-2026-999999"]
    wrongs: list[Any] = [
        *numbers,
        "x",
        "\x00",
        "桂城-2026-00000\ud800",
        "0",
        5,
        -1,
        10**30,
        None,
        "",
        [],
        [master.number],
        {},
    ]
    for wrong in wrongs:
        answer = act(caller("clerk"), issue, "merge", master=wrong)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["master"]), wrong
    again = act(caller("clerk"), own, "merge", master=issue.number)
    assert (again.status_code, again.json()["code"]) == (409, "state_conflict")
    assert Issue.objects.get(pk=issue.pk).joined_count == 1


@pytest.mark.parametrize(
    "form", ["{year}-{serial}", "{serial}", "桂城{year}{serial:06d}", " 桂城-{year}-{serial:06d} "]
)
def test_the_master_in_any_form_of_its_number(world: World, caller: Called, form: str) -> None:
    master, issue = world.make_issue("in_progress", at=BEFORE), world.create(at=BEFORE)
    answer = act(caller("clerk"), issue, "merge", master=form.format(year=master.year, serial=master.serial))
    assert answer.status_code == 200, answer.content
    assert answer.json()["master"] == master.number
    back = act(caller("clerk"), issue, "unmerge")
    assert (back.json()["status"], back.json()["master"]) == ("submitted", None)


def test_the_worst_cases_keep_to_twenty_statements(
    world: World, caller: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A matter with twelve who joined, two co-departments, requests and a promise."""
    master = world.make_issue("in_progress", at=BEFORE)
    for minute in range(12):
        joiner = world.create(at=BEFORE)
        world.act(joiner, "merge", "clerk", BEFORE + timedelta(minutes=10 + minute), master=master.number)
    for code in ("WATER", "GOVERN"):
        world.act(master, "add_department", "officer", BEFORE + timedelta(minutes=25), department=code)
    far = world.make_issue("in_progress", at=BEFORE)
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("officer", "request_extension", {"days": 1, "reason": "等配件"}),
        ("supervisor", "grant_extension", {}),
        ("supervisor", "waive_department", {"department": "GOVERN", "reason": "不需要"}),
        ("officer2", "co_reply", {"note": "已查"}),
        ("officer", "reply", {"outcome": "planned", "note": "列入计划", "due_on": "2026-06-30"}),
        ("clerk", "redo", {"reason": "请先临时处理"}),
        ("officer", "reply", {"outcome": "planned", "note": "列入计划", "due_on": "2026-06-30"}),
        ("clerk", "verify_pass", {"check": "phone", "note": "已核实"}),
        ("clerk", "merge", {"master": far.number}),
    )
    counts: dict[str, int] = {}

    def counted(**given: Any) -> Issue:
        with statements() as found:
            issue = carry_out(**given)
        counts[given["action"]] = len(found)
        return issue

    monkeypatch.setattr(views, "act", counted)
    for who, action, data in steps:
        answer = act(caller(who), master, action, **data)
        assert answer.status_code == 200, (action, answer.content)
    assert len(counts) == len({action for _who, action, _data in steps})
    assert max(counts.values()) <= 20, counts
    assert Issue.objects.get(pk=far.pk).joined_count == 13


@pytest.mark.parametrize("confidential", [False, True])
def test_what_one_does_not_see_is_no_master_and_the_words_tell_nothing(
    world: World, caller: Called, signed_in: Callable[[str], Client], confidential: bool
) -> None:
    issue = world.make_issue("in_progress", at=BEFORE)
    unseen = world.make_issue("in_progress", at=BEFORE, community="dade", by="clerk2", confidential=confidential)
    closed = world.make_issue("closed", at=BEFORE)
    assert caller("clerk").get(f"issues/{unseen.number}/").status_code == 404
    answers, pages = [], []
    for number in (unseen.number, closed.number, "桂城-2026-777777"):
        answers.append(act(caller("clerk"), issue, "merge", master=number))
        version = str(Issue.objects.get(pk=issue.pk).version)
        form = {"version": version, "master_number": number}
        pages.append(signed_in("clerk").post(f"/console/issues/{issue.number}/actions/merge/", form))
    assert {(answer.status_code, answer.content) for answer in answers} == {(400, answers[0].content)}
    assert all("没有找到这个编号的在办工单" in page.content.decode() for page in pages)
    assert Issue.objects.get(pk=issue.pk).status == "in_progress"
    assert Issue.objects.get(pk=unseen.pk).status == "in_progress"
    assert act(caller("supervisor"), issue, "merge", master=unseen.number).status_code == 200
