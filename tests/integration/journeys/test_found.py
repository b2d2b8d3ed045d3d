"""What random journeys found once, each as the shortest story that shows it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.clock import SHANGHAI
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.models import Issue
from issues.replay.rules import differences
from issues.services.errors import InvalidFields
from journal.models import Event
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

SOON = NOW + timedelta(minutes=30)
BACK = {"reason": "not_ours", "basis": "不属本单位职责"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def handle(issue: Issue) -> Deadline:
    return Deadline.objects.of(SUBJECT, issue.pk).open().get(kind="handle")


def open_kinds(issue: Issue) -> set[str]:
    return set(Deadline.objects.of(SUBJECT, issue.pk).open().values_list("kind", flat=True))


def replays(issue: Issue) -> bool:
    return not differences(Event.objects.of(SUBJECT, issue.pk).order_by("seq"), Issue.objects.get(pk=issue.pk))


def twice_returned(world: World) -> Issue:
    issue = world.make_issue("returned", category="0402")
    issue = world.act(issue, "dispatch", "clerk", SOON, department="WATER")
    return world.act(issue, "return", "officer2", SOON + timedelta(minutes=1), **BACK)


def test_a_leader_who_is_satisfied_with_a_reply_does_not_close_it_unverified(world: World) -> None:
    assert world.leader is not None
    given: dict[str, Any] = {"community": "dade", "leader_id": world.leader.pk, "source": "leader", "category": "0402"}
    issue = world.make_issue("replied", **given)
    issue = world.act(issue, "record_follow_up", "leader", SOON, verdict="satisfied", solved="yes")
    assert (issue.status, issue.verdict, issue.solved) == ("replied", "satisfied", "yes")


@pytest.mark.parametrize("verdict", ["unreachable", "no_reporter"])
def test_a_reporter_is_never_unreachable_to_himself(world: World, verdict: str) -> None:
    for status, action, data in (("replied", "redo", {"reason": "没有解决"}), ("merged", "record_follow_up", {})):
        issue = world.make_issue(status, category="0402")
        if issue.master is not None:
            world.act(issue.master, "reply", "officer", SOON, outcome="explained", note="已说明")
        with pytest.raises(InvalidFields):
            world.act(issue, action, "resident", SOON, verdict=verdict, solved="yes", **data)


def test_a_redo_by_staff_says_nothing_about_the_verdict(world: World) -> None:
    issue = world.make_issue("replied", category="0402")
    issue = world.act(issue, "redo", "clerk", SOON, reason="现场未处理", verdict="dissatisfied", solved="no")
    assert (issue.verdict, issue.solved) == ("", "")
    assert "verdict" not in Event.objects.of(SUBJECT, issue.pk).get(kind="redo").data


def test_the_level_that_a_corrected_category_gives_is_in_the_journal(world: World) -> None:
    issue = world.make_issue("accepted", category="0402")
    issue = world.act(issue, "edit", "clerk", SOON, category="0301")
    assert issue.level == "urgent"
    assert Event.objects.of(SUBJECT, issue.pk).get(kind="edit").data["changed"]["level"] == ["normal", "urgent"]
    assert replays(issue)


def test_a_correction_leaves_the_earlier_outside_date(world: World) -> None:
    outside = moment("2026-03-19T12:00")
    issue = world.make_issue("accepted", category="0402", external_due_at=outside)
    assert handle(issue).due_at == outside
    late = outside + timedelta(days=1)
    edits: tuple[dict[str, str], ...] = ({"kind": "report"}, {"category": "0202"}, {"kind": "help", "level": "complex"})
    for data in edits:
        world.act(issue, "edit", "clerk", late, **data)
        assert handle(issue).due_at == outside, data


def test_an_extension_of_an_hours_limit_survives_another_rule(world: World) -> None:
    issue = world.make_issue("in_progress", category="0101")
    assert handle(issue).limit == "4wh"
    issue = world.act(issue, "request_extension", "officer", SOON, days=2, reason="等配件")
    issue = world.act(issue, "grant_extension", "supervisor", SOON)
    assert handle(issue).due_at == moment("2026-03-20T17:30")
    issue = world.act(issue, "edit", "clerk", SOON, category="0402")
    assert (handle(issue).limit, handle(issue).due_at) == ("10wd", moment("2026-04-03T17:30"))


def test_a_deferred_matter_that_was_merged_by_mistake_keeps_its_time(world: World) -> None:
    issue = world.make_issue("suspended", category="0402")
    kept = handle(issue).remaining
    master = world.make_issue("accepted", category="0402")
    later = moment("2026-04-15T10:00")
    issue = world.act(issue, "merge", "clerk", later, master=master.number)
    assert open_kinds(issue) == {"inform"}
    issue = world.act(issue, "unmerge", "clerk", later + timedelta(hours=1))
    clock = handle(issue)
    assert (issue.status, clock.state, kept) == ("in_progress", "running", 10)
    assert clock.due_at == moment("2026-04-29T17:30")
    assert "suspension_review" not in open_kinds(issue)
    assert replays(issue)


def test_a_matter_deferred_after_its_answer_has_a_clock_when_a_merge_is_taken_back(world: World) -> None:
    issue = world.make_issue("follow_up", category="0402")
    deferral = {"reason": "funding", "until": "2026-04-20", "interim_answer": "资金已报"}
    issue = world.act(issue, "request_suspension", "officer", SOON, **deferral)
    issue = world.act(issue, "grant_suspension", "supervisor", SOON)
    master = world.make_issue("accepted", category="0402")
    issue = world.act(issue, "merge", "clerk", SOON + timedelta(hours=1), master=master.number)
    issue = world.act(issue, "unmerge", "clerk", SOON + timedelta(hours=2))
    assert (issue.status, handle(issue).limit, issue.replied_at) == ("in_progress", "4wd", None)
    assert replays(issue)


def test_taking_back_a_merge_brings_no_wait_back(world: World) -> None:
    waiting = world.make_issue("need_info", category="0402")
    asking = world.make_issue("in_progress", category="0402")
    asking = world.act(asking, "request_extension", "officer", SOON, days=2, reason="等配件")
    master = world.make_issue("accepted", category="0402")
    for before, kind in ((waiting, "more_info"), (asking, "extension_decision")):
        assert kind in open_kinds(before)
        issue = world.act(before, "merge", "clerk", SOON + timedelta(minutes=5), master=master.number)
        issue = world.act(issue, "unmerge", "clerk", SOON + timedelta(minutes=9))
        assert kind not in open_kinds(issue)
        assert not Deadline.objects.of(SUBJECT, issue.pk).filter(state="paused").exists()
        assert issue.asks == []


def test_after_two_returns_the_supervisor_decides_whatever_comes_between(world: World) -> None:
    asked = world.act(twice_returned(world), "request_info", "clerk", SOON + timedelta(minutes=5), note="哪一栋？")
    asked = world.act(asked, "accept", "clerk", SOON + timedelta(minutes=6))
    assert (asked.status, asked.turn) == ("accepted", "supervisor")
    assert "return_decision" in open_kinds(asked)
    assert "dispatch" not in open_kinds(asked)
    merged, master = twice_returned(world), world.make_issue("accepted", category="0402")
    merged = world.act(merged, "merge", "clerk", SOON + timedelta(minutes=5), master=master.number)
    merged = world.act(merged, "unmerge", "clerk", SOON + timedelta(minutes=6))
    assert (merged.status, merged.turn) == ("accepted", "supervisor")


def test_a_project_has_its_monthly_clock_after_a_redo_too(world: World) -> None:
    issue = world.make_issue("redone", category="0303")
    assert (issue.status, issue.level, open_kinds(issue)) == ("in_progress", "project", {"note"})


def test_a_project_that_is_none_after_all_gets_the_clocks_that_it_never_had(world: World) -> None:
    issue = world.make_issue("in_progress", category="0303")
    assert "handle" not in open_kinds(issue)
    issue = world.act(issue, "edit", "clerk", SOON, category="0402")
    assert (handle(issue).limit, handle(issue).started_at) == ("10wd", issue.accepted_at)
    issue = world.make_issue("accepted", category="0303")
    issue = world.act(issue, "request_info", "clerk", SOON, note="哪一栋？")
    issue = world.act(issue, "accept", "clerk", SOON, category="0402")
    assert handle(issue).limit == "10wd"
