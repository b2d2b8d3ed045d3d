"""How a verdict came: by every door it is noted, the journal says the same, and work that begins anew forgets it."""

from datetime import timedelta
from typing import Any

import pytest

from issues.enums import SUBJECT, Proof
from issues.models import Issue
from issues.replay.rules import differences
from issues.resident import issue_by_token, resident_view
from issues.services.errors import InvalidFields, StateConflict
from journal.models import Event
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=30)
GOOD = {"verdict": "satisfied", "solved": "yes"}
DOORS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("follow_up", "record_follow_up", "clerk", GOOD, "call"),
    ("follow_up", "record_follow_up", "clerk", {"verdict": "unreachable"}, ""),
    ("follow_up", "record_follow_up", "resident", GOOD, "web"),
    ("replied", "record_follow_up", "resident", GOOD, "web"),
    ("replied", "redo", "resident", {"reason": "又积水", "solved": "no"}, "web"),
    ("follow_up", "redo", "clerk", {"reason": "又积水"}, ""),
    ("accepted", "answer_now", "supervisor", {"note": "已告知", **GOOD}, "desk"),
    ("accepted", "answer_now", "supervisor", {"note": "已告知"}, ""),
]


def agrees(issue: Issue) -> bool:
    events = Event.objects.of(SUBJECT, issue.pk).order_by("seq")
    return differences(events, Issue.objects.get(pk=issue.pk)) == {}


@pytest.mark.parametrize(("status", "action", "who", "data", "via"), DOORS)
def test_each_door(world: World, status: str, action: str, who: str, data: dict[str, Any], via: str) -> None:
    issue = world.act(world.make_issue(status), action, who, LATER, **data)
    assert issue.verdict_via == via
    assert agrees(issue)


@pytest.mark.parametrize("again", ["reopen", "reply"])
def test_work_that_begins_anew_forgets_it(world: World, again: str) -> None:
    if again == "reopen":
        issue = world.act(world.make_issue("closed"), "reopen", "clerk", LATER, reason="又积水")
    else:
        issue = world.act(world.make_issue("replied"), "redo", "resident", LATER, reason="又积水", solved="no")
        issue = world.act(issue, "reply", "officer", LATER, outcome="explained", note="已疏通")
    assert issue.verdict_via == ""
    assert agrees(issue)


def test_the_reporter_rates_what_was_answered_at_once_and_may_change_it_for_fifteen_days(world: World) -> None:
    issue = world.create(kind="enquiry", category="0202")
    issue = world.act(issue, "answer_now", "clerk", LATER, note="凭身份证办理", **GOOD)
    loaded = issue_by_token(issue.token)
    assert loaded is not None
    late = LATER + timedelta(days=16)
    soon, after = resident_view(loaded, LATER, proof=Proof.WHOLE), resident_view(loaded, late, proof=Proof.WHOLE)
    assert (soon.asks_verdict, soon.can_reopen, soon.raise_again) == (True, True, False)
    assert (after.asks_verdict, after.can_reopen, after.raise_again) == (False, False, True)
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "resident", late, **GOOD)
    with pytest.raises(InvalidFields) as refused:
        world.act(issue, "record_follow_up", "resident", LATER, verdict="dissatisfied", solved="no", reason="没办成")
    said = str(refused.value.fields["verdict"])
    assert "重新办理" in said, "what is closed is not sent back, it is reopened"
    assert "退回重办" not in said
    issue = world.act(issue, "record_follow_up", "resident", LATER, verdict="fairly", solved="partly")
    assert (issue.status, issue.verdict, issue.solved, issue.verdict_via) == ("closed", "fairly", "partly", "web")
    assert agrees(issue)
    issue = world.act(issue, "record_follow_up", "resident", LATER, **GOOD)
    assert (issue.status, issue.verdict, issue.verdict_via) == ("closed", "satisfied", "web")
    assert agrees(issue)
    assert world.act(world.make_issue("closed"), "record_follow_up", "resident", LATER, **GOOD).verdict_via == "web"
    with pytest.raises(StateConflict):
        world.act(issue, "record_follow_up", "resident", late, **GOOD)
