"""Two people at once, on real connections: exactly one wins, nothing is half done, the server never errs."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from communities.actors import Actor
from deadlines.models import Deadline
from issues.enums import SUBJECT
from issues.models import Issue, VerdictSeries
from issues.services.actions import act
from issues.services.errors import IssueError
from issues.services.revealing import reveal_contact
from journal.models import Event
from journal.verification import verify
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(minutes=30)


def together(*calls: Callable[[], object]) -> list[str]:
    """Run all calls at the same moment, each on a connection of its own; "ok" or the refusal's code of each."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> str:
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


def test_two_dispatches_at_once(world: World) -> None:
    issue = world.make_issue("accepted")
    actors = (world.actor("clerk"), world.actor("secretary"))
    results = together(
        *(
            lambda actor=actor, code=code: act(
                issue_id=issue.pk,
                action="dispatch",
                by=actor,
                at=LATER,
                data={"department": code},
                version=issue.version,
            )
            for actor, code in zip(actors, ("MUNICIPAL", "WATER"), strict=True)
        )
    )
    assert sorted(results) == ["ok", "version_conflict"]
    assert Event.objects.of(SUBJECT, issue.pk).filter(kind="dispatch").count() == 1
    assert Deadline.objects.of(SUBJECT, issue.pk).open().filter(kind="acknowledge").count() == 1


def test_forty_mixed_actions_at_once(world: World) -> None:
    issue = world.make_issue("dispatched")
    people = {name: world.actor(name) for name in ("clerk", "officer", "head", "supervisor")}
    mixed = [
        ("acknowledge", "officer", {}),
        ("comment", "clerk", {"note": "请注意安全"}),
        ("urge", "supervisor", {"note": "尽快"}),
        ("assign", "head", {"officer": "officer"}),
        ("return", "officer", {"reason": "not_ours", "basis": "属水务"}),
        ("contact", "clerk", {"channel": "phone", "result": "reached"}),
        ("dispatch", "clerk", {"department": "WATER"}),
        ("reply", "officer", {"outcome": "solved", "note": "已疏通"}),
    ] * 5
    results = together(
        *(
            lambda action=action, by=by, data=data: act(
                issue_id=issue.pk, action=action, by=people[by], at=LATER, data=data, version=issue.version
            )
            for action, by, data in mixed
        )
    )
    counted = Counter(results)
    assert set(counted) <= {"ok", "version_conflict", "state_conflict", "permission_denied"}
    stored = Issue.objects.get(pk=issue.pk)
    assert stored.version == issue.version + counted["ok"]
    events = Event.objects.of(SUBJECT, issue.pk)
    assert events.filter(at=LATER).count() == counted["ok"]
    assert sorted(events.values_list("seq", flat=True)) == list(range(1, events.count() + 1))
    assert verify().broken is None


def test_of_eight_confirmations_at_once_one_is_the_officers_first_and_one_the_fifth(world: World) -> None:
    issues = [world.make_issue("follow_up") for _number in range(8)]
    for issue in issues:
        reveal_contact(issue_id=issue.pk, by=world.actor("officer"), reason="上门前联系", at=NOW)
    said = {"verdict": "satisfied", "solved": "yes"}
    results = together(
        *(
            lambda issue=issue: act(
                issue_id=issue.pk,
                action="record_follow_up",
                by=Actor.reporter(issue),
                at=LATER,
                data=said,
                version=issue.version,
            )
            for issue in issues
        )
    )
    assert results == ["ok"] * 8
    assert Issue.objects.filter(verdict_known=True).count() == 8
    assert Issue.objects.filter(verdict_check="due").count() == 2
    assert dict(VerdictSeries.objects.values_list("series", "last")) == {
        "known": 8,
        f"officer:{world.people['officer'].pk}:2026-03": 8,
    }
