"""Promises: a date each, clocks that the owner owes, and what ends them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commitments import services
from commitments.enums import SUBJECT
from commitments.models import Commitment
from common.clock import SHANGHAI
from deadlines import subjects
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from deadlines.services import load_calendar, recount
from tests.support.cast import NOW, World

ON = date(2026, 4, 30)
"""A Thursday; NOW is Wednesday 2026-03-18 10:00."""


def make(world: World, **given: Any) -> Commitment:
    values: dict[str, Any] = {
        "subdistrict_id": world.area.pk,
        "subject_kind": "issue",
        "subject_id": 7,
        "text": "四月底前疏通整条巷子的排水管。",
        "owner_id": world.departments["MUNICIPAL"].pk,
        "by_id": world.people["officer"].pk,
        "at": NOW,
        "due_on": ON,
    }
    return services.make(**(values | given))


def clocks(row: Commitment) -> dict[str, Deadline]:
    return {clock.kind: clock for clock in Deadline.objects.of(SUBJECT, row.pk)}


def test_a_promise_starts_a_clock_that_its_owner_owes(world: World) -> None:
    made = make(world)
    (clock,) = clocks(made).values()
    assert (clock.kind, clock.rule, clock.party) == ("fulfil", "commitment", world.departments["MUNICIPAL"])
    assert clock.due_at.astimezone(SHANGHAI) == datetime(2026, 4, 30, 17, 30, tzinfo=SHANGHAI)
    assert clock.subdistrict == world.area
    assert not clock.estimated
    assert clock.next_rung == "notice"
    assert clock.basis() == "承诺的日期"
    assert list(Commitment.objects.of("issue", 7).open().public().with_owner().in_order()) == [made]
    assert not subjects.orphans()


def test_a_review_date_starts_a_review_and_both_dates_both(world: World) -> None:
    review = make(world, due_on=None, review_on=ON)
    assert set(clocks(review)) == {"commitment_review"}
    both = make(world, review_on=date(2026, 4, 1))
    assert set(clocks(both)) == {"fulfil", "commitment_review"}


def test_a_promise_may_end_on_a_holiday_and_later_today(world: World) -> None:
    may_day = make(world, due_on=date(2026, 5, 1))
    assert clocks(may_day)["fulfil"].due_at.astimezone(SHANGHAI) == datetime(2026, 5, 1, 17, 30, tzinfo=SHANGHAI)
    today = make(world, due_on=NOW.date())
    assert clocks(today)["fulfil"].due_at.astimezone(SHANGHAI) == datetime(2026, 3, 18, 17, 30, tzinfo=SHANGHAI)


def test_no_holiday_notice_moves_a_promised_date(world: World) -> None:
    clock = clocks(make(world))["fulfil"]
    closed = WorkCalendar({ON: (False, False)})
    assert recount([clock], NOW, load_calendar(), closed) == []


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"due_on": date(2026, 3, 17)}, {"due_on"}),
        ({"due_on": NOW.date(), "at": NOW.replace(hour=17, minute=30)}, {"due_on"}),
        ({"due_on": date(2036, 4, 1)}, {"due_on"}),
        ({"review_on": date(2026, 3, 1)}, {"review_on"}),
        ({"text": " \n"}, {"text"}),
        ({"owner_id": None}, {"owner"}),
        ({"text": "", "owner_id": None, "due_on": date(2026, 3, 17)}, {"text", "owner", "due_on"}),
        ({"milestones": [services.NewMilestone("", date(2026, 4, 1))]}, {"milestones"}),
        ({"milestones": [services.NewMilestone("开工", date(2026, 3, 1))]}, {"milestones"}),
    ],
)
def test_what_cannot_be_promised_is_named_field_by_field(world: World, given: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(services.InvalidCommitment) as refused:
        make(world, **given)
    assert set(refused.value.fields) == fields
    assert str(refused.value)
    assert not Commitment.objects.exists()
    assert not Deadline.objects.exists()


def test_without_any_date_it_is_looked_at_again_after_thirty_days(world: World) -> None:
    made = make(world, due_on=None)
    assert (made.due_on, made.review_on, made.first_on) == (None, date(2026, 4, 17), date(2026, 4, 17))
    assert set(clocks(made)) == {"commitment_review"}


@pytest.mark.parametrize(("days", "state"), [(10, "met"), (60, "late")])
def test_what_is_reported_done_ends_its_clocks_and_waits_to_be_confirmed(world: World, days: int, state: str) -> None:
    made = make(world, review_on=date(2026, 5, 20))
    at, by, clerk = NOW + timedelta(days=days), world.people["officer"].pk, world.people["clerk"].pk
    kept = services.report_done(commitment_id=made.pk, by_id=by, at=at, evidence="4月28日完工验收单")
    kept.refresh_from_db()
    assert (kept.state, kept.evidence, kept.reported_at, kept.reported_by_id) == (
        "reported",
        "4月28日完工验收单",
        at,
        by,
    )
    assert clocks(made)["fulfil"].state == state
    with pytest.raises(services.CommitmentEnded):
        services.report_done(commitment_id=made.pk, by_id=by, at=at, evidence="再报一次")
    kept = services.confirm(commitment_id=made.pk, by_id=clerk, at=at)
    assert (kept.state, kept.ended_at, kept.ended_by_id, kept.version) == ("fulfilled", at, clerk, 3)
    services.reopen(commitment_id=made.pk, at=at)
    running = Deadline.objects.of(SUBJECT, made.pk).open().filter(kind="fulfil").get()
    assert running.due_at.astimezone(SHANGHAI) == datetime(2026, 4, 30, 17, 30, tzinfo=SHANGHAI)
    assert running.next_rung, "it climbs on from where it is"


def test_withdrawing_takes_back_what_is_open_on_the_subject_only(world: World) -> None:
    first, late, other = make(world), make(world, due_on=date(2026, 3, 20)), make(world, subject_id=8)
    done = make(world)
    services.report_done(commitment_id=done.pk, by_id=world.people["officer"].pk, at=NOW, evidence="验收单")
    at = NOW + timedelta(days=5)
    taken = services.withdraw(subject_kind="issue", subject_id=7, by_id=None, at=at)
    assert [row.pk for row in taken] == [first.pk, late.pk]
    states = dict(Commitment.objects.values_list("pk", "state"))
    assert states == {first.pk: "withdrawn", late.pk: "withdrawn", other.pk: "open", done.pk: "reported"}
    assert clocks(first)["fulfil"].state == "cancelled"
    assert clocks(late)["fulfil"].state == "late"
    assert clocks(other)["fulfil"].state == "running"
    assert services.withdraw(subject_kind="issue", subject_id=7, by_id=None, at=at) == []
    assert set(Commitment.objects.of("issue", 7).standing()) == {done}


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": None},
        {"text": ""},
        {"state": "forgotten"},
        {"ended_at": NOW},
        {"state": "fulfilled", "ended_at": NOW},
        {"state": "reported"},
        {"reported_at": NOW},
        {"released_at": NOW},
        {"precision": "era"},
        {"state": "withdrawn"},
    ],
)
def test_the_database_keeps_the_rules(world: World, change: dict[str, Any]) -> None:
    made = make(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.filter(pk=made.pk).update(**change)
