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


def test_forty_mixed_actions_on_one_issue(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress")
    clerk, officer, supervisor = (caller(name) for name in ("clerk", "officer", "supervisor"))
    path = f"issues/{issue.number}/actions/"
    reply = {"version": issue.version, "outcome": "solved", "note": "已处理"}
    work: list[Callable[[], Any]] = []
    for _ in range(8):
        work += [
            lambda: officer.post(path + "reply/", reply),
            lambda: clerk.post(path + "comment/", {"note": "请抓紧"}),
            lambda: supervisor.post(path + "urge/", {}),
            lambda: officer.post(path + "progress/", {"note": "在路上"}),
            lambda: clerk.get(f"issues/{issue.number}/"),
        ]
    assert len(work) == 40
    answers = at_once(work)
    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) <= {200, 409}, codes
    replies = [answer for answer in answers[::5] if answer.status_code == 200]
    assert len(replies) <= 1
    done = sum(1 for answer in answers if answer.request["REQUEST_METHOD"] == "POST" and answer.status_code == 200)
    now = Issue.objects.get(pk=issue.pk)
    assert now.version == issue.version + done
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
