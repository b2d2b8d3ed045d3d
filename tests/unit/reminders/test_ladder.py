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
from reminders.ladder import DEFAULT_LADDER, Firing, fire, ladder_of, moments, plan

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


@settings(max_examples=150, deadline=None)
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


@settings(max_examples=60, deadline=None)
@given(limit=LIMITS, minutes=st.integers(0, 60 * 24 * 300))
def test_the_rungs_stand_in_order_after_the_start(limit: str, minutes: int) -> None:
    subject = clock(limit, START + timedelta(minutes=minutes))
    found = moments(subject, DEFAULT_LADDER.of("handle", Limit.parse(limit)), CALENDAR)
    assert all(first[0] < second[0] for first, second in pairwise(found))
    assert all(at > subject.counted_from for at, _rung in found)
    assert "urge" in {rung.code for _at, rung in found}
