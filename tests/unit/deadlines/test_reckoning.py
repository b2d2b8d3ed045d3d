"""The due time as a function of facts (docs/rules/time.md): examples from public trackers, and what commutes."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import SHANGHAI
from deadlines.calendar import WorkCalendar
from deadlines.limits import Limit
from deadlines.reckoning import OUTSIDE, Facts, Pause, reckon
from deadlines.sources import built_in
from tests.unit.deadlines.strategies import calendars, moments

PUBLISHED = built_in(2028)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def pause(text: str, end: str | None = None, at_least: str = "") -> Pause:
    return Pause(at(text), at(end) if end else None, Limit.parse(at_least) if at_least else None)


def due(
    limit: str,
    start: str,
    *pauses: Pause,
    extended: int = 0,
    caps: dict[str, str] | None = None,
    at_once: bool = False,
    fixed: str = "",
) -> str:
    facts = Facts(
        Limit.parse(limit),
        at(start),
        fixed_due=at(fixed) if fixed else None,
        extended=extended,
        pauses=pauses,
        caps=tuple((source, at(moment)) for source, moment in (caps or {}).items()),
        at_once=at_once,
    )
    return f"{reckon(facts, PUBLISHED).due_at:%m-%d %H:%M}"


OVERNIGHT = (pause("2026-03-03T17:00", "2026-03-04T09:00"), pause("2026-03-05T17:00", "2026-03-06T09:00"))


def test_two_deferrals_over_night_and_another_kind_of_the_same_length() -> None:
    """A pause from one day to the next is one working day, whatever the hours, before and after a recount (B3)."""
    assert due("5wd", "2026-03-02T10:00") == "03-09 17:30"
    assert due("5wd", "2026-03-02T10:00", *OVERNIGHT) == "03-11 17:30"
    assert due("10wd", "2026-03-02T10:00", *OVERNIGHT) == "03-18 17:30"


@pytest.mark.parametrize(
    ("limit", "start", "pauses", "expected"),
    [
        ("5wd", "2026-03-02T10:00", [pause("2026-03-03T09:00", "2026-03-03T18:00")], "03-09 17:30"),
        ("1wd", "2026-03-05T10:00", [pause("2026-03-06T17:00", "2026-03-07T09:00")], "03-09 17:30"),
        ("1wd", "2026-03-05T10:00", [pause("2026-03-06T18:00", "2026-03-10T10:00")], "03-09 17:30"),
        ("4wh", "2026-03-02T09:00", [pause("2026-03-02T10:00", "2026-03-02T10:07")], "03-02 15:07"),
        ("4wh", "2026-03-02T09:00", [pause("2026-03-02T18:00", "2026-03-03T09:00")], "03-02 15:30"),
        ("24h", "2026-03-02T09:00", [pause("2026-03-02T10:00", "2026-03-04T11:30")], "03-05 10:30"),
        ("24h", "2026-03-02T09:00", [pause("2026-03-03T09:00:20", "2026-03-03T09:00:30")], "03-03 08:59"),
        ("30d", "2026-03-02T09:00", [pause("2026-03-05T10:00", "2026-03-15T09:00")], "04-11 17:30"),
        ("1wd", "2026-03-05T10:00", [pause("2026-03-06T10:00", "2026-03-06T17:00", "4wh")], "03-09 12:00"),
    ],
)
def test_pauses(limit: str, start: str, pauses: list[Pause], expected: str) -> None:
    assert due(limit, start, *pauses) == expected


def test_what_is_paused_at_its_very_end_is_in_time_and_stays_so() -> None:
    """Overdue is what is past its due time, not what has reached it."""
    assert due("1h", "2026-03-02T09:00", pause("2026-03-02T10:00", "2026-03-02T11:00")) == "03-02 11:00"
    assert due("1h", "2026-03-02T09:00", pause("2026-03-02T10:01", "2026-03-02T11:00")) == "03-02 10:59"


def test_an_open_pause_keeps_the_date_and_says_what_is_left() -> None:
    facts = Facts(Limit.parse("5wd"), at("2026-03-02T10:00"), pauses=(pause("2026-03-04T10:00"),))
    found = reckon(facts, PUBLISHED)
    assert (found.due_at, found.remaining) == (at("2026-03-09T17:30"), 3)


def test_caps_win_where_they_are_earlier_and_leave_no_trace() -> None:
    caps = {OUTSIDE: "2026-03-06T12:00", "桂城-2026-000002": "2026-03-05T09:00"}
    assert due("5wd", "2026-03-02T10:00", caps=caps) == "03-05 09:00"
    assert due("5wd", "2026-03-02T10:00", caps={OUTSIDE: "2026-03-06T12:00"}) == "03-06 12:00"
    assert due("5wd", "2026-03-02T10:00", caps={OUTSIDE: "2026-03-01T12:00"}) == "03-09 17:30"
    assert due("5wd", "2026-03-02T10:00", caps={OUTSIDE: "2026-03-01T12:00"}, at_once=True) == "03-02 10:01"


@pytest.mark.parametrize(("extended", "ours"), [(0, False), (5, True)])
def test_our_own_extension_does_not_pass_the_outside_time(extended: int, ours: bool) -> None:
    """B6: the outside time stands, and the date says whether it was we who would have passed it."""
    cap = at("2026-03-10T12:00") if ours else at("2026-03-06T12:00")
    facts = Facts(Limit.parse("5wd"), at("2026-03-02T10:00"), extended=extended, caps=((OUTSIDE, cap),))
    found = reckon(facts, PUBLISHED)
    assert (found.due_at, found.held_by, found.ours) == (cap, OUTSIDE, ours)


def test_a_fixed_date_goes_through_the_same_function() -> None:
    assert due("30d", "2026-03-02T10:00", fixed="2026-03-20T17:30") == "03-20 17:30"
    shifted = pause("2026-03-04T10:00", "2026-03-06T09:00")
    assert due("5wd", "2026-03-02T10:00", shifted, fixed="2026-03-06T15:23", extended=2) == "03-12 17:30"


limits = st.sampled_from(["1wd", "5wd", "10wd"]).map(Limit.parse)


@given(
    calendars, moments, limits, st.integers(1, 10), st.lists(st.integers(0, 72), min_size=2, max_size=6, unique=True)
)
def test_working_days_granted_count_like_those_of_the_limit(
    days: dict[date, bool], started_at: datetime, limit: Limit, extended: int, hours: list[int]
) -> None:
    """An extension and a longer limit lead to the same date, whenever they came between whatever pauses."""
    calendar = WorkCalendar({on: (work, False) for on, work in days.items()})
    marks = [started_at + timedelta(hours=hour) for hour in sorted(hours)]
    pauses = tuple(Pause(begin, end) for begin, end in zip(marks[::2], marks[1::2], strict=False))
    longer = Limit(limit.amount + extended, limit.unit)
    granted = reckon(Facts(limit, started_at, extended=extended, pauses=pauses), calendar)
    assert granted == reckon(Facts(longer, started_at, pauses=pauses), calendar)
