"""What the model found once, each as the shortest story that shows it."""

from datetime import date, timedelta

import pytest

from deadlines import services as deadlines
from deadlines.models import CalendarDay, Deadline
from reminders.services.sweep import sweep
from tests.support.cast import NOW, World
from tests.support.oracle.days import Days

pytestmark = pytest.mark.django_db


def test_rungs_after_an_overdue_date_follow_a_calendar_notice(world: World) -> None:
    """The yellow card is for the fifth working day after; a day off that is worked after all brings it forward."""
    deadlines.refresh_calendar(at=NOW, first_year=2025, last_year=2028)
    days = Days(dict(CalendarDay.objects.values_list("on", "workday")))
    issue = world.make_issue("in_progress", category="0402", kind="enquiry")
    handle = Deadline.objects.of("issue", issue.pk).get(kind="handle")
    on = date(2026, 3, 23)
    assert handle.due_at == days.closing(on)
    late = days.closing(days.later(on, 3)) + timedelta(minutes=1)
    sweep(at=late)
    handle.refresh_from_db()
    assert handle.next_rung_at == days.closing(date(2026, 3, 30))
    old = deadlines.load_calendar()
    CalendarDay.objects.filter(on=date(2026, 3, 28)).update(workday=True)
    deadlines.forget()
    moved = deadlines.recount([handle], late, old, deadlines.load_calendar())
    handle.refresh_from_db()
    assert not moved
    assert (handle.due_at, handle.next_rung_at) == (days.closing(on), days.closing(date(2026, 3, 28)))


def test_a_pause_that_ends_before_it_began_moves_nothing_back(world: World) -> None:
    """The machine's clock was fast and is put right while a critical matter is deferred."""
    issue = world.make_issue("in_progress", category="0402", level="critical")
    deferral = {"reason": "funding", "until": "2026-04-20", "interim_answer": "资金已报"}
    issue = world.act(issue, "request_suspension", "officer", NOW + timedelta(minutes=20), **deferral)
    issue = world.act(issue, "grant_suspension", "supervisor", NOW + timedelta(minutes=21))
    issue = world.act(issue, "resume", "officer", NOW + timedelta(minutes=6))
    handle = Deadline.objects.of("issue", issue.pk).get(kind="handle")
    assert handle.counted_from == handle.started_at
    assert handle.due_at > NOW + timedelta(hours=23)


def test_what_was_late_stays_as_late_when_the_clock_was_put_back_during_a_wait(world: World) -> None:
    """A resident's answer comes, by the clock that was put right, before the question: no date moves."""
    issue = world.create(source="web", category="0301")
    asked = NOW + timedelta(days=3, hours=6)
    issue = world.act(issue, "request_info", "clerk", asked, note="哪一栋？")
    before = Deadline.objects.of("issue", issue.pk).get(kind="respond").due_at
    issue = world.act(issue, "give_info", "resident", asked - timedelta(hours=4), note="三栋")
    respond = Deadline.objects.of("issue", issue.pk).get(kind="respond")
    assert (respond.state, respond.due_at, respond.counted_from) == ("running", before, respond.started_at)


def test_a_first_report_is_owed_again_where_only_the_old_rule_ended_an_overdue_handling(world: World) -> None:
    """What ended because the matter became a project's was late, and nobody had answered anything."""
    issue = world.make_issue("accepted", category="0202", level="complex")
    outside = NOW + timedelta(hours=5)
    issue = world.act(issue, "edit", "clerk", NOW + timedelta(hours=1), external_due_at=outside.isoformat())
    issue = world.act(issue, "edit", "clerk", NOW + timedelta(days=1), level="project")
    issue = world.act(issue, "edit", "clerk", NOW + timedelta(days=1, hours=1), level="urgent")
    kinds = Deadline.objects.of("issue", issue.pk).filter(state="running").values_list("kind", flat=True)
    assert {"handle", "first_report"} <= set(kinds)


def test_of_two_clocks_that_ended_in_one_moment_the_last_runs_on(world: World) -> None:
    """A late progress note and a merge by the same tick of the clock: taken back, one wait for progress goes on."""
    master = world.make_issue("need_info")
    issue = world.make_issue("in_progress", category="0402")
    at = NOW + timedelta(days=12)
    issue = world.act(issue, "progress", "officer", at, note="已到现场")
    issue = world.act(issue, "merge", "supervisor", at, master=master.number)
    issue = world.act(issue, "unmerge", "supervisor", at + timedelta(minutes=1))
    assert Deadline.objects.of("issue", issue.pk).filter(kind="progress", state="running").count() == 1
