"""Many at once: no 500, one winner per version, numbers without gaps."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from issues.models import Issue
from journal.models import Event
from journal.verification import verify
from tests.integration.api.conftest import Caller
from tests.support.cast import PHONE, World

Called = Callable[[str], Caller]
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Every piece in a thread and with a connection of its own, started together."""
    answers: list[Any] = [None] * len(work)
    start = threading.Barrier(len(work))

    def run(place: int) -> None:
        start.wait()
        try:
            answers[place] = work[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


LOSE_THEIR_PART = {"reassign": {"officer", "head", "officer2"}, "waive_department": {"officer2"}}
"""Whose part in the matter these actions end: who comes after them is refused by role, before any version."""


def test_forty_mixed_actions_on_one_issue(world: World, caller: Called) -> None:
    """Those that need the version: one wins. Those that need none: all do. Each that was done has its own event."""
    issue = world.make_issue("in_progress")
    world.act(issue, "add_department", "officer", department="WATER")
    issue = world.act(issue, "request_extension", "officer", days=1, reason="等配件")
    other, near = world.make_issue("in_progress"), world.create()
    people = {name: caller(name) for name in ("clerk", "officer", "officer2", "head", "supervisor", "deputy")}
    until = {"reason": "funding", "until": "2099-01-01", "interim_answer": "资金已报"}
    each: list[tuple[str, str, dict[str, Any]]] = [
        ("officer", "reply", {"outcome": "explained", "note": "已说明"}),
        ("officer2", "co_reply", {"note": "管网已检查"}),
        ("supervisor", "grant_extension", {}),
        ("supervisor", "refuse_extension", {"reason": "不同意"}),
        ("head", "endorse", {}),
        ("head", "assign", {"officer": "officer"}),
        ("officer", "request_suspension", until),
        ("supervisor", "reassign", {"department": "WATER", "reason": "属水务"}),
        ("supervisor", "waive_department", {"department": "WATER", "reason": "不需要"}),
        ("supervisor", "supervise", {"kind": "order", "note": "请书面回复"}),
        ("deputy", "instruct", {"note": "请本周办结"}),
        ("clerk", "merge", {"master": other.number}),
        ("clerk", "edit", {"address": "幸福路口"}),
        ("clerk", "publish", {}),
        ("clerk", "urge", {}),
        ("officer", "progress", {"note": "在路上"}),
        ("clerk", "comment", {"note": "请抓紧"}),
        ("clerk", "cc", {"users": ["supervisor"]}),
    ]
    path = f"issues/{issue.number}/actions/"
    mixed: list[Callable[[], Any]] = [
        partial(people[name].post, f"{path}{action}/", {"version": issue.version, **data})
        for name, action, data in each
    ]
    work = mixed * 2
    joining = {"version": near.version, "master": issue.number}
    work += [partial(people["clerk"].post, f"issues/{near.number}/actions/merge/", joining)] * 2
    work += [partial(people["clerk"].get, f"issues/{issue.number}/")] * 2
    assert len(work) == 40
    answers = at_once(work)
    done = Counter(
        action
        for (_name, action, _data), answer in zip(each * 2, answers[:36], strict=True)
        if answer.status_code == 200
    )
    outsiders = {name for action in done for name in LOSE_THEIR_PART.get(action, ())}
    askers = [name for name, _action, _data in each * 2] + ["clerk"] * 4
    refused = {name for name, answer in zip(askers, answers, strict=True) if answer.status_code == 403}
    assert {answer.status_code for answer in answers} <= {200, 400, 403, 409}
    assert refused <= outsiders
    free = {"urge", "progress", "comment", "cc"}
    assert sum(count for action, count in done.items() if action not in free) <= 1
    kinds = Counter(event.kind for event in Event.objects.of("issue", issue.pk).filter(data__version__gt=issue.version))
    joined = kinds.pop("join", 0)
    assert joined == sum(answer.status_code == 200 for answer in answers[36:38])
    assert kinds == done
    now = Issue.objects.get(pk=issue.pk)
    assert now.version == issue.version + done.total() + joined
    assert Event.objects.of("issue", issue.pk).count() == now.version
    assert verify().broken is None


def test_one_of_many_with_the_same_version_wins(world: World, caller: Called) -> None:
    issue = world.create()
    clerk = caller("clerk")
    accept = [lambda: clerk.post(f"issues/{issue.number}/actions/accept/", {"version": 1})] * 10
    codes = Counter(answer.status_code for answer in at_once(accept))
    assert codes == {200: 1, 409: 9}


def test_creators_at_once_leave_no_gap(world: World, caller: Called) -> None:
    clerk, resident = caller("clerk"), Caller()
    good = {"description": "灯不亮", "community": "夏东社区", "category": "0202"}
    report = {"description": "垃圾", "community": "大德社区"}
    work: list[Callable[[], Any]] = []
    for number in range(8):
        work.append(lambda: clerk.post("issues/", good))
        work.append(lambda: clerk.post("issues/", good | {"building": "没有"}))
        mine = report | {"contact_phone": f"1990000{number:04d}"}
        work.append(partial(resident.post, "public/issues/", mine))
    codes = Counter(answer.status_code for answer in at_once(work))
    assert codes == {201: 16, 400: 8}
    assert sorted(Issue.objects.values_list("serial", flat=True)) == list(range(1, 17))


def test_guessing_tails_at_once_is_no_way_around(world: World) -> None:
    issue = world.create()
    guesses = [f"{number:04d}" for number in range(24)]
    assert PHONE[-4:] not in guesses
    work: list[Callable[[], Any]] = [
        partial(Caller().post, "public/issues/lookup/", {"number": issue.number, "phone_tail": tail})
        for tail in guesses
    ]
    codes = Counter(answer.status_code for answer in at_once(work))
    assert codes == {404: 5, 429: 19}
