"""A merge that is taken back the same day leaves nothing lost: clocks, promises and what the reporter said (B7)."""

from datetime import datetime

from common.clock import SHANGHAI
from deadlines.models import Deadline
from issues.models import Issue
from tests.support.cast import World


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def merged_and_taken_out(world: World, issue: Issue) -> Issue:
    master = world.make_issue("in_progress", at=at("03-16T10:00"))
    issue = world.act(issue, "merge", "clerk", at("03-17T11:00"), master=master.number)
    return world.act(issue, "unmerge", "clerk", at("03-17T12:00"))


def running(subject_kind: str = "issue", **given: object) -> list[str]:
    rows = Deadline.objects.filter(subject_kind=subject_kind, state="running", **given)
    return sorted(rows.values_list("kind", flat=True))


def test_what_waited_for_words_is_to_be_accepted_again(world: World) -> None:
    issue = world.make_issue("accepted", at=at("03-17T10:00"))
    issue = world.act(issue, "request_info", "clerk", at("03-17T10:30"), note="哪里？")
    issue = merged_and_taken_out(world, issue)
    assert (issue.status, issue.due_kind) == ("submitted", "accept")
    assert running(subject_id=issue.pk) == ["accept", "first_report", "handle"]


def test_its_promise_and_its_verdict_hold_again(world: World) -> None:
    issue = world.make_issue("in_progress", at=at("03-17T10:00"))
    planned = {"outcome": "planned", "note": "列入计划", "due_on": "2026-06-01"}
    issue = world.act(issue, "reply", "officer", at("03-17T10:30"), **planned)
    issue = world.act(issue, "record_follow_up", "resident", at("03-17T10:40"), verdict="satisfied", solved="yes")
    said = (issue.verdict, issue.solved, issue.verdict_via, issue.verdict_check)
    issue = merged_and_taken_out(world, issue)
    assert (issue.status, issue.promised) == ("replied", True)
    assert (issue.verdict, issue.solved, issue.verdict_via, issue.verdict_check) == said
    assert running("commitment") == ["fulfil"]
    kept = world.act(issue, "fulfil", "officer", at("03-18T10:00"), note="已修好")
    assert (kept.promised, running("commitment")) == (False, [])


def test_what_was_said_of_the_masters_answer_is_not_of_its_own(world: World) -> None:
    """The master goes on as if they had never joined it: the supervisor need not look at an objection that left."""
    master = world.make_issue("replied", at=at("03-17T09:00"))
    issue = world.make_issue("follow_up", at=at("03-17T09:30"))
    issue = world.act(issue, "merge", "clerk", at("03-17T11:00"), master=master.number)
    unsolved = {"verdict": "", "solved": "no", "reason": "仍积水"}
    issue = world.act(issue, "record_follow_up", "resident", at("03-17T11:10"), **unsolved)
    master.refresh_from_db()
    assert (issue.objected, master.turn) == (True, "supervisor")
    issue = world.act(issue, "unmerge", "clerk", at("03-17T12:00"))
    master.refresh_from_db()
    assert (issue.solved, issue.objected, master.turn) == ("", False, "community")


def test_what_was_answered_before_it_was_deferred_gets_a_redos_clock_whatever_was_corrected(world: World) -> None:
    issue = world.make_issue("follow_up", at=at("03-16T10:00"), category="0402", kind="help")
    later = {"reason": "funding", "until": "2026-04-10", "interim_answer": "等资金"}
    issue = world.act(issue, "request_suspension", "officer", at("03-18T09:00"), **later)
    issue = world.act(issue, "grant_suspension", "supervisor", at("03-18T10:00"))
    issue = world.act(issue, "edit", "clerk", at("03-19T10:00"), kind="complaint")
    assert running(subject_id=issue.pk, kind="handle") == []
    world.act(issue, "resume", "officer", at("03-20T10:00"))
    handle = Deadline.objects.get(subject_id=issue.pk, kind="handle", state="running")
    assert (handle.limit, handle.rule, handle.due_at) == ("4wd", "redo:kind:complaint", at("03-26T17:30"))
