"""Start, pause, resume, extension, what is left, and the rungs: examples and the oracle's walk."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from common.clock import SHANGHAI
from deadlines import arithmetic
from deadlines.arithmetic import OffsetError, PausedRest, Remaining, add_months, morning_after, parse_offset, rung_time
from deadlines.calendar import WorkCalendar
from deadlines.limits import Due, Limit
from deadlines.reckoning import Pause, due_after_pauses
from deadlines.rules import limits_for
from deadlines.sources import built_in
from tests.unit.deadlines.oracle import Oracle
from tests.unit.deadlines.strategies import calendars, moments

PUBLISHED = built_in(2028)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@dataclass(frozen=True)
class Rung:
    code: str
    rank: int
    offset: str


LADDER = [
    Rung("new", 0, "start"),
    Rung("notice", 1, "half"),
    Rung("due_soon", 2, "soon"),
    Rung("due_today", 3, "due_day"),
    Rung("urge", 4, "due"),
    Rung("supervise", 5, "due+3wd"),
    Rung("yellow_card", 6, "due+5wd"),
    Rung("red_card", 7, "due+10wd"),
]


def due(text: str, start: str) -> datetime:
    return Limit.parse(text).due(at(start), PUBLISHED).due_at


def plan_rungs(
    rungs: list[Rung], start: datetime, due_at: datetime, limit: Limit, calendar: WorkCalendar
) -> list[tuple[datetime, str]]:
    """What will fire: of those that coincide the higher comes last, and alone."""
    found = arithmetic.rung_moments(rungs, start, due_at, limit, calendar)
    return list({moment: (moment, rung.code) for moment, rung in found}.values())


def after(due_at: datetime, limit: str, paused_at: str, resumed_at: str, at_least: str = "") -> datetime:
    pause = Pause(at(paused_at), at(resumed_at), Limit.parse(at_least) if at_least else None)
    return due_after_pauses(due_at, [pause], Limit.parse(limit), PUBLISHED)


# The golden example


def test_a_flooded_lane_on_the_eve_of_a_holiday() -> None:
    found, accepted = limits_for(None, "urgent", "help", category_code="0301"), at("2026-04-03T20:05")
    first_report = found["first_report"].limit.due(accepted, PUBLISHED)
    handle = found["handle"].limit.due(accepted, PUBLISHED)
    assert first_report == Due(at("2026-04-04T20:05"), estimated=False)
    assert handle == Due(at("2026-04-09T17:30"), estimated=False)
    assert handle.due_at.strftime("%A") == "Thursday"


# Pause and resume


@pytest.mark.parametrize(
    ("limit", "start", "paused", "left", "resumed", "expected"),
    [
        # five days from Monday: due the next Monday; paused on Wednesday: Thursday, Friday, Monday are left
        ("5wd", "2026-03-02T10:00", "2026-03-04T09:00", 3, "2026-03-16T16:00", "2026-03-19T17:30"),
        ("5wd", "2026-03-02T10:00", "2026-03-04T18:00", 3, "2026-03-14T10:00", "2026-03-18T17:30"),
        # on the due day no day is left: the day of resumption itself, or the next that is worked
        ("5wd", "2026-03-02T10:00", "2026-03-09T09:00", 0, "2026-03-11T10:00", "2026-03-11T17:30"),
        ("5wd", "2026-03-02T10:00", "2026-03-09T09:00", 0, "2026-03-11T18:00", "2026-03-12T17:30"),
        ("5wd", "2026-03-02T10:00", "2026-03-09T09:00", 0, "2026-03-14T10:00", "2026-03-16T17:30"),
        ("4wh", "2026-03-04T10:00", "2026-03-04T11:15", 165, "2026-03-06T16:30", "2026-03-09T10:15"),
        ("24h", "2026-03-04T10:00", "2026-03-04T11:15", 1365, "2026-03-07T00:00", "2026-03-07T22:45"),
        ("30d", "2026-03-04T10:00", "2026-03-10T11:15", 24, "2026-04-01T09:00", "2026-04-25T17:30"),
    ],
)
def test_a_pause_keeps_what_is_left(
    limit: str, start: str, paused: str, left: int, resumed: str, expected: str
) -> None:
    kept = arithmetic.pause(due(limit, start), at(paused), Limit.parse(limit), PUBLISHED)
    assert kept == PausedRest(left, overdue=False)
    assert after(due(limit, start), limit, paused, resumed) == at(expected)


@pytest.mark.parametrize(
    ("limit", "paused", "resumed", "expected"),
    [
        ("1wd", "2026-03-05T10:00", "2026-03-17T10:00", "2026-03-13T17:30"),
        ("1wd", "2026-03-03T18:00", "2026-03-17T18:00", "2026-03-17T17:30"),
        ("1wd", "2026-03-05T10:00", "2026-03-14T10:00", "2026-03-11T17:30"),
        ("1h", "2026-03-02T12:00", "2026-03-04T12:00", "2026-03-04T11:00"),
        ("2wh", "2026-03-02T16:00", "2026-03-04T10:00", "2026-03-03T17:00"),
    ],
)
def test_a_pause_forgives_no_lateness(limit: str, paused: str, resumed: str, expected: str) -> None:
    kept = arithmetic.pause(due(limit, "2026-03-02T10:00"), at(paused), Limit.parse(limit), PUBLISHED)
    assert kept.overdue
    again = after(due(limit, "2026-03-02T10:00"), limit, paused, resumed, "4wh")
    assert again < at(resumed)
    if limit != "1wd" or paused == "2026-03-03T18:00":
        assert again == at(expected)


def test_paused_at_the_due_minute_is_not_overdue() -> None:
    end = due("4wh", "2026-03-02T09:00")
    assert arithmetic.pause(end, end, Limit.parse("4wh"), PUBLISHED) == PausedRest(0, overdue=False)


def test_a_begun_minute_counts_as_whole() -> None:
    end = due("24h", "2026-03-02T09:00")
    assert arithmetic.pause(end, at("2026-03-02T09:00:30"), Limit.parse("24h"), PUBLISHED).amount == 24 * 60
    assert arithmetic.pause(end, end + timedelta(seconds=90), Limit.parse("24h"), PUBLISHED) == PausedRest(
        1, overdue=True
    )


LIMITS = st.sampled_from(["1wd", "2wd", "3wd", "5wd", "10wd", "4wh", "1wh", "24h", "2h", "30min"])


@given(days=calendars, start=moments, text=LIMITS, pause=st.floats(0, 1), gap=st.integers(0, 20 * 24 * 60))
@settings(max_examples=120)
def test_start_pause_and_resume_like_the_oracle(
    days: dict[date, bool], start: datetime, text: str, pause: float, gap: int
) -> None:
    calendar, oracle, limit = _both(days, text)
    due_at = limit.due(start, calendar).due_at
    assert due_at == oracle.due(text, start)
    stopped = start + timedelta(minutes=int((due_at - start) / timedelta(minutes=1) * pause))
    resumed = stopped + timedelta(minutes=gap)
    again = due_after_pauses(due_at, [Pause(stopped, resumed)], limit, calendar)
    assert again == oracle.after_pause(text, due_at, stopped, resumed)
    assert again >= resumed
    moved = arithmetic.moved_start(start, stopped, resumed, limit, calendar)
    assert moved >= start
    if moved > start:
        assert oracle.used(text, moved, resumed) == oracle.used(text, start, stopped)


@given(days=calendars, start=moments, text=LIMITS, late=st.integers(1, 9 * 24 * 60), gap=st.integers(0, 9 * 24 * 60))
@settings(max_examples=120)
def test_what_was_overdue_stays_so_by_as_much(
    days: dict[date, bool], start: datetime, text: str, late: int, gap: int
) -> None:
    calendar, oracle, limit = _both(days, text)
    due_at = oracle.due(text, start)
    stopped = due_at + timedelta(minutes=late)
    resumed = stopped + timedelta(minutes=gap)
    again = due_after_pauses(due_at, [Pause(stopped, resumed)], limit, calendar)
    assert again < resumed
    if text.endswith("wd"):
        before = oracle.days_after(due_at.date(), stopped.date())
        assert oracle.days_after(again.date(), resumed.date()) in (before, before + 1)
    elif text.endswith("wh"):
        assert oracle.minutes_between(again, resumed) in (oracle.minutes_between(due_at, stopped), 1)
    else:
        assert resumed - again == stopped - due_at


def _both(days: dict[date, bool], text: str) -> tuple[WorkCalendar, Oracle, Limit]:
    return WorkCalendar({on: (work, False) for on, work in days.items()}), Oracle(days), Limit.parse(text)


# Co-departments


@pytest.mark.parametrize(
    ("limit", "start", "added", "expected"),
    [
        ("5wd", "2026-03-02T10:00", "2026-03-03T10:00", "2026-03-06T17:30"),
        ("5wd", "2026-03-02T10:00", "2026-03-09T08:30", "2026-03-09T12:00"),
        ("5wd", "2026-03-02T10:00", "2026-03-06T17:00", "2026-03-09T11:45"),
        ("24h", "2026-03-04T10:00", "2026-03-04T12:00", "2026-03-04T23:00"),
        ("1wd", "2026-03-02T10:00", "2026-03-05T10:00", "2026-03-06T17:30"),
    ],
)
def test_a_co_department_is_due_a_day_before_but_has_half(limit: str, start: str, added: str, expected: str) -> None:
    found = arithmetic.co_department_due(due(limit, start), at(added), Limit.parse(limit), PUBLISHED)
    assert found.due_at == at(expected)


# What is left


@pytest.mark.parametrize(
    ("limit", "now", "expected"),
    [
        ("5wd", "2026-03-04T10:00", Remaining(False, 3, 5, 30)),
        ("5wd", "2026-03-09T17:30", Remaining(False, 0, 0, 0)),
        ("5wd", "2026-03-10T10:00", Remaining(True, 0, 1, 30)),
        ("5wd", "2026-03-14T10:00", Remaining(True, 4, 0, 0)),
        ("24h", "2026-03-02T12:30", Remaining(False, 0, 21, 30)),
        ("24h", "2026-03-05T12:30", Remaining(True, 2, 2, 30)),
    ],
)
def test_what_is_left_in_the_limits_own_time(limit: str, now: str, expected: Remaining) -> None:
    assert arithmetic.remaining(due(limit, "2026-03-02T10:00"), at(now), Limit.parse(limit), PUBLISHED) == expected


@pytest.mark.parametrize(
    ("limit", "start", "expected"),
    [
        ("5wd", "2026-03-02T10:00", "2026-03-06T17:30"),
        ("1wd", "2026-03-02T08:30", "2026-03-03T12:00"),
        ("4wh", "2026-03-02T08:30", "2026-03-02T11:30"),
        ("24h", "2026-03-02T08:30", "2026-03-03T02:30"),
        ("30d", "2026-03-02T08:30", "2026-03-31T17:30"),
    ],
)
def test_due_soon_is_the_shorter_of_a_day_and_a_quarter(limit: str, start: str, expected: str) -> None:
    assert arithmetic.soon_at(at(start), due(limit, start), Limit.parse(limit), PUBLISHED) == at(expected)


# Rungs


def test_the_ladder_of_a_handling_deadline() -> None:
    start, limit = at("2026-03-02T10:00"), Limit.parse("5wd")
    assert plan_rungs(LADDER, start, due("5wd", "2026-03-02T10:00"), limit, PUBLISHED) == [
        (at("2026-03-02T10:00"), "new"),
        (at("2026-03-05T09:15"), "notice"),
        (at("2026-03-06T17:30"), "due_soon"),
        (at("2026-03-09T08:30"), "due_today"),
        (at("2026-03-09T17:30"), "urge"),
        (at("2026-03-12T17:30"), "supervise"),
        (at("2026-03-16T17:30"), "yellow_card"),
        (at("2026-03-23T17:30"), "red_card"),
    ]


def test_a_rung_in_the_first_quarter_is_skipped() -> None:
    start, limit = at("2026-03-02T17:00"), Limit.parse("1wd")
    codes = [code for _at, code in plan_rungs(LADDER, start, limit.due(start, PUBLISHED).due_at, limit, PUBLISHED)]
    assert "due_today" not in codes
    earlier = at("2026-03-02T10:00")
    codes = [code for _at, code in plan_rungs(LADDER, earlier, limit.due(earlier, PUBLISHED).due_at, limit, PUBLISHED)]
    assert "due_today" in codes


def test_a_rung_before_the_start_is_skipped_and_coinciding_ones_fire_once() -> None:
    start, limit = at("2026-03-02T09:00"), Limit.parse("4wh")
    rungs = [*LADDER[:5], Rung("same", 9, "due"), Rung("twin", 1, "start"), Rung("zero", 3, "due+1h")]
    plan = plan_rungs(rungs, start, due("4wh", "2026-03-02T09:00"), limit, PUBLISHED)
    assert plan == [
        (at("2026-03-02T09:00"), "twin"),
        (at("2026-03-02T11:00"), "notice"),
        (at("2026-03-02T12:00"), "due_soon"),
        (at("2026-03-02T15:00"), "same"),
        (at("2026-03-02T16:00"), "zero"),
    ]


def test_exactly_a_quarter_is_not_the_first_quarter() -> None:
    start, limit = at("2026-03-02T08:30"), Limit.parse("4wh")
    end = limit.due(start, PUBLISHED).due_at
    rungs = [Rung("before", 1, "start+59min"), Rung("quarter", 2, "start+1h")]
    assert plan_rungs(rungs, start, end, limit, PUBLISHED) == [(at("2026-03-02T09:30"), "quarter")]


def test_a_rung_at_the_start_is_skipped_unless_it_is_the_start() -> None:
    start, limit = at("2026-03-02T08:30"), Limit.parse("4h")
    assert plan_rungs(LADDER[:5], start, start, limit, PUBLISHED) == [(start, "new")]


def test_clock_rungs_run_through_the_night() -> None:
    rungs = [Rung("half", 1, "half"), Rung("urge", 2, "due"), Rung("duty", 3, "due+1h"), Rung("draft", 4, "due+4h")]
    start = at("2026-03-06T20:00")
    assert plan_rungs(rungs, start, due("24h", "2026-03-06T20:00"), Limit.parse("24h"), PUBLISHED) == [
        (at("2026-03-07T08:00"), "half"),
        (at("2026-03-07T20:00"), "urge"),
        (at("2026-03-07T21:00"), "duty"),
        (at("2026-03-08T00:00"), "draft"),
    ]


def test_offsets_after_the_start() -> None:
    start, end, limit = at("2026-03-02T10:00"), due("1wd", "2026-03-02T10:00"), Limit.parse("1wd")
    assert rung_time("start+4wh", start, end, limit, PUBLISHED) == at("2026-03-02T16:00")
    assert plan_rungs([Rung("late", 1, "start+4wh")], start, end, limit, PUBLISHED) == [
        (at("2026-03-02T16:00"), "late")
    ]


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("1wd", "2026-03-18T10:00", "2026-03-20T17:30"),
        ("1wd", "2026-03-19T10:00", "2026-03-23T17:30"),
        ("5wd", "2026-02-13T10:00", "2026-03-05T17:30"),
        ("4wh", "2026-03-18T10:00", "2026-03-19T11:00"),
        ("4wh", "2026-03-21T10:00", "2026-03-24T09:30"),
        ("2h", "2026-03-20T20:00", "2026-03-21T00:00"),
        ("30min", "2026-03-20T20:00", "2026-03-20T21:00"),
        ("30d", "2026-03-18T10:00", "2026-05-17T17:30"),
    ],
)
def test_twice_is_the_whole_time_once_more_in_its_own_time(text: str, start: str, expected: str) -> None:
    limit = Limit.parse(text)
    assert rung_time("twice", at(start), due(text, start), limit, PUBLISHED) == at(expected)


def test_twice_of_a_moved_due_time_counts_what_it_has_now() -> None:
    start, limit = at("2026-03-18T10:00"), Limit.parse("1wd")
    extended = at("2026-03-23T17:30")
    assert rung_time("twice", start, extended, limit, PUBLISHED) == at("2026-03-26T17:30")
    same_day = at("2026-03-18T15:00")
    assert rung_time("twice", start, same_day, limit, PUBLISHED) == at("2026-03-19T17:30")


# In advance, by months, every morning


@pytest.mark.parametrize(
    ("offset", "due_at", "expected"),
    [
        # the term of an owners' committee ends on 31 August: half a year before is the last day of February
        ("due-6mo", "2026-08-31T17:30", "2026-02-28T08:30"),
        ("due-3mo", "2026-08-31T17:30", "2026-05-31T08:30"),
        ("due-2mo", "2026-08-31T17:30", "2026-06-30T08:30"),
        ("due-1mo", "2026-03-31T17:30", "2026-02-28T08:30"),
        ("due-1mo", "2028-03-31T17:30", "2028-02-29T08:30"),
        ("due-1mo", "2028-03-29T17:30", "2028-02-29T08:30"),
        ("due-1mo", "2027-03-29T17:30", "2027-02-28T08:30"),
        ("due-12mo", "2028-02-29T17:30", "2027-02-28T08:30"),
        ("due-48mo", "2032-02-29T17:30", "2028-02-29T08:30"),
        ("due-2mo", "2026-01-15T17:30", "2025-11-15T08:30"),
        ("due+1mo", "2026-01-31T17:30", "2026-02-28T17:30"),
        ("due+12mo", "2027-12-31T17:30", "2028-12-31T17:30"),
        # two working days before Thursday 9 April 2026: Saturday to Monday were 清明 and its weekend
        ("due-2wd", "2026-04-09T17:30", "2026-04-07T08:30"),
        ("due-3wd", "2026-04-09T17:30", "2026-04-03T08:30"),
        # counted back from a day off, the first working day before it is one
        ("due-1wd", "2026-04-05T17:30", "2026-04-03T08:30"),
        ("due-10d", "2026-04-09T17:30", "2026-03-30T08:30"),
        ("due-1h", "2026-04-09T00:30", "2026-04-08T23:30"),
        ("due-2wh", "2026-04-09T15:00", "2026-04-09T11:00"),
        # an hour before 15:00 is the opening at 14:00, not the closing at 12:00
        ("due-1wh", "2026-04-09T15:00", "2026-04-09T14:00"),
        ("due-7wh", "2026-04-07T17:30", "2026-04-07T08:30"),
        ("due_day-1wd", "2026-04-09T17:30", "2026-04-08T08:30"),
    ],
)
def test_a_reminder_in_advance(offset: str, due_at: str, expected: str) -> None:
    started = at("2020-01-06T10:00")
    assert rung_time(offset, started, at(due_at), Limit.parse("1wd"), PUBLISHED) == at(expected)


def test_months_before_stand_on_a_ladder_like_other_rungs() -> None:
    rungs = [Rung("half_year", 1, "due-6mo"), Rung("quarter", 2, "due-3mo"), Rung("two", 3, "due-2mo")]
    ends, limit = at("2026-08-31T17:30"), Limit.parse("1000d")
    assert plan_rungs(rungs, at("2023-09-01T09:00"), ends, limit, PUBLISHED) == [
        (at("2026-02-28T08:30"), "half_year"),
        (at("2026-05-31T08:30"), "quarter"),
        (at("2026-06-30T08:30"), "two"),
    ]
    # entered half a year before its end: what lies in its first quarter is left out
    assert [code for _at, code in plan_rungs(rungs, at("2026-03-20T09:00"), ends, limit, PUBLISHED)] == [
        "quarter",
        "two",
    ]


@given(on=st.dates(date(2020, 1, 1), date(2040, 12, 31)), months=st.integers(0, 60))
def test_months_like_the_oracle(on: date, months: int) -> None:
    assert add_months(on, -months) == Oracle({}).months_before(on, months)
    later = add_months(on, months)
    assert (later.year * 12 + later.month) - (on.year * 12 + on.month) == months
    assert later.day == on.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-04-02T10:00", "2026-04-03T08:30"),
        ("2026-04-03T08:29", "2026-04-03T08:30"),
        ("2026-04-03T08:30", "2026-04-07T08:30"),
        ("2026-04-05T12:00", "2026-04-07T08:30"),
    ],
)
def test_the_next_working_morning(after: str, expected: str) -> None:
    assert morning_after(at(after), PUBLISHED) == at(expected)


@given(days=calendars, start=moments)
@settings(max_examples=120)
def test_mornings_like_the_oracle(days: dict[date, bool], start: datetime) -> None:
    calendar, oracle, _limit = _both(days, "1wd")
    assert morning_after(start, calendar) == oracle.next_morning(start)


def test_a_daily_rung_knows_no_first_quarter_and_goes_on_after_the_due_time() -> None:
    rungs, limit = [Rung("unsigned", 13, "daily"), Rung("urge", 5, "due")], Limit.parse("1wd")
    start = at("2026-03-02T16:30")
    assert plan_rungs(rungs, start, limit.due(start, PUBLISHED).due_at, limit, PUBLISHED) == [
        (at("2026-03-03T08:30"), "unsigned"),
        (at("2026-03-03T17:30"), "urge"),
    ]
    later = arithmetic.rung_moments(
        rungs, start, at("2026-03-03T17:30"), limit, PUBLISHED, mornings_after=at("2026-03-06T09:00")
    )
    assert [(moment, rung.code) for moment, rung in later] == [
        (at("2026-03-03T17:30"), "urge"),
        (at("2026-03-09T08:30"), "unsigned"),
    ]


def test_codes_may_repeat_for_it_is_rungs_that_are_planned() -> None:
    rungs = [Rung("order", 9, "due+3wd"), Rung("order", 15, "due")]
    start, limit = at("2026-03-02T10:00"), Limit.parse("1wd")
    planned = arithmetic.rung_moments(rungs, start, limit.due(start, PUBLISHED).due_at, limit, PUBLISHED)
    assert [(moment, rung.rank) for moment, rung in planned] == [
        (at("2026-03-03T17:30"), 15),
        (at("2026-03-06T17:30"), 9),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "end",
        "due+",
        "due+3",
        "due-0wd",
        "due+0wd",
        "start4wh",
        "due+none",
        "half+1wd ",
        "daily+1d",
        "due--1d",
        "due+10000d",
    ],
)
def test_a_wrong_offset_is_refused(text: str) -> None:
    with pytest.raises((OffsetError, ValueError)):
        parse_offset(text)


OFFSETS = st.lists(
    st.sampled_from(
        [
            "start",
            "half",
            "soon",
            "due_day",
            "due",
            "due+1wd",
            "due+3wd",
            "due+1h",
            "due+4wh",
            "start+4wh",
            "start+30min",
            "due-1wd",
            "due-2wd",
            "due-1d",
            "due-2wh",
            "due-30min",
            "soon-1h",
        ]
    ),
    max_size=7,
)


@given(days=calendars, start=moments, text=LIMITS, offsets=OFFSETS)
@settings(max_examples=120)
def test_rungs_like_the_oracle(days: dict[date, bool], start: datetime, text: str, offsets: list[str]) -> None:
    calendar, oracle, limit = _both(days, text)
    due_at = limit.due(start, calendar).due_at
    assume((due_at - start) < timedelta(days=40))
    rungs = [Rung(f"rung{rank}", rank, offset) for rank, offset in enumerate(offsets)]
    expected = oracle.plan([(rung.code, rung.rank, rung.offset) for rung in rungs], text, start, due_at)
    assert plan_rungs(rungs, start, due_at, limit, calendar) == expected


@given(days=calendars, start=moments, text=LIMITS, now=st.floats(0, 2))
@settings(max_examples=60)
def test_what_is_left_like_the_oracle(days: dict[date, bool], start: datetime, text: str, now: float) -> None:
    calendar, oracle, limit = _both(days, text)
    due_at = limit.due(start, calendar).due_at
    moment = start + timedelta(minutes=int((due_at - start) / timedelta(minutes=1) * now))
    left = arithmetic.remaining(due_at, moment, limit, calendar)
    per_day = 7 if limit.is_working else 24
    minutes = (left.days * per_day + left.hours) * 60 + left.minutes
    assert minutes == abs(oracle.used(text, moment, due_at) - oracle.used(text, due_at, moment))
    assert left.overdue == (moment > due_at)
