"""The night's retention: what is masked, what stays and why, and that a run may stop anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from common.clock import SHANGHAI
from communities.actors import Actor
from communities.models import Contact
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.enums import ENDED, SUBJECT, Status
from issues.models import Issue
from issues.services.creation import create
from issues.services.masking import mask
from journal.models import Event
from privacy.enums import RetentionOutcome
from privacy.models import RetentionLine, RetentionRule, RetentionRun, RightsRequest
from privacy.services import retention
from privacy.services.holds import lift, set_hold
from privacy.services.retention import NotMaskable, before, mask_matter, run_due
from reminders.enums import OFFICE
from tests.support.at_once import at_once
from tests.support.cast import NOW, World, in_status
from tests.support.standing import begins

pytestmark = pytest.mark.django_db

NIGHT = datetime(2028, 3, 19, 1, 0, tzinfo=SHANGHAI)
"""Two years and a day after everything of the cast."""


def night(at: datetime = NIGHT, seconds: float = 60) -> dict[str, int]:
    return run_due(clock=lambda: at, for_seconds=seconds)


def outcome_of(issue: Issue) -> str:
    return RetentionLine.objects.get(issue=issue).outcome


@pytest.mark.parametrize(
    ("at", "months", "moment"),
    [
        ("2028-03-19T01:00", 24, "2026-03-19"),
        ("2026-03-31T01:00", 6, "2025-09-30"),
        ("2026-08-31T01:00", 6, "2026-02-28"),
        ("2024-08-31T01:00", 6, "2024-02-29"),
        ("2028-02-29T23:59", 12, "2027-02-28"),
        ("2026-01-15T00:00", 12, "2025-01-15"),
        ("2026-12-31T12:00", 24, "2024-12-31"),
        ("2026-01-31T12:00", 240, "2006-01-31"),
    ],
)
def test_a_month_ends_with_its_last_day(at: str, months: int, moment: str) -> None:
    asked = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert before(asked, months) == datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("status", sorted(Status))
def test_only_what_has_ended_is_masked(world: World, status: Status) -> None:
    issue = world.make_issue(status)
    night()
    issue.refresh_from_db()
    masked = status in ENDED - {Status.MERGED, Status.REJECTED}
    assert (issue.masked_at is not None) is masked
    assert RetentionLine.objects.filter(issue=issue).exists() is (status in ENDED)
    if status in ENDED:
        stays = {Status.MERGED: RetentionOutcome.JOINED, Status.REJECTED: RetentionOutcome.UNFINISHED}
        assert outcome_of(issue) == stays.get(status, RetentionOutcome.MASKED)  # who was refused must still be told


@pytest.mark.parametrize(("minutes", "masked"), [(-1, True), (0, False), (1, False)])
def test_the_day_on_which_it_ended_is_not_over_before_midnight(world: World, minutes: int, masked: bool) -> None:
    issue = world.make_issue("closed")
    Issue.objects.filter(pk=issue.pk).update(closed_at=before(NIGHT, 24) + timedelta(minutes=minutes))
    night()
    assert (Issue.objects.get(pk=issue.pk).masked_at is not None) is masked


@dataclass(frozen=True)
class Obstacle:
    """What stands against masking, and how it goes away."""

    outcome: RetentionOutcome
    put: Callable[[World, Issue], Any]
    take: Callable[[World, Issue], Any]


def _hold(world: World, issue: Issue) -> Any:
    return set_hold(
        issue=issue, reason="诉讼中", review_on=NIGHT.date() - timedelta(days=300), by=world.actor("supervisor"),
        at=NIGHT - timedelta(days=400),
    )  # fmt: skip


def _lift(world: World, issue: Issue) -> Any:
    from privacy.models import LegalHold

    hold = LegalHold.objects.get(issue=issue)
    return lift(hold_id=hold.pk, reason="判决已生效", by=world.actor("supervisor"), at=NIGHT)


def _asked(world: World, issue: Issue) -> Any:
    contact = Contact.of(
        subdistrict_id=issue.subdistrict_id, name="", phone=issue.contact.phone if issue.contact else "", address="",
        at=NIGHT,
    )  # fmt: skip
    contact.save()
    return RightsRequest.objects.create(
        subdistrict_id=issue.subdistrict_id, kind="see", via="web", identity="whole_number", contact=contact,
        received_at=NIGHT, due_at=NIGHT,
    )  # fmt: skip


def _answered(world: World, issue: Issue) -> Any:
    return RightsRequest.objects.update(
        status="done", decided_at=NIGHT, decided_by=world.people["supervisor"], ended_at=NIGHT,
        ended_by=world.people["supervisor"],
    )  # fmt: skip


def _running(world: World, issue: Issue) -> Any:
    row = Deadline.objects.of(SUBJECT, issue.pk).order_by("pk").last()
    assert row is not None
    return Deadline.objects.filter(pk=row.pk).update(state="running", stopped_at=None)


def _stopped(world: World, issue: Issue) -> Any:
    return Deadline.objects.of(SUBJECT, issue.pk).filter(state="running").update(state="met", stopped_at=NIGHT)


def _column(**columns: Any) -> Callable[[World, Issue], Any]:
    return lambda world, issue: Issue.objects.filter(pk=issue.pk).update(**columns)


OBSTACLES = {
    "a legal hold": Obstacle(RetentionOutcome.HELD, _hold, _lift),
    "a request about the own data": Obstacle(RetentionOutcome.RIGHTS, _asked, _answered),
    "a clock that runs": Obstacle(RetentionOutcome.UNFINISHED, _running, _stopped),
    "a promise": Obstacle(RetentionOutcome.UNFINISHED, _column(promised=True), _column(promised=False)),
    "somebody to be told": Obstacle(RetentionOutcome.UNFINISHED, _column(untold=True), _column(untold=False)),
    "a request that waits": Obstacle(RetentionOutcome.UNFINISHED, _column(asks=["exclusion"]), _column(asks=[])),
    "a verdict to be checked": Obstacle(
        RetentionOutcome.UNFINISHED, _column(verdict_check="due"), _column(verdict_check="confirmed")
    ),
}


@begins(lambda world: in_status(world, "closed"))
@pytest.mark.parametrize("name", OBSTACLES)
def test_what_stands_against_it_is_named_and_once_it_is_gone_the_matter_is_masked(
    world: World, begun: Issue, name: str
) -> None:
    obstacle = OBSTACLES[name]
    obstacle.put(world, begun)
    assert night() == {obstacle.outcome: 1}
    assert outcome_of(begun) == obstacle.outcome
    assert Issue.objects.get(pk=begun.pk).masked_at is None
    obstacle.take(world, begun)
    assert night() == {}, "a run looks at a matter once"
    assert night(NIGHT + timedelta(days=1)) == {RetentionOutcome.MASKED: 1}
    assert outcome_of(begun) == RetentionOutcome.MASKED
    assert night(NIGHT + timedelta(days=2)) == {}
    assert [run.counts for run in RetentionRun.objects.filter(subdistrict=world.area).order_by("on")] == [
        {obstacle.outcome: 1}, {"masked": 1}, {}
    ]  # fmt: skip


@begins(lambda world: in_status(world, "closed"))
@pytest.mark.parametrize("name", OBSTACLES)
def test_a_persons_decision_passes_over_the_request_and_over_nothing_else(
    world: World, begun: Issue, name: str
) -> None:
    OBSTACLES[name].put(world, begun)
    by = world.actor("supervisor")
    if name == "a request about the own data":
        assert mask_matter(issue=begun, by=by, at=NIGHT, reason="本人要求删除").contacts == 1
        return
    with pytest.raises(NotMaskable) as refused:
        mask_matter(issue=begun, by=by, at=NIGHT, reason="本人要求删除")
    assert str(refused.value.message)
    assert Issue.objects.get(pk=begun.pk).masked_at is None


def test_a_joined_matter_waits_for_its_master(world: World) -> None:
    joined = world.make_issue("merged")
    assert joined.master_id is not None
    night()
    assert outcome_of(joined) == RetentionOutcome.JOINED
    with pytest.raises(NotMaskable):
        mask_matter(issue=joined, by=Actor.system(), at=NIGHT, reason="")
    for pk in (joined.pk, joined.master_id):
        deadlines.cancel(Deadline.objects.of(SUBJECT, pk).open(), None, NOW)
        _column(untold=False)(world, Issue.objects.get(pk=pk))
    Issue.objects.filter(pk=joined.master_id).update(status="closed", turn="nobody", closed_at=NOW)
    assert night(NIGHT + timedelta(days=1)) == {RetentionOutcome.MASKED: 2}


def test_each_office_by_its_own_rule(world: World) -> None:
    matters = [world.make_issue("withdrawn"), world.make_issue("withdrawn")]
    there = create(
        draft=world.draft(subdistrict_id=world.other_area.pk, community="pingdi", category_id=None),
        by=Actor.resident(), at=NOW,
    )  # fmt: skip
    Issue.objects.filter(pk=there.pk).update(status="withdrawn", turn="nobody", closed_at=NOW)
    deadlines.cancel(Deadline.objects.of(SUBJECT, there.pk).open(), None, NOW)
    by = {"changed_at": NOW, "changed_by": world.people["admin"]}
    RetentionRule.objects.create(subdistrict=None, months=36, **by)
    RetentionRule.objects.create(subdistrict=world.area, months=6, **by)
    assert [retention.months_of(area.pk) for area in (world.area, world.other_area)] == [6, 36]
    assert night(NOW + timedelta(days=200)) == {RetentionOutcome.MASKED: len(matters)}
    assert Issue.objects.get(pk=there.pk).masked_at is None
    assert night(NOW + timedelta(days=1200)) == {RetentionOutcome.MASKED: 1}


def test_a_run_that_is_out_of_time_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [world.make_issue("withdrawn", at=NOW + timedelta(minutes=n)) for n in range(5)]
    _column(untold=True)(world, issues[1])
    monkeypatch.setattr(retention, "BATCH", 2)
    ticks = iter([NIGHT, *[NIGHT + timedelta(seconds=n) for n in range(100)]])
    first = run_due(clock=lambda: next(ticks), for_seconds=0.5)
    assert sum(first.values()) == 2, first
    second = night()
    assert sum(second.values()) == 3
    assert {issue.masked_at is not None for issue in Issue.objects.exclude(pk=issues[1].pk)} == {True}
    run = RetentionRun.objects.get(subdistrict=world.area)
    assert (run.counts, run.finished_at) == ({"masked": 4, "unfinished": 1}, NIGHT)
    told = Event.objects.of(OFFICE, world.area.pk).get(kind=retention.RUN)
    assert told.data["counts"] == run.counts
    assert night() == {}
    assert Event.objects.of(OFFICE, world.area.pk).filter(kind=retention.RUN).count() == 1


def test_a_batch_that_dies_leaves_nothing_behind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [world.make_issue("withdrawn") for _ in range(3)]
    written = retention._write_lines

    def dies(*given: Any) -> None:
        written(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(retention, "_write_lines", dies)
    with pytest.raises(KeyboardInterrupt):
        night()
    assert not Issue.objects.filter(masked_at__isnull=False).exists()
    assert not Event.objects.filter(kind__in=["mask", "redact"]).exists()
    monkeypatch.setattr(retention, "_write_lines", written)
    assert night() == {RetentionOutcome.MASKED: len(issues)}


def test_one_that_cannot_be_masked_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [world.make_issue("withdrawn") for _ in range(3)]

    def breaks(*, issue: Issue, **given: Any) -> Any:
        done = mask(issue=issue, **given)
        if issue.pk == issues[1].pk:
            raise RuntimeError("a key is missing")
        return done

    monkeypatch.setattr(retention, "mask", breaks)
    assert night() == {RetentionOutcome.MASKED: 2, RetentionOutcome.FAILED: 1}
    assert outcome_of(issues[1]) == RetentionOutcome.FAILED


def test_a_batch_asks_the_same_for_one_and_for_many_but_for_the_masking(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        _column(untold=True)(world, world.make_issue("withdrawn"))
    retention._run_of(world.area.pk, NIGHT)
    run = RetentionRun.objects.get()
    with django_assert_max_num_queries(10):
        retention._batch(run.pk, NIGHT)


def test_the_next_day_on_which_something_is_due(world: World) -> None:
    assert retention.next_due(world.area.pk, 24, NOW) is None
    issue = world.make_issue("withdrawn")
    due = retention.next_due(world.area.pk, 24, NOW)
    assert issue.closed_at is not None
    assert due is not None
    assert due.date() >= (issue.closed_at + timedelta(days=730)).date()
    assert retention.waiting(world.area.pk, 24, NOW) == 0
    assert retention.waiting(world.area.pk, 24, NIGHT) == 1


def test_a_rule_for_all_counts_where_no_office_has_its_own(world: World) -> None:
    world.make_issue("withdrawn")
    assert retention.waiting(None, 24, NIGHT) == 1
    assert retention.waiting(world.other_area.pk, 24, NIGHT) == 0
    by = world.people["supervisor"]
    RetentionRule.objects.create(subdistrict=world.area, months=36, changed_at=NOW, changed_by=by)
    assert retention.waiting(None, 24, NIGHT) == 0
    assert retention.waiting(world.area.pk, 24, NIGHT) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_night(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [world.make_issue("withdrawn") for _ in range(6)]
    monkeypatch.setattr(retention, "BATCH", 2)
    at_once(night, night)
    night()
    assert Issue.objects.filter(masked_at__isnull=False).count() == len(issues)
    assert Event.objects.filter(kind="mask").count() == len(issues)
    assert RetentionRun.objects.get(subdistrict=world.area).counts == {"masked": len(issues)}
