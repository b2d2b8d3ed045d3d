"""Several people, and time itself, at once on real connections: one wins or they take turns; nobody meets an error."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from random import Random
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from communities.actors import Actor
from deadlines.models import Deadline
from issues.clock_specs import OUTLIVING, SIDE
from issues.enums import SUBJECT
from issues.models import Holding, Issue
from issues.reading.asked import asked_on
from issues.replay.rules import differences
from issues.services.actions import act
from issues.services.errors import IssueError
from journal.models import Event
from journal.verification import verify
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=30)
REFUSALS = {"version_conflict", "state_conflict", "permission_denied", "invalid"}

Call = Callable[[], object]


def together(calls: Sequence[Call]) -> list[str]:
    """Run all calls at the same moment, each on a connection of its own: "ok" or the refusal's code of each.

    Anything but a refusal of the domain is raised here: a deadlock is a failure.
    """
    barrier = Barrier(len(calls))

    def run(call: Call) -> str:
        try:
            barrier.wait()
            call()
        except IssueError as error:
            return error.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


def asking(issue: Issue, action: str, by: Actor, at: datetime = LATER, /, **data: Any) -> Call:
    """``by`` saw the issue as it is now and does this."""
    return partial(act, issue_id=issue.pk, action=action, by=by, at=at, data=data, version=issue.version)


def fresh(*issues: Issue) -> list[Issue]:
    return [Issue.objects.get(pk=issue.pk) for issue in issues]


def check_all() -> None:
    """What holds of every issue, whoever came first."""
    assert verify().broken is None
    for row in Issue.objects.order_by("pk"):
        events = Event.objects.of(SUBJECT, row.pk).order_by("seq")
        assert differences(events, row) == {}, row.number
        assert row.joined_count == Issue.objects.filter(master=row).count()
        clocks = list(Deadline.objects.of(SUBJECT, row.pk).open())
        assert bool([clock for clock in clocks if clock.kind not in OUTLIVING]) == row.is_open
        running = [clock.due_at for clock in clocks if clock.is_running and clock.kind not in SIDE]
        assert row.due_at == min(running, default=None)
        assert Holding.objects.filter(issue=row, until_at__isnull=True).count() <= 1
        assert set(row.asks) == {asked.kind for asked in asked_on([row.pk]).get(row.pk, ())}


def test_forty_mixed_actions_of_the_whole_table(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "add_department", "officer", NOW + timedelta(minutes=20), department="WATER")
    issue = world.act(issue, "request_extension", "officer", NOW + timedelta(minutes=21), days=2, reason="等配件")
    (other,) = fresh(world.make_issue("in_progress", category="0402"))
    names = ("clerk", "officer", "officer2", "head", "supervisor", "deputy")
    people = {name: world.actor(name) for name in names} | {"resident": Actor.reporter(issue)}
    mixed: list[tuple[str, str, dict[str, Any]]] = [
        ("co_reply", "officer2", {"note": "管网已检查"}),
        ("grant_extension", "supervisor", {}),
        ("refuse_extension", "supervisor", {"reason": "先办"}),
        ("endorse", "head", {}),
        ("progress", "officer", {"note": "已到现场"}),
        ("urge", "supervisor", {"note": "尽快"}),
        ("request_callback", "resident", {}),
        ("comment", "deputy", {"note": "请关注"}),
        ("edit", "clerk", {"category": "0202"}),
        ("reassign", "supervisor", {"department": "GOVERN", "reason": "由治理办牵头"}),
        ("supervise", "supervisor", {"kind": "order", "note": "书面回复"}),
        ("withdraw", "resident", {}),
        ("merge", "clerk", {"master": other.number}),
    ] * 3 + [("cc", "clerk", {"users": ["supervisor"]})]
    results = together([asking(issue, action, people[by], **data) for action, by, data in mixed])
    counted = Counter(results)
    assert set(counted) <= REFUSALS | {"ok"}
    assert Issue.objects.get(pk=issue.pk).version == issue.version + counted["ok"]
    assert Event.objects.of(SUBJECT, issue.pk).filter(at=LATER).count() == counted["ok"]
    check_all()


@pytest.mark.parametrize("turn", range(4))
def test_two_matters_merged_into_each_other(world: World, turn: int) -> None:
    one, two = fresh(world.make_issue("in_progress"), world.make_issue("accepted"))
    clerk, supervisor = world.actor("clerk"), world.actor("supervisor")
    results = together(
        [
            asking(one, "merge", clerk, master=two.number),
            asking(two, "merge", supervisor, master=one.number),
        ]
    )
    assert results.count("ok") == 1
    assert set(results) <= REFUSALS | {"ok"}
    one, two = fresh(one, two)
    assert sorted((one.status == "merged", two.status == "merged")) == [False, True]
    check_all()


def test_a_ring_of_merges_never_closes(world: World) -> None:
    ring = fresh(*(world.make_issue("accepted") for _ in range(5)))
    clerk = world.actor("clerk")
    calls = [asking(row, "merge", clerk, master=ring[(place + 1) % 5].number) for place, row in enumerate(ring)]
    results = together(calls + [asking(row, "merge", clerk, master=ring[place - 1].number)
                                for place, row in enumerate(ring)])  # fmt: skip
    assert set(results) <= REFUSALS | {"ok"}
    masters = [row for row in fresh(*ring) if row.status != "merged"]
    assert masters
    assert sum(1 + row.joined_count for row in masters) == 5
    assert all(row.master in masters for row in fresh(*ring) if row.status == "merged")
    check_all()


def test_leaving_and_joining_while_the_master_is_merged_on(world: World) -> None:
    first, second = fresh(world.make_issue("in_progress"), world.make_issue("in_progress"))
    joined = [world.make_issue("submitted") for _ in range(4)]
    joined = [world.act(row, "merge", "clerk", LATER - timedelta(minutes=5), master=first.number) for row in joined[:3]]
    (newcomer,) = fresh(world.make_issue("submitted"))
    (first,) = fresh(first)
    clerk, supervisor = world.actor("clerk"), world.actor("supervisor")
    calls = [asking(row, "unmerge", clerk) for row in fresh(*joined)]
    calls.append(asking(first, "merge", supervisor, master=second.number))
    calls.append(asking(newcomer, "merge", clerk, master=first.number))
    results = together(calls)
    assert set(results) <= REFUSALS | {"ok"}
    assert "ok" in results
    check_all()


@pytest.mark.long
@pytest.mark.parametrize("turn", range(3))
def test_joiners_say_what_they_think_while_the_master_is_redone(world: World, turn: int) -> None:
    master = world.make_issue("in_progress", category="0402")
    joined = [world.make_issue("submitted", category="0402") for _ in range(4)]
    for row in joined:
        world.act(row, "merge", "clerk", NOW + timedelta(minutes=10), master=master.number)
    moment = NOW + timedelta(minutes=15)
    world.act(master, "reply", "officer", moment, outcome="explained", note="已处理")
    world.act(master, "verify_pass", "clerk", moment + timedelta(minutes=1), check="phone", note="好")
    (master,) = fresh(master)
    calls = [asking(master, "redo", world.actor("clerk"), reason="仍有问题")]
    calls.append(asking(master, "record_follow_up", Actor.reporter(master), verdict="satisfied", solved="yes"))
    for number, row in enumerate(fresh(*joined)):
        said = {"verdict": "satisfied", "solved": "yes"} if number % 2 else {"verdict": "dissatisfied", "solved": "no"}
        calls.append(asking(row, "record_follow_up", Actor.reporter(row), reason="仍漏水", **said))
    Random(turn).shuffle(calls)
    results = together(calls)
    assert set(results) <= REFUSALS | {"ok"}
    (master,) = fresh(master)
    if master.status == "in_progress":
        assert not any(row.verdict for row in fresh(*joined)), "everybody is asked again"
    check_all()


@pytest.mark.parametrize("turn", range(3))
def test_time_deems_it_acknowledged_while_somebody_acknowledges(world: World, turn: int) -> None:
    issue = world.make_issue("dispatched", category="0402")
    late = NOW + timedelta(days=3)
    calls: list[Call] = [partial(sweep, at=late), partial(sweep, at=late)]
    calls += [asking(issue, "acknowledge", world.actor(name), late) for name in ("officer", "head")]
    Random(turn).shuffle(calls)
    results = together(calls)
    assert set(results) <= {"ok", "version_conflict", "state_conflict"}
    sweep(at=late + timedelta(minutes=1))
    (stored,) = fresh(issue)
    assert stored.status == "in_progress"
    assert Event.objects.of(SUBJECT, issue.pk).filter(kind="acknowledge").count() == 1
    check_all()


def test_time_ends_the_waiting_while_the_reporter_answers(world: World) -> None:
    issue = world.make_issue("need_info", category="0402")
    late = NOW + timedelta(days=8)
    results = together(
        [
            partial(sweep, at=late),
            asking(issue, "give_info", Actor.reporter(issue), late, note="3栋"),
            asking(issue, "give_info", world.actor("clerk"), late, note="3栋"),
            partial(sweep, at=late),
        ]
    )
    assert set(results) <= {"ok", "version_conflict", "state_conflict"}
    sweep(at=late + timedelta(minutes=1))
    assert Event.objects.of(SUBJECT, issue.pk).filter(kind="give_info").count() == 1
    assert fresh(issue)[0].status == "submitted"
    check_all()


def test_correcting_while_dispatching(world: World) -> None:
    issue = world.make_issue("accepted", category="0402")
    calls = [
        asking(issue, "edit", world.actor("clerk"), category="0301"),
        asking(issue, "edit", world.actor("supervisor"), community="440605011002"),
        asking(issue, "dispatch", world.actor("secretary"), department="MUNICIPAL"),
        asking(issue, "dispatch", world.actor("supervisor"), department="WATER"),
    ]
    results = together(calls)
    assert results.count("ok") == 1
    assert set(results) <= {"ok", "version_conflict", "permission_denied"}, "who lost the community is refused by role"
    check_all()


def test_two_decide_on_one_request(world: World) -> None:
    issue = world.make_issue("in_progress", category="0402")
    issue = world.act(issue, "request_extension", "officer", NOW + timedelta(minutes=20), days=2, reason="等配件")
    due = Deadline.objects.of(SUBJECT, issue.pk).open().get(kind="handle").due_at
    supervisor = world.actor("supervisor")
    results = together([asking(issue, "grant_extension", supervisor) for _ in range(6)]
                       + [asking(issue, "refuse_extension", supervisor, reason="不") for _ in range(6)])  # fmt: skip
    assert results.count("ok") == 1
    clock = Deadline.objects.of(SUBJECT, issue.pk).open().get(kind="handle")
    assert (clock.extensions, clock.due_at > due) in ((0, False), (1, True))
    check_all()
