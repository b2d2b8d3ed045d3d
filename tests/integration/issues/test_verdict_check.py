"""The supervisor's call-back about verdicts by web (docs/rules/privacy.md): marked, due, and what comes of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest
from rest_framework.request import Request

from api.detail import in_full
from api.history import history
from common.clock import SHANGHAI
from deadlines.models import Deadline
from issues.enums import SUBJECT, Proof
from issues.models import Issue, VerdictSeries
from issues.querysets import todo_of
from issues.replay.rules import differences
from issues.resident import issue_by_token, resident_view
from issues.services.errors import InvalidFields, NotPermitted, StateConflict
from issues.services.offers import offers
from issues.services.revealing import reveal_contact
from journal.models import Event
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=30)
GOOD = {"verdict": "satisfied", "solved": "yes"}
BAD = {"verdict": "dissatisfied", "solved": "no", "reason": "又积水，居民没有评价过"}
TRIES = ("2026-03-18T16:00", "2026-03-19T09:00", "2026-03-19T16:00")


def agrees(issue: Issue) -> bool:
    events = Event.objects.of(SUBJECT, issue.pk).order_by("seq")
    return differences(events, Issue.objects.get(pk=issue.pk)) == {}


def clock(issue: Issue) -> str:
    row = Deadline.objects.of(SUBJECT, issue.pk).filter(kind="sample").order_by("-id").first()
    return row.state if row else ""


def reveal(world: World, issue: Issue, by: str) -> None:
    reveal_contact(issue_id=issue.pk, by=world.actor(by), reason="上门前联系", at=NOW)


def known(world: World, **given: Any) -> Issue:
    """Answered by an officer who looked at the number, and confirmed by web: an officer's first of the month."""
    issue = world.make_issue("follow_up", **given)
    reveal(world, issue, "officer")
    return world.act(issue, "record_follow_up", "resident", LATER, **GOOD)


def todo(world: World) -> set[int]:
    return set(Issue.objects.filter(todo_of(world.actor("supervisor").access)).values_list("pk", flat=True))


def closed_at_once(world: World) -> Issue:
    issue = world.create(kind="enquiry", category="0202")
    return world.act(issue, "answer_now", "clerk", LATER, note="凭身份证办理")


MARKS: list[tuple[str, dict[str, Any], str, bool]] = [
    # who looked at the number, where the matter was, who leads, whether it is marked
    ("", {}, "MUNICIPAL", False),
    ("clerk", {}, "MUNICIPAL", False),
    ("supervisor", {}, "MUNICIPAL", False),
    ("officer", {}, "MUNICIPAL", True),
    ("head", {}, "MUNICIPAL", True),
    ("officer", {"contact_phone": "", "contact_name": ""}, "MUNICIPAL", False),
    ("", {}, "XIADONG-TEAM", True),
]


@pytest.mark.parametrize(("who", "given", "department", "marked"), MARKS)
@pytest.mark.parametrize("status", ["replied", "follow_up"])
def test_what_is_marked(
    world: World, who: str, given: dict[str, Any], department: str, marked: bool, status: str
) -> None:
    own = department.endswith("-TEAM")
    issue = world.make_issue(
        "replied", department=department, officer="secretary" if own else "officer", category="0402", **given
    )
    if who and not given:
        reveal(world, issue, who)
    if status == "follow_up" and not given:
        issue = world.act(issue, "verify_pass", "supervisor", LATER, check="phone", note="已核实")
    issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
    assert (issue.verdict_known, issue.verdict_check) == (marked, "due" if marked else "")
    assert agrees(issue)


@pytest.mark.parametrize(("since", "marked"), [("returned", True), ("co", True)])
def test_who_handled_it_once_or_helps_knows_it_too(world: World, since: str, marked: bool) -> None:
    if since == "returned":
        issue = world.make_issue("dispatched", department="WATER")
        reveal(world, issue, "officer2")
        issue = world.act(issue, "return", "officer2", LATER, reason="not_ours", basis="由市政负责")
        issue = world.act(issue, "dispatch", "clerk", LATER, department="MUNICIPAL")
        issue = world.act(issue, "acknowledge", "officer", LATER)
    else:
        issue = world.make_issue("in_progress")
        issue = world.act(issue, "add_department", "officer", LATER, department="WATER")
        issue = world.act(issue, "co_reply", "officer2", LATER, note="已配合")
        reveal(world, issue, "officer2")
    issue = world.act(issue, "reply", "officer", LATER, outcome="explained", note="已说明")
    issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
    assert issue.verdict_known == marked


def test_of_an_officer_the_first_of_a_month_and_of_all_every_fifth(world: World) -> None:
    found = [known(world).verdict_check for _number in range(6)]
    assert found == ["due", "", "", "", "due", ""]
    next_month = NOW + timedelta(days=20)
    issue = world.make_issue("follow_up", at=next_month)
    reveal(world, issue, "officer")
    later = world.act(issue, "record_follow_up", "resident", next_month + timedelta(hours=1), **GOOD)
    assert later.verdict_check == "due"


def test_of_the_rest_every_twentieth(world: World) -> None:
    VerdictSeries.objects.create(subdistrict=world.area, series="other", last=18)
    checks = []
    for _number in range(3):
        issue = world.act(world.make_issue("replied"), "record_follow_up", "resident", LATER, **GOOD)
        checks.append((issue.verdict_known, issue.verdict_check))
    assert checks == [(False, ""), (False, "due"), (False, "")]


def test_its_clock_runs_from_the_close_and_stands_in_the_supervisors_list(world: World) -> None:
    issue = world.make_issue("replied")
    reveal(world, issue, "officer")
    issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
    assert (issue.verdict_check, clock(issue), issue.pk in todo(world)) == ("due", "", False)
    issue = world.act(issue, "verify_pass", "clerk", LATER, check="phone", note="已核实")
    assert (issue.status, clock(issue), issue.pk in todo(world)) == ("closed", "running", True)
    row = Deadline.objects.of(SUBJECT, issue.pk).get(kind="sample")
    assert (row.due_at, row.party_id) == (datetime(2026, 3, 23, 17, 30, tzinfo=SHANGHAI), None)
    assert issue.due_at is None
    assert agrees(issue)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (GOOD, ("satisfied", "yes", "web", "confirmed")),
        ({"verdict": "fairly", "solved": "partly"}, ("fairly", "partly", "web", "confirmed")),
        (BAD, ("dissatisfied", "no", "call", "replaced")),
        (BAD | {"verdict": "fairly"}, ("fairly", "no", "call", "replaced")),
    ],
)
def test_what_the_call_finds(world: World, said: dict[str, Any], found: tuple[str, ...]) -> None:
    issue = world.act(known(world), "record_follow_up", "supervisor", LATER, **said)
    assert (issue.verdict, issue.solved, issue.verdict_via, issue.verdict_check) == found
    assert (issue.status, issue.turn, issue.verdict_known) == ("closed", "nobody", True)
    assert (clock(issue), issue.pk in todo(world)) == ("met", False)
    assert agrees(issue)
    possible = {row.action for row in offers(issue, world.actor("supervisor"), LATER) if row.allowed}
    assert "record_follow_up" not in possible
    assert "reopen" in possible
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "supervisor", LATER, **GOOD)


def test_who_was_not_reached_three_times_is_counted_neither_way(world: World) -> None:
    issue = known(world)
    for text in TRIES[:2]:
        at = datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        issue = world.act(issue, "record_follow_up", "supervisor", at, verdict="unreachable")
        assert (issue.verdict, issue.verdict_check, clock(issue)) == ("satisfied", "due", "running")
        assert agrees(issue)
    at = datetime.fromisoformat(TRIES[2]).replace(tzinfo=SHANGHAI)
    issue = world.act(issue, "record_follow_up", "supervisor", at, verdict="unreachable")
    assert (issue.verdict, issue.verdict_check, clock(issue)) == ("satisfied", "unreached", "met")
    assert agrees(issue)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"verdict": "satisfied"}, "solved"),
        ({"verdict": "dissatisfied", "solved": "no"}, "reason"),
        ({"verdict": "fairly", "solved": "no"}, "reason"),
        ({"verdict": "no_reporter"}, "verdict"),
        ({}, "verdict"),
    ],
)
def test_what_the_call_must_say(world: World, said: dict[str, Any], field: str) -> None:
    issue = known(world)
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "record_follow_up", "supervisor", LATER, **said)
    assert field in refused.value.fields
    assert "退回重办" not in str(refused.value.fields[field])


@pytest.mark.parametrize("who", ["clerk", "deputy", "officer"])
def test_nobody_else_makes_the_call(world: World, who: str) -> None:
    with pytest.raises((NotPermitted, StateConflict)):
        world.act(known(world), "record_follow_up", who, LATER, **GOOD)


def test_the_community_does_not_put_its_own_call_before_it(world: World) -> None:
    issue = world.make_issue("follow_up")
    reveal(world, issue, "officer")
    Issue.objects.filter(pk=issue.pk).update(verdict="satisfied", solved="yes", verdict_via="web", verdict_check="due")
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "clerk", LATER, **GOOD)


def test_who_answered_it_does_not_check_it(world: World) -> None:
    issue = world.create(kind="enquiry", category="0202")
    issue = world.act(issue, "answer_now", "supervisor", LATER, note="凭身份证办理")
    VerdictSeries.objects.create(subdistrict=world.area, series="other", last=19)
    issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
    assert issue.verdict_check == "due"
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "supervisor", LATER, **GOOD)


def test_of_what_was_answered_at_once_the_community_knew_the_number(world: World) -> None:
    issue = world.act(closed_at_once(world), "record_follow_up", "resident", LATER, **GOOD)
    assert (issue.verdict_known, issue.verdict_check, clock(issue)) == (True, "due", "running")
    with pytest.raises(InvalidFields) as refused:
        world.act(closed_at_once(world), "record_follow_up", "resident", LATER, verdict="fairly", solved="no")
    assert "退回重办" not in str(refused.value.fields["verdict"])
    issue = world.act(issue, "record_follow_up", "supervisor", LATER, **BAD)
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "resident", LATER, **GOOD)


@pytest.mark.parametrize("again", ["reopen", "redo", "redo by web", "merge"])
def test_work_that_begins_anew_forgets_the_check(world: World, again: str) -> None:
    if again == "reopen":
        issue = world.act(known(world), "reopen", "supervisor", LATER, reason="又积水")
    else:
        issue = world.make_issue("replied")
        reveal(world, issue, "officer")
        issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
        assert issue.verdict_check == "due"
        if again == "merge":
            issue = world.act(issue, "merge", "clerk", LATER, master=world.create().number)
        elif again == "redo":
            issue = world.act(issue, "redo", "clerk", LATER, reason="又积水")
        else:
            issue = world.act(issue, "redo", "resident", LATER, reason="又积水", solved="no")
    assert (issue.verdict_known, issue.verdict_check) == (False, "")
    assert clock(issue) in ("", "cancelled")
    assert agrees(issue)


def joined(world: World) -> tuple[Issue, Issue]:
    """A master that is to be called about, and who joined it and confirmed by web; the officer saw that number."""
    issue, master = world.make_issue("in_progress", contact_phone="19900007777"), world.make_issue("in_progress")
    reveal(world, issue, "officer")
    issue = world.act(issue, "merge", "clerk", LATER, master=master.number)
    master = world.act(master, "reply", "officer", LATER, outcome="explained", note="已说明")
    master = world.act(master, "verify_pass", "clerk", LATER, check="phone", note="已核实")
    return master, world.act(issue, "record_follow_up", "resident", LATER, **GOOD)


def test_who_confirms_again_is_counted_once(world: World) -> None:
    known(world)
    issue = world.make_issue("replied")
    reveal(world, issue, "officer")
    for _time in range(6):
        issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
        assert (issue.verdict_known, issue.verdict_check) == (True, "")
    assert VerdictSeries.objects.get(series="known").last == 2
    assert agrees(issue)


@pytest.mark.parametrize("said", [GOOD, BAD])
def test_the_community_does_not_call_over_what_who_joined_said_by_web(world: World, said: dict[str, Any]) -> None:
    issue = world.make_issue("merged", contact_phone="19900007777")
    assert issue.master is not None
    world.act(issue.master, "reply", "officer", LATER, outcome="explained", note="已说明")
    issue = world.act(issue, "record_follow_up", "resident", LATER, **said)
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "clerk", LATER, **GOOD)


@pytest.mark.parametrize("said", [GOOD, BAD])
def test_who_joined_is_asked_under_their_own_number(world: World, said: dict[str, Any]) -> None:
    master, issue = joined(world)
    assert (issue.verdict_known, issue.verdict_check, clock(issue)) == (True, "due", "running")
    assert issue.pk in todo(world)
    issue = world.act(issue, "record_follow_up", "supervisor", LATER, **said)
    assert (issue.verdict_check, clock(issue)) == ("confirmed" if said is GOOD else "replaced", "met")
    master = Issue.objects.get(pk=master.pk)
    assert (master.turn, issue.objected) == (("community", False) if said is GOOD else ("supervisor", True))
    assert agrees(issue)
    assert agrees(master)


def test_the_masters_own_check_outlives_the_last_verdict_of_who_joined(world: World) -> None:
    issue = world.make_issue("merged", contact_phone="19900007777")
    master = Issue.objects.get(pk=issue.master_id or 0)
    reveal(world, master, "officer")
    master = world.act(master, "reply", "officer", LATER, outcome="explained", note="已说明")
    master = world.act(master, "verify_pass", "clerk", LATER, check="phone", note="已核实")
    master = world.act(master, "record_follow_up", "resident", LATER, **GOOD)
    assert (master.status, master.verdict_check, clock(master)) == ("follow_up", "due", "")
    issue = world.act(issue, "record_follow_up", "clerk", LATER, **GOOD)
    master = Issue.objects.get(pk=master.pk)
    assert (master.status, clock(master), issue.verdict_known) == ("closed", "running", False)
    assert agrees(master)
    master = world.act(master, "reopen", "clerk", LATER, reason="又积水")
    assert clock(master) == "cancelled"


def test_reopening_the_master_ends_the_checks_of_who_joined(world: World) -> None:
    master, issue = joined(world)
    world.act(master, "redo", "clerk", LATER, reason="又积水")
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.verdict, issue.verdict_check, clock(issue)) == ("", "", "cancelled")
    assert agrees(issue)


def test_who_reported_is_told_nothing_of_it(world: World) -> None:
    issue = known(world)
    loaded = issue_by_token(issue.token)
    assert loaded is not None
    assert "抽查" not in str(resident_view(loaded, LATER, proof=Proof.WHOLE))
    called = world.act(issue, "record_follow_up", "supervisor", LATER, **GOOD)
    loaded = issue_by_token(called.token)
    assert loaded is not None
    assert "抽查" not in str(resident_view(loaded, LATER, proof=Proof.WHOLE))
    seen = history(Request(HttpRequest()), issue, world.actor("leader").access)["results"]
    assert [row["data"]["via"] for row in seen if row["kind"] == "record_follow_up"] == ["web"]
    assert not [row for row in seen if {"known", "sampled", "sample"} & set(row["data"])]
    whole = Issue.objects.select_related("community", "contact", "category").get(pk=issue.pk)
    told = in_full(whole, world.actor("supervisor"))
    assert (told["verdict_known"], told["verdict_check"]) == (True, "confirmed")
