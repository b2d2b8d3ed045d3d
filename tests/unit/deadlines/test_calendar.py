"""The golden days of docs/rules/limits.md, every published day against a second library, and the walk of the oracle."""

from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.clock import SHANGHAI
from deadlines.calendar import MINUTES_PER_DAY, WorkCalendar
from deadlines.sources import built_in, days_of
from tests.unit.deadlines.oracle import Oracle
from tests.unit.deadlines.strategies import calendars, moments

PUBLISHED = built_in(2028)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_five_working_days_over_the_spring_festival() -> None:
    assert PUBLISHED.add_working_days(at("2026-02-13T10:00"), 5) == at("2026-02-27T17:30")


def test_february_2026_has_sixteen_working_days() -> None:
    assert PUBLISHED.working_days_between(at("2026-01-31T12:00"), at("2026-02-28T12:00")) == 16


@pytest.mark.parametrize("on", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_swapped_weekend_days_work(on: str) -> None:
    day = date.fromisoformat(on)
    assert day.isoweekday() > 5
    assert PUBLISHED.is_workday(day)
    assert not PUBLISHED.is_estimated(day)


def test_every_day_of_three_years_agrees_with_a_second_library() -> None:
    second = holidays.country_holidays("CN", years=[2024, 2025, 2026])
    day, checked, differing = date(2024, 1, 1), 0, []
    while day <= date(2026, 12, 31):
        if PUBLISHED.is_workday(day) != second.is_working_day(day) or PUBLISHED.is_estimated(day):
            differing.append(day)
        day, checked = day + timedelta(days=1), checked + 1
    assert differing == []
    assert checked == 1096


@pytest.mark.parametrize("on", [date(2027, 1, 1), date(2027, 7, 14), date(2028, 2, 29), date(2050, 5, 5)])
def test_unpublished_years_answer_and_are_estimated(on: date) -> None:
    assert PUBLISHED.is_estimated(on)
    assert isinstance(PUBLISHED.is_workday(on), bool)
    assert PUBLISHED.add_working_days(datetime.combine(on, time(9), SHANGHAI), 5).date() > on


def test_an_estimated_year_knows_the_statutory_holidays() -> None:
    assert not PUBLISHED.is_workday(date(2027, 2, 8))
    assert not PUBLISHED.is_workday(date(2027, 10, 1))
    assert PUBLISHED.is_workday(date(2027, 2, 19))


def test_a_source_names_holidays_and_swaps() -> None:
    names = {day.on: day.name for day in days_of(2026, 2026)}
    assert names[date(2026, 2, 17)] == "春节"
    assert names[date(2026, 2, 14)] == "春节"
    assert names[date(2026, 3, 4)] == ""


def test_days_outside_the_mapping_are_weekdays_and_estimated() -> None:
    calendar = WorkCalendar({date(2026, 1, 5): (False, False), date(2026, 1, 8): (True, False)})
    assert not calendar.is_workday(date(2026, 1, 5))
    assert calendar.is_workday(date(2026, 1, 6))
    assert calendar.is_estimated(date(2026, 1, 6))
    assert not calendar.is_estimated(date(2026, 1, 8))
    assert calendar.any_estimated(date(2026, 1, 5), date(2026, 1, 6))
    assert not calendar.any_estimated(date(2026, 1, 5), date(2026, 1, 5))
    assert not calendar.any_estimated(date(2026, 1, 9), date(2026, 1, 8))


def test_one_day_has_seven_hours() -> None:
    assert MINUTES_PER_DAY == 420


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-03-04T08:30", 60, "2026-03-04T09:30"),
        ("2026-03-04T08:00", 60, "2026-03-04T09:30"),
        ("2026-03-04T11:30", 30, "2026-03-04T12:00"),
        ("2026-03-04T11:30", 31, "2026-03-04T14:01"),
        ("2026-03-04T12:30", 210, "2026-03-04T17:30"),
        ("2026-03-04T16:30", 240, "2026-03-05T11:30"),
        ("2026-03-06T17:30", 1, "2026-03-09T08:31"),
        ("2026-03-07T10:00", 420, "2026-03-09T17:30"),
        ("2026-03-04T12:00", 0, "2026-03-04T14:00"),
        ("2026-03-04T09:15", 0, "2026-03-04T09:15"),
    ],
)
def test_working_minutes_end_on_closings(start: str, minutes: int, expected: str) -> None:
    assert PUBLISHED.add_working_minutes(at(start), minutes) == at(expected)


def test_seconds_are_kept() -> None:
    assert PUBLISHED.add_working_minutes(at("2026-03-04T11:59:30"), 1) == at("2026-03-04T14:00:30")


def test_other_zones_mean_the_same_moment() -> None:
    utc = datetime(2026, 3, 4, 0, 30, tzinfo=UTC)
    assert PUBLISHED.in_office_hours(utc)
    assert PUBLISHED.add_working_minutes(utc, 60) == at("2026-03-04T09:30")


def test_naive_moments_and_senseless_amounts_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        PUBLISHED.next_opening(datetime(2026, 3, 4, 9))  # noqa: DTZ001
    with pytest.raises(ValueError, match="at least one"):
        PUBLISHED.add_working_days(at("2026-03-04T09:00"), 0)
    with pytest.raises(ValueError, match="added"):
        PUBLISHED.add_working_minutes(at("2026-03-04T09:00"), -1)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-03-04T07:00", "2026-03-04T08:30"),
        ("2026-03-04T09:00", "2026-03-04T09:00"),
        ("2026-03-04T12:00", "2026-03-04T14:00"),
        ("2026-03-04T17:30", "2026-03-05T08:30"),
        ("2026-02-15T10:00", "2026-02-24T08:30"),
    ],
)
def test_next_opening(moment: str, opening: str) -> None:
    assert PUBLISHED.next_opening(at(moment)) == at(opening)


@pytest.mark.parametrize(
    ("moment", "open_"), [("08:29", False), ("08:30", True), ("12:00", False), ("14:00", True), ("17:30", False)]
)
def test_offices_open_on_the_minute_and_close_on_it(moment: str, open_: bool) -> None:
    assert PUBLISHED.in_office_hours(at(f"2026-03-04T{moment}")) is open_


@pytest.mark.parametrize(
    ("on", "n", "expected"),
    [
        ("2026-03-07", -1, "2026-03-06"),
        ("2026-03-07", 0, "2026-03-06"),
        ("2026-03-07", 1, "2026-03-09"),
        ("2026-03-06", -1, "2026-03-05"),
        ("2026-03-06", 0, "2026-03-06"),
        ("2026-02-16", -2, "2026-02-13"),
    ],
)
def test_shifting_from_a_day_off_counts_the_worked_days(on: str, n: int, expected: str) -> None:
    assert PUBLISHED.shift_working_days(date.fromisoformat(on), n) == date.fromisoformat(expected)


@given(days=calendars, start=moments, minutes=st.integers(0, 1500))
@settings(max_examples=60)
def test_minutes_like_the_oracle(days: dict[date, bool], start: datetime, minutes: int) -> None:
    calendar, oracle = WorkCalendar({on: (work, False) for on, work in days.items()}), Oracle(days)
    end = calendar.add_working_minutes(start, minutes)
    assert end == oracle.add_minutes(start, minutes)
    assert calendar.working_minutes_between(start, end) == oracle.minutes_between(start, end) == minutes
    assert calendar.working_minutes_between(end, start) == -minutes
    assert calendar.in_office_hours(start) == oracle.is_open(start)
    assert calendar.next_opening(start) == oracle.add_minutes(start, 0)


@given(days=calendars, start=moments, n=st.integers(1, 40))
@settings(max_examples=200)
def test_days_like_the_oracle(days: dict[date, bool], start: datetime, n: int) -> None:
    calendar, oracle = WorkCalendar({on: (work, False) for on, work in days.items()}), Oracle(days)
    due = calendar.add_working_days(start, n)
    assert due == oracle.add_days(start, n)
    assert calendar.working_days_between(start, due) == oracle.days_after(start.date(), due.date()) == n
    assert calendar.working_days_between(due, start) == -n
    back = calendar.shift_working_days(due.date(), -n)
    assert calendar.is_workday(back)
    assert back <= start.date()
    assert oracle.days_after(back, due.date()) == n
