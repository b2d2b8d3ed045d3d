"""After a change of the calendar each open deadline is counted again once, with an event that says both dates."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from commitments import services as promises
from common import dates
from common.clock import SHANGHAI, local
from deadlines import services as deadlines
from deadlines.calendar_changes import apply_changes, difference, digest
from deadlines.enums import DeadlineState
from deadlines.models import CalendarChange, ChangeSource, Deadline
from deadlines.reference import forget
from issues.enums import Proof
from issues.models import Issue
from issues.replay.rules import differences
from issues.resident import resident_view
from issues.resident.story import issue_by_token
from journal.models import Event
from journal.services import record_many
from journal.verification import verify
from reminders.recount_preview import preview
from reminders.services import recounting
from reminders.services.recounting import SETTLES, recount_changes
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY = date(2026, 3, 23), date(2026, 3, 24)
SATURDAY = date(2026, 3, 21)
LATER = NOW + SETTLES


@pytest.fixture
def world(world: World) -> Iterator[World]:
    deadlines.refresh_calendar(at=NOW)
    forget()
    yield world
    forget()


def change_days(world: World, days: dict[date, bool], at: datetime = NOW) -> CalendarChange:
    wanted = {on: (work, "台风" if not work else "补班") for on, work in days.items()}
    return apply_changes(
        wanted=wanted,
        source=ChangeSource.DAY,
        year=None,
        shown=digest(difference(wanted)),
        by_id=world.people["admin"].pk,
        at=at,
    )


def count_again(at: datetime = LATER, **given: Any) -> recounting.Recounted:
    return recount_changes(clock=lambda: at, **given)


def handle(issue: Issue) -> Deadline:
    return Deadline.objects.of("issue", issue.pk).get(kind="handle")


def events(issue: Issue) -> list[Event]:
    return list(Event.objects.of("issue", issue.pk).of_kinds(["recount"]).order_by("seq"))


def due_day(row: Deadline) -> date:
    return local(row.due_at).date()


def test_a_day_off_moves_what_is_due_after_it(world: World) -> None:
    issue = world.make_issue("in_progress", kind="complaint", category="0202")
    before = handle(issue)
    made = change_days(world, {MONDAY: False})
    done = count_again()
    after = handle(issue)
    assert due_day(after) == deadlines.load_calendar().shift_working_days(due_day(before), 1)
    assert (done.moved, done.finished, done.waiting) == (1, 1, 0)
    made.refresh_from_db()
    assert (made.finished_at, made.moved) == (LATER, 1)
    [event] = events(issue)
    moved = {one["clock"]: one for one in event.data["moved"]}
    assert datetime.fromisoformat(moved["handle"]["was_at"]) == before.due_at
    assert datetime.fromisoformat(moved["handle"]["due_at"]) == after.due_at
    assert event.visible
    assert event.at == LATER


def test_the_issue_shows_its_new_date_and_replays(world: World) -> None:
    issue = world.make_issue("in_progress", category="0202")
    change_days(world, {MONDAY: False, TUESDAY: False})
    count_again()
    row = Issue.objects.get(pk=issue.pk)
    governing = deadlines.governing_deadline(Deadline.objects.of("issue", issue.pk), {"handle", "first_report"})
    assert governing is not None
    assert (row.due_at, row.rank_at, row.soon_at) == (governing.due_at, governing.due_at, governing.soon_at)
    assert row.version == issue.version
    assert row.changed_at == LATER
    assert differences(Event.objects.of("issue", issue.pk).order_by("seq"), row) == {}
    assert verify().broken is None


def test_an_added_working_day_brings_it_forward(world: World) -> None:
    issue = world.make_issue("in_progress", category="0202")
    before = handle(issue)
    change_days(world, {SATURDAY: True})
    count_again()
    assert handle(issue).due_at < before.due_at


def test_what_was_paused_overdue_or_over_stays(world: World) -> None:
    suspended = world.make_issue("suspended", category="0202")
    closed = world.make_issue("closed", category="0202")
    old = world.make_issue("in_progress", at=NOW - timedelta(days=60), category="0202")
    kept = {row.pk: row.due_at for row in Deadline.objects.exclude(state=DeadlineState.RUNNING)}
    late = {row.pk: row.due_at for row in Deadline.objects.of("issue", old.pk).filter(state="running")}
    change_days(world, {MONDAY: False})
    count_again()
    assert {row.pk: row.due_at for row in Deadline.objects.filter(pk__in=kept)} == kept
    assert {row.pk: row.due_at for row in Deadline.objects.filter(pk__in=late)} == late
    assert not events(closed)
    assert not events(old)
    resumed = world.act(suspended, "resume", by="supervisor", at=NOW + timedelta(hours=1))
    assert not deadlines.load_calendar().any_estimated(NOW.date(), due_day(handle(resumed)))


def test_clock_time_and_promised_dates_do_not_move(world: World) -> None:
    critical = world.make_issue("in_progress", level="critical")
    made = promises.make(
        subdistrict_id=world.area.pk,
        subject_kind="issue",
        subject_id=critical.pk,
        text="换新路灯",
        owner_id=world.departments["MUNICIPAL"].pk,
        by_id=world.people["officer"].pk,
        at=NOW,
        due_on=TUESDAY,
    )
    before = dict(Deadline.objects.values_list("pk", "due_at"))
    change_days(world, {MONDAY: False, TUESDAY: False})
    count_again()
    after = dict(
        Deadline.objects.filter(limit__regex="(h|min|d)$").exclude(limit__regex="w").values_list("pk", "due_at")
    )
    assert after == {pk: before[pk] for pk in after}
    assert (
        Deadline.objects.of("commitment", made.pk).get().due_at
        == before[Deadline.objects.of("commitment", made.pk).get().pk]
    )


def test_an_outside_due_time_still_wins(world: World) -> None:
    cap = datetime(2026, 3, 24, 12, 0, tzinfo=SHANGHAI)
    issue = world.make_issue("in_progress", category="0202", external_due_at=cap)
    assert handle(issue).due_at == cap
    change_days(world, {MONDAY: False})
    count_again()
    assert handle(issue).due_at == cap
    assert handle(issue).rule.startswith("external:")


def test_running_twice_and_in_small_batches_moves_nothing_twice(world: World) -> None:
    made = [world.make_issue("in_progress", category="0202") for _number in range(5)]
    before = [handle(issue).due_at for issue in made]
    change_days(world, {MONDAY: False})
    first = count_again(NOW + timedelta(seconds=1), batch=2)
    assert (first.moved, first.finished) == (5, 0), "until every process holds the new calendar it is not over"
    dates = [handle(issue).due_at for issue in made]
    assert all(after > was for after, was in zip(dates, before, strict=True))
    again = count_again(batch=2)
    assert (again.moved, again.finished) == (0, 1)
    assert [handle(issue).due_at for issue in made] == dates
    assert {len(events(issue)) for issue in made} == {1}
    assert count_again() == recounting.Recounted()


def test_what_began_with_the_new_calendar_is_left_alone(world: World) -> None:
    change_days(world, {MONDAY: False})
    issue = world.make_issue("in_progress", category="0202")
    due_at = handle(issue).due_at
    count_again()
    assert handle(issue).due_at == due_at
    assert not events(issue)


def test_what_began_with_the_old_calendar_meanwhile_is_found(world: World) -> None:
    held = deadlines.load_calendar()
    change_days(world, {MONDAY: False})
    assert count_again(NOW + timedelta(seconds=1)).finished == 0
    issue = world.make_issue("in_progress", category="0202")
    row = handle(issue)
    due = row.time_limit.due(row.counted_from, held)
    Deadline.objects.filter(pk=row.pk).update(due_at=due.due_at, calendar_version=0)
    assert count_again().moved == 1
    assert handle(issue).due_at == row.due_at


def test_two_changes_are_counted_one_after_the_other(world: World) -> None:
    issue = world.make_issue("in_progress", category="0202")
    before = handle(issue).due_at
    change_days(world, {MONDAY: False})
    change_days(world, {MONDAY: True}, at=NOW + timedelta(seconds=5))
    done = count_again(LATER + timedelta(seconds=5))
    assert done.finished == 2
    assert handle(issue).due_at == before
    assert [len(event.data["moved"]) > 0 for event in events(issue)] == [True, True]


def test_a_run_that_dies_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [world.make_issue("in_progress", category="0202") for _number in range(4)]
    change_days(world, {MONDAY: False})
    calls: list[int] = []

    def dies(entries: Any) -> list[int]:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return record_many(entries)

    monkeypatch.setattr(recounting, "record_many", dies)
    with pytest.raises(SystemExit):
        count_again(batch=2)
    monkeypatch.undo()
    assert sum(len(events(issue)) for issue in made) == 2
    count_again(batch=2)
    assert {len(events(issue)) for issue in made} == {1}


def test_rungs_that_fired_are_not_repeated(world: World) -> None:
    issue = world.make_issue("in_progress", category="0202")
    half = handle(issue).next_rung_at
    assert half is not None
    sweep(at=half)
    fired = handle(issue).fired
    reminded = Event.objects.of("issue", issue.pk).of_kinds(["remind"]).count()
    assert reminded
    change_days(world, {local(half).date() + timedelta(days=1): False}, at=half)
    count_again(half + SETTLES)
    moved = handle(issue)
    assert moved.fired == fired
    assert moved.next_rung_at is not None
    assert moved.next_rung_at > half
    sweep(at=half + SETTLES)
    assert Event.objects.of("issue", issue.pk).of_kinds(["remind"]).count() == reminded


def test_the_reporter_sees_both_dates_and_why(world: World) -> None:
    issue = world.make_issue("in_progress", category="0202")
    before = handle(issue).due_at
    change_days(world, {MONDAY: False})
    count_again()
    found = issue_by_token(issue.token)
    assert found is not None
    last = resident_view(found, LATER, proof=Proof.WHOLE).steps[-1]
    assert (last.was_at, last.at) == (before, handle(issue).due_at)
    assert last.why_moved == "因节假日安排调整"


def test_the_timeline_says_both_dates(world: World, signed_in: Callable[[str], Client]) -> None:
    issue = world.make_issue("in_progress", category="0202")
    change_days(world, {MONDAY: False})
    count_again()
    page = signed_in("officer").get(f"/console/issues/{issue.number}/").content.decode()
    assert "按放假安排重算时限" in page
    [moved] = [one for one in events(issue)[0].data["moved"] if one["clock"] == "handle"]
    was_at, due_at = (dates.moment(datetime.fromisoformat(moved[key])) for key in ("was_at", "due_at"))
    assert f"办理：{was_at} → {due_at}" in page


def test_the_preview_says_what_will_move(world: World) -> None:
    issue = world.make_issue("in_progress", category="0202")
    world.make_issue("suspended", category="0202")
    changes = difference({MONDAY: (False, "台风")})
    told = preview(changes, subdistrict_ids=None, at=NOW)
    change_days(world, {MONDAY: False})
    count_again()
    moves = {(move.kind, move.was_at, move.due_at) for move in told.first if move.number == issue.number}
    recorded = {
        (one["clock"], datetime.fromisoformat(one["was_at"]), datetime.fromisoformat(one["due_at"]))
        for one in events(issue)[0].data["moved"]
    }
    assert moves == recorded
    assert told.moved == sum(len(event.data["moved"]) for event in Event.objects.of_kinds(["recount"]))
    hidden = preview(difference({TUESDAY: (False, "")}), subdistrict_ids=[world.other_area.pk], at=NOW)
    assert hidden.moved
    assert hidden.first == ()


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work(world: World) -> None:
    made = [world.make_issue("in_progress", category="0202") for _number in range(6)]
    change_days(world, {MONDAY: False})

    def run(_number: int) -> None:
        try:
            count_again(batch=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, range(2)))
    count_again()
    assert {len(events(issue)) for issue in made} == {1}
    assert CalendarChange.objects.get().finished_at is not None
