"""Merging, taking back, verdicts and files at the same moment: no 500, one winner, and a journal that holds."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from files.models import StoredFile
from issues.models import Issue
from journal.models import Event
from journal.verification import verify
from tests.integration.api.conftest import Caller
from tests.integration.api.test_concurrency import at_once
from tests.support.cast import World
from tests.support.photos import tiny_jpeg

Called = Callable[[str], Caller]
pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3


def holds() -> None:
    """What is true of every group, whatever happened to it."""
    assert verify().broken is None
    for master in Issue.objects.filter(joined_count__gt=0):
        joined = list(Issue.objects.filter(master=master))
        assert master.status != "merged"
        assert master.joined_count == len(joined)
        assert {row.status for row in joined} == {"merged"}
    for issue in Issue.objects.all():
        events = Event.objects.of("issue", issue.pk)
        assert issue.version == events.count()
        assert [event.seq for event in events.order_by("seq")] == list(range(1, events.count() + 1))


def merge(caller: Caller, issue: Issue, master: Issue, **headers: str) -> Callable[[], Any]:
    data = {"version": issue.version, "master": master.number}
    return lambda: caller.post(f"issues/{issue.number}/actions/merge/", data, **headers)


def test_each_into_the_other(world: World, caller: Called) -> None:
    clerk = caller("clerk")
    for _round in range(ROUNDS):
        one, other = world.create(), world.make_issue("in_progress")
        codes = Counter(
            answer.status_code for answer in at_once([merge(clerk, one, other), merge(clerk, other, one)] * 4)
        )
        assert codes[200] == 1, codes
        assert set(codes) <= {200, 400, 409}, codes
        assert Issue.objects.filter(pk__in=[one.pk, other.pk], status="merged").count() == 1
    holds()


def test_round_in_a_ring(world: World, caller: Called) -> None:
    """A into B, B into C, C into A: two at most, and never a ring."""
    clerk = caller("clerk")
    for _round in range(ROUNDS):
        ring = [world.create() for _n in range(3)]
        work = [merge(clerk, ring[place], ring[(place + 1) % 3]) for place in range(3)]
        codes = Counter(answer.status_code for answer in at_once(work * 2))
        assert set(codes) <= {200, 400, 409}, codes
        assert 1 <= codes[200] <= 2
    holds()


@pytest.mark.long
def test_masters_move_while_joiners_come_and_go(world: World, caller: Called) -> None:
    """A master with joiners joins another, while some are taken back, others come, and verdicts are recorded."""
    clerk = caller("clerk")
    for _round in range(ROUNDS):
        far = world.make_issue("follow_up")
        near = world.make_issue("in_progress")
        inside = [world.create() for _n in range(3)]
        for issue in inside:
            assert merge(clerk, issue, near)().status_code == 200
        outside = [world.create() for _n in range(2)]
        near.refresh_from_db()
        inside = list(Issue.objects.filter(master=near).order_by("-pk"))
        verdict = {"verdict": "satisfied", "solved": "yes"}
        work: list[Callable[[], Any]] = [merge(clerk, near, far)]
        for issue in inside:
            path = f"issues/{issue.number}/actions/"
            work.append(partial(clerk.post, path + "unmerge/", {"version": issue.version}))
            work.append(partial(clerk.post, path + "record_follow_up/", {"version": issue.version, **verdict}))
        for issue in outside:
            work += [merge(clerk, issue, near), merge(clerk, issue, far)]
        path = f"issues/{far.number}/actions/"
        work.append(partial(clerk.post, path + "record_follow_up/", {"version": far.version, **verdict}))
        work.append(partial(clerk.post, path + "redo/", {"version": far.version, "reason": "没有解决"}))
        codes = Counter(answer.status_code for answer in at_once(work))
        assert set(codes) <= {200, 400, 409}, codes
        assert codes[200] >= 1
    holds()


def test_the_same_key_twice_merges_once(world: World, caller: Called) -> None:
    clerk = caller("clerk")
    one, other = world.create(), world.make_issue("in_progress")
    answers = at_once([merge(clerk, one, other, Idempotency_Key="merge-1")] * 6)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert Event.objects.of("issue", one.pk).filter(kind="merge").count() == 1
    assert Issue.objects.get(pk=other.pk).joined_count == 1
    holds()


def test_the_same_key_twice_attaches_once(world: World, caller: Called) -> None:
    issue = world.make_issue("in_progress")
    officer = caller("officer")
    url = f"/api/v1/issues/{issue.number}/attachments/"

    def attach(content: bytes = tiny_jpeg()) -> Any:
        upload = SimpleUploadedFile("现场.jpg", content, "image/jpeg")
        return officer.client.post(url, {"file": upload}, headers={**officer.headers, "Idempotency-Key": "photo-1"})

    answers = at_once([attach] * 6)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert StoredFile.objects.filter(owner_id=issue.pk).count() == 1
    other = attach(tiny_jpeg() + b"\x00")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
