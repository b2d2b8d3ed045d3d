"""The ladder as arithmetic: order, coincidence, what an outage leaves, what a bit remembers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.clock import SHANGHAI
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.sources import built_in
from issues.clock_specs import SIDE
from issues.enums import DeadlineKind
from reminders.ladder import DEFAULT_LADDER, Firing, carried, fire, ladder_of, moments, plan

CALENDAR: WorkCalendar = built_in(2028)
START = datetime(2026, 3, 16, 10, 0, tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Clock:
    kind: str
    limit: str
    counted_from: datetime
    due_at: datetime
    fired: int = 0
    next_rung_at: datetime | None = None


def clock(limit: str, start: datetime = START, kind: str = "handle") -> Clock:
    return Clock(kind, limit, start, Limit.parse(limit).due(start, CALENDAR).due_at)


def climb(subject: Clock, at: datetime) -> tuple[Clock, Firing]:
    rungs = DEFAULT_LADDER.of(subject.kind, Limit.parse(subject.limit))
    firing = fire(subject, rungs, CALENDAR, at)
    return replace(subject, fired=firing.fired), firing


@pytest.mark.parametrize(
    ("limit", "ladder"),
    [("30min", "clock"), ("24h", "clock"), ("4wh", "working"), ("5wd", "working"), ("30d", "working")],
)
def test_which_ladder(limit: str, ladder: str) -> None:
    assert ladder_of(Limit.parse(limit)) == ladder


def test_the_start_is_told_by_its_event_and_never_planned() -> None:
    told = DEFAULT_LADDER.at_start("acknowledge", "normal", "working")
    assert [(rung.code, rung.roles) for rung in told] == [("new", ("desk",))]
    assert DEFAULT_LADDER.at_start("handle", "normal") == ()
    assert all(found.code != "new" for found in DEFAULT_LADDER.of("acknowledge", Limit.parse("1wd")))


def test_nothing_fires_before_its_time_and_everything_after_an_outage_is_one() -> None:
    subject = clock("5wd")
    _same, nothing = climb(subject, START)
    assert (nothing.rung, nothing.skipped, nothing.next_rung) == (None, (), "notice")
    after, all_at_once = climb(subject, subject.due_at + timedelta(days=30))
    assert all_at_once.rung is not None
    assert all_at_once.rung.code == "red_card"
    assert all_at_once.skipped == ("notice", "due_soon", "due_today", "urge", "order", "yellow_card")
    assert (all_at_once.urges, all_at_once.action) == (True, "red")
    assert (all_at_once.next_rung_at, all_at_once.next_rung) == (None, "")
    assert climb(after, subject.due_at + timedelta(days=60))[1].rung is None


def test_an_urge_that_is_passed_over_still_urges() -> None:
    subject = clock("30min")
    _after, firing = climb(subject, subject.due_at + timedelta(hours=3))
    assert firing.rung is not None
    assert (firing.rung.code, firing.urges, firing.action) == ("duty_leader", True, "")


def test_coinciding_rungs_are_one_and_the_lower_does_not_follow() -> None:
    rungs = [rung for rung in DEFAULT_LADDER.of("handle", Limit.parse("5wd")) if rung.rank <= 5]
    twins = (*rungs, replace(rungs[-1], code="duty_leader", rank=7))
    subject = clock("5wd")
    first = fire(subject, twins, CALENDAR, subject.due_at)
    assert first.rung is not None
    assert first.rung.code == "duty_leader"
    again = fire(replace(subject, fired=first.fired), twins, CALENDAR, subject.due_at + timedelta(days=1))
    assert again.rung is None


LIMITS = st.sampled_from(["15min", "30min", "2h", "24h", "4wh", "1wd", "2wd", "3wd", "5wd", "10wd", "20wd", "30d"])


@settings(max_examples=150)
@given(
    limit=LIMITS,
    minutes=st.integers(0, 60 * 24 * 300),
    passes=st.lists(st.integers(1, 60 * 24 * 12), min_size=1, max_size=25),
)
def test_every_rung_fires_or_is_passed_over_exactly_once(limit: str, minutes: int, passes: list[int]) -> None:
    subject = clock(limit, START + timedelta(minutes=minutes))
    expected = [rung.code for _at, rung in moments(subject, DEFAULT_LADDER.of("handle", Limit.parse(limit)), CALENDAR)]
    at, seen = subject.counted_from, []
    for step in [*passes, 60 * 24 * 400]:
        at += timedelta(minutes=step)
        before = plan(subject, DEFAULT_LADDER.of("handle", Limit.parse(limit)), CALENDAR)
        subject, firing = climb(subject, at)
        if firing.rung is None:
            assert before is None or before[0] > at
            continue
        assert before is not None
        assert before[0] <= at
        seen += [firing.rung.code, *firing.skipped]
        assert firing.next_rung_at is None or firing.next_rung_at > at
    assert sorted(seen) == sorted(expected)


@settings(max_examples=60)
@given(limit=LIMITS, minutes=st.integers(0, 60 * 24 * 300))
def test_the_rungs_stand_in_order_after_the_start(limit: str, minutes: int) -> None:
    subject = clock(limit, START + timedelta(minutes=minutes))
    found = moments(subject, DEFAULT_LADDER.of("handle", Limit.parse(limit)), CALENDAR)
    assert all(first[0] < second[0] for first, second in pairwise(found))
    assert all(at > subject.counted_from for at, _rung in found)
    assert "urge" in {rung.code for _at, rung in found}


# Levels, mornings, names that repeat


def test_whom_the_start_tells_depends_on_the_level() -> None:
    assert DEFAULT_LADDER.at_start_roles("acknowledge", "normal") == ("desk",)
    assert DEFAULT_LADDER.at_start_roles("acknowledge", "urgent") == ("desk",)
    assert DEFAULT_LADDER.at_start_roles("acknowledge", "critical") == ("desk", "head")
    assert DEFAULT_LADDER.at_start_roles("handle", "critical") == ()
    critical = DEFAULT_LADDER.at_start("acknowledge", "critical", "clock")
    assert [(rung.code, rung.rank) for rung in critical] == [("new", 1), ("unacknowledged", 4)]


def test_a_rung_for_one_level_is_planned_and_left_to_the_sweep() -> None:
    rungs = DEFAULT_LADDER.of("acknowledge", Limit.parse("2h"))
    half = [rung.code for rung in rungs if rung.offset == "half"]
    assert half == ["notice", "unacknowledged"]
    assert [rung.code for rung in rungs if rung.offset == "half" and rung.fits_level("urgent")] == half
    assert [rung.code for rung in rungs if rung.offset == "half" and rung.fits_level("normal")] == ["notice"]


@pytest.mark.parametrize("kind", ["more_info", "progress", "signature", "urge_reply", "inform"])
@pytest.mark.parametrize("limit", ["5wd", "2h"])
def test_side_ladders_have_only_what_names_them(kind: str, limit: str) -> None:
    assert all(kind in rung.kinds for rung in DEFAULT_LADDER.of(kind, Limit.parse(limit)))


def test_an_order_stands_twice_on_the_ladder_and_each_has_its_own_place() -> None:
    orders = [rung for rung in DEFAULT_LADDER.rungs if rung.code == "order" and rung.ladder == "working"]
    assert [(rung.rank, rung.offset) for rung in orders] == [(9, "due+3wd"), (15, "due")]
    assert [rung.rank for rung in DEFAULT_LADDER.of("urge_reply", Limit.parse("1wd"))] == [15]
    answer = clock("1wd", kind="urge_reply")
    _after, firing = climb(answer, answer.due_at)
    assert (firing.action, firing.fired) == ("order", 1 << 14)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def morning(subject: Clock, now: datetime) -> tuple[Clock, Firing]:
    rungs = DEFAULT_LADDER.of(subject.kind, Limit.parse(subject.limit))
    firing = fire(subject, rungs, CALENDAR, now)
    counted_from = firing.counted_from or subject.counted_from
    return (
        replace(subject, fired=firing.fired, counted_from=counted_from, next_rung_at=firing.next_rung_at),
        firing,
    )


def test_a_draft_is_reminded_of_every_working_morning_once() -> None:
    """Over 清明: Friday 3 April, then Tuesday 7 April; late in the day, too, and long after it was due."""
    rungs = DEFAULT_LADDER.of("signature", Limit.parse("1wd"))
    subject = clock("1wd", at("2026-04-02T15:00"), "signature")
    planned = plan(subject, rungs, CALENDAR, subject.counted_from)
    assert planned == (at("2026-04-03T08:30"), "unsigned")
    subject = replace(subject, next_rung_at=planned[0])
    fired = []
    now = subject.counted_from
    while now < at("2026-04-10T12:00"):
        now += timedelta(minutes=7)
        subject, firing = morning(subject, now)
        fired += [now] if firing.rung else []
        assert firing.fired == 0
    assert [moment.date().isoformat() for moment in fired] == [
        "2026-04-03",
        "2026-04-07",
        "2026-04-08",
        "2026-04-09",
        "2026-04-10",
    ]
    assert all(moment.hour == 8 and 30 <= moment.minute < 37 for moment in fired)


def test_mornings_that_were_missed_are_one() -> None:
    subject = replace(clock("1wd", at("2026-04-02T15:00"), "signature"), next_rung_at=at("2026-04-03T08:30"))
    after, firing = morning(subject, at("2026-04-09T10:00"))
    assert firing.rung is not None
    assert (firing.rung.code, firing.skipped, firing.next_rung_at) == ("unsigned", (), at("2026-04-10T08:30"))
    assert morning(after, at("2026-04-09T17:00"))[1].rung is None


def test_planning_anew_repeats_no_morning_even_where_the_clock_was_put_back() -> None:
    rungs = DEFAULT_LADDER.of("signature", Limit.parse("1wd"))
    subject = replace(clock("1wd", at("2026-04-02T15:00"), "signature"), next_rung_at=at("2026-04-03T08:30"))
    subject, firing = morning(subject, at("2026-04-03T08:31"))
    assert firing.rung is not None
    for now in ("2026-04-03T08:31", "2026-04-03T09:00", "2026-04-02T12:00"):
        assert plan(subject, rungs, CALENDAR, at(now)) == (at("2026-04-07T08:30"), "unsigned")


def test_a_morning_that_is_due_and_did_not_fire_stays_due_when_planned_anew() -> None:
    rungs = DEFAULT_LADDER.of("signature", Limit.parse("1wd"))
    subject = replace(clock("1wd", at("2026-04-02T15:00"), "signature"), next_rung_at=at("2026-04-03T08:30"))
    assert plan(subject, rungs, CALENDAR, at("2026-04-08T10:00")) == (at("2026-04-03T08:30"), "unsigned")


def test_no_morning_of_a_pause_is_made_up_for() -> None:
    """Paused on Thursday evening, on again on Thursday a week later at ten: nothing planned stands, so from now on."""
    rungs = DEFAULT_LADDER.of("signature", Limit.parse("1wd"))
    subject = clock("1wd", at("2026-04-02T15:00"), "signature")
    assert plan(subject, rungs, CALENDAR, at("2026-04-09T10:00")) == (at("2026-04-10T08:30"), "unsigned")
    resumed = replace(subject, next_rung_at=at("2026-04-10T08:30"))
    assert morning(resumed, at("2026-04-09T10:00"))[1].rung is None


def test_a_rung_that_lets_the_past_pass_does_not_make_up_for_it() -> None:
    subject = clock("5wd")
    rungs = DEFAULT_LADDER.of("handle", Limit.parse("5wd"))
    late = subject.due_at + timedelta(days=4)
    let_pass = [replace(rung, since=late) if rung.code == "order" else rung for rung in rungs]
    firing = fire(subject, let_pass, CALENDAR, late)
    assert firing.rung is not None
    assert (firing.rung.code, firing.action, firing.next_rung) == ("urge", "", "yellow_card")
    # an extension that moves its moment behind that lets it come after all
    extended = replace(subject, due_at=late, fired=firing.fired)
    assert plan(extended, let_pass, CALENDAR) == (moments(extended, let_pass, CALENDAR)[0][0], "order")


def test_whatever_is_due_together_the_gravest_deed_is_done() -> None:
    rungs = DEFAULT_LADDER.of("handle", Limit.parse("5wd"))
    subject = clock("5wd")
    higher = (*rungs, replace(rungs[0], code="due_today", rank=14, offset="due+6wd", effect="", roles=("head",)))
    firing = fire(subject, higher, CALENDAR, subject.due_at + timedelta(days=10))
    assert firing.rung is not None
    assert (firing.rung.rank, firing.action) == (14, "yellow")
    assert "order" in firing.skipped
    assert "yellow_card" not in firing.skipped


WORKED_ONLY = set(SIDE)
"""Side clocks have limits in working time."""
AGAIN = {"5wd", "10wd", "15wd"}


@pytest.mark.parametrize("limit", ["2wd", "2h"])
@pytest.mark.parametrize("kind", [kind.value for kind in DeadlineKind if kind != DeadlineKind.MORE_INFO])
def test_no_clock_that_somebody_owes_falls_silent_when_its_date_passes(kind: str, limit: str) -> None:
    """After its date it ends by time, has a document drafted (which is reminded of daily), or is told again."""
    if kind in WORKED_ONLY and limit == "2h":
        return
    subject = clock(limit, kind=kind)
    rungs = DEFAULT_LADDER.of(kind, Limit.parse(limit))
    later = [rung for moment, rung in moments(subject, rungs, CALENDAR, at=subject.due_at) if moment >= subject.due_at]
    assert later
    if any(rung.acts or rung.is_daily for rung in later):
        return
    again = [rung for rung in later if rung.offset.removeprefix("due+") in AGAIN]
    assert again
    assert all(rung.roles for rung in again)


def test_where_nothing_happens_no_progress_is_told_again_every_five_working_days() -> None:
    subject = clock("5wd", kind="progress")
    found = moments(subject, DEFAULT_LADDER.of("progress", Limit.parse("5wd")), CALENDAR)
    assert [rung.code for _at, rung in found] == ["no_progress"] * 4
    days = [CALENDAR.working_days_between(subject.due_at, moment) for moment, _rung in found]
    assert days == [0, 5, 10, 15]


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1), timedelta(microseconds=-1)])
def test_what_a_moved_date_would_have_said_by_now_is_said(place: int, late: timedelta) -> None:
    """At a rung's very moment it counts as said; a moment before it does not."""
    subject = clock("10wd")
    rungs = DEFAULT_LADDER.of("handle", Limit.parse("10wd"))
    coming = moments(subject, rungs, CALENDAR)
    moment = coming[place][0] + late
    every = sum({rung.bit for rung in rungs})
    said = sum({rung.bit for when, rung in coming if when <= moment})
    kept = carried(subject, rungs, CALENDAR, moment, fired=every, same_ladder=True)
    assert kept & sum({rung.bit for _at, rung in coming}) == said
    assert carried(subject, rungs, CALENDAR, moment, fired=0, same_ladder=True) == 0
    assert carried(subject, rungs, CALENDAR, moment, fired=every, same_ladder=False) == 0
