"""When series are held: golden dates of 2024 to 2026, and the rule against a walk over every day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deadlines.calendar import WorkCalendar
from deadlines.sources import built_in
from meetings.recurrence import Rule, dates

PUBLISHED = built_in(2028)
TUESDAYS = {"every": "week", "weekday": 2}


def held(data: dict[str, Any], first: str, last: str) -> list[str]:
    found = dates(Rule.read(data), PUBLISHED, date.fromisoformat(first), date.fromisoformat(last))
    return [one.on.isoformat() for one in found]


@pytest.mark.parametrize(
    ("year", "off"),
    [
        # Spring Festival, May Day, Mid-Autumn, National Day
        (2024, ["2024-02-13", "2024-09-17", "2024-10-01"]),
        (2025, ["2025-01-28", "2025-02-04", "2025-10-07"]),
        (2026, ["2026-02-17", "2026-05-05", "2026-10-06"]),
    ],
)
def test_every_tuesday_afternoon_but_on_holidays(year: int, off: list[str]) -> None:
    """平东社区人大代表联络站: 每周二下午（节假日例外）."""
    first = date(year, 1, 1) + timedelta(days=(2 - date(year, 1, 1).isoweekday()) % 7)
    tuesdays = [first + timedelta(days=7 * n) for n in range(53) if (first + timedelta(days=7 * n)).year == year]
    expected = [on.isoformat() for on in tuesdays if on.isoformat() not in off]
    assert held({**TUESDAYS, "else": "drop"}, f"{year}-01-01", f"{year}-12-31") == expected


def test_what_falls_on_a_holiday_is_moved_by_rule() -> None:
    assert held({**TUESDAYS, "else": "next"}, "2026-02-11", "2026-02-28") == ["2026-02-24"]
    assert held({**TUESDAYS, "else": "previous"}, "2026-02-11", "2026-02-28") == ["2026-02-14", "2026-02-24"]
    assert held({**TUESDAYS, "else": "next"}, "2026-05-01", "2026-05-12") == ["2026-05-06", "2026-05-12"]


def test_quarterly_meetings_of_three_years() -> None:
    """The fifth working day of each quarter's last month; a Saturday that works counts."""
    expected = [
        "2024-03-07", "2024-06-07", "2024-09-06", "2024-12-06", "2025-03-07", "2025-06-09", "2025-09-05", "2025-12-05",
        "2026-03-06", "2026-06-05", "2026-09-07", "2026-12-07",
    ]  # fmt: skip
    assert held({"every": "quarter", "month": 3, "nth": 5}, "2024-01-01", "2026-12-31") == expected


def test_the_last_and_the_first_working_day_of_a_month() -> None:
    assert held({"every": "month", "nth": -1}, "2026-01-01", "2026-03-31") == ["2026-01-30", "2026-02-28", "2026-03-31"]
    assert held({"every": "month", "nth": 1}, "2026-01-01", "2026-02-28") == ["2026-01-04", "2026-02-02"]


def test_single_dates_and_estimated_years() -> None:
    single = {"every": "dates", "dates": ["2026-10-10", "2026-10-01"], "else": "next"}
    assert held(single, "2026-01-01", "2026-12-31") == ["2026-10-08", "2026-10-10"]
    later = dates(Rule.read(TUESDAYS), PUBLISHED, date(2026, 12, 20), date(2027, 1, 10))
    assert [(one.on.year, one.estimated) for one in later] == [(2026, False), (2026, False), (2027, True)][: len(later)]


@pytest.mark.parametrize(
    "data",
    [{}, {"every": "year"}, {"every": "week", "weekday": 8}, {"every": "month", "nth": 0}, {"every": "dates"},
     {"every": "week", "dates": ["2026-01-01"]}, {"every": "dates", "dates": ["01.02.2026"]}],
)  # fmt: skip
def test_what_is_no_rule(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Rule.read(data)


_RULES = st.one_of(
    st.fixed_dictionaries({
        "every": st.just("week"), "weekday": st.integers(1, 7), "else": st.sampled_from(["drop", "next", "previous"]),
    }),
    st.fixed_dictionaries({"every": st.just("month"), "nth": st.sampled_from([-15, -3, -1, 1, 2, 15])}),
    st.fixed_dictionaries({
        "every": st.just("quarter"), "month": st.integers(1, 3), "nth": st.sampled_from([-2, 1, 9]),
    }),
    st.fixed_dictionaries({
        "every": st.just("dates"), "else": st.sampled_from(["drop", "next", "previous"]),
        "dates": st.lists(st.dates(date(2025, 1, 1), date(2027, 12, 31)).map(str), min_size=1, max_size=5),
    }),
)  # fmt: skip


_DAYS = st.dictionaries(st.dates(date(2026, 1, 20), date(2026, 3, 20)), st.booleans(), max_size=14)


def _walked(data: dict[str, Any], calendar: WorkCalendar, first: date, last: date) -> list[date]:
    """Day by day, as one would with a wall calendar and a pencil."""
    found = set()
    day = first - timedelta(days=45)
    while day <= last + timedelta(days=45):
        if _names(data, calendar, day):
            moved: date | None = day
            while moved and not calendar.is_workday(moved):
                step = {"next": 1, "previous": -1}.get(data.get("else", "drop"))
                moved = moved + timedelta(days=step) if step else None
            if moved and first <= moved <= last:
                found.add(moved)
        day += timedelta(days=1)
    return sorted(found)


def _names(data: dict[str, Any], calendar: WorkCalendar, day: date) -> bool:
    if data["every"] == "dates":
        return bool(day.isoformat() in data["dates"])
    if data["every"] == "week":
        return bool(day.isoweekday() == data["weekday"])
    if data["every"] == "quarter" and (day.month - 1) % 3 + 1 != data["month"]:
        return False
    month = [date(day.year, day.month, n) for n in range(1, 32) if _exists(day, n)]
    working = [one for one in month if calendar.is_workday(one)]
    place = data["nth"] - 1 if data["nth"] > 0 else data["nth"]
    return bool(-len(working) <= place < len(working) and working[place] == day)


def _exists(day: date, number: int) -> bool:
    return (date(day.year, day.month, 28) + timedelta(days=max(0, number - 28))).month == day.month


@settings(max_examples=60)
@given(data=_RULES, days_off=_DAYS, first=st.dates(date(2025, 6, 1), date(2026, 12, 1)), days=st.integers(0, 200))
def test_the_rule_is_what_a_walk_over_the_days_finds(
    data: dict[str, Any], days_off: dict[date, bool], first: date, days: int
) -> None:
    calendar = WorkCalendar({on: (works, False) for on, works in days_off.items()})
    rule = Rule.read(data)
    assert Rule.read(rule.as_data()) == rule
    found = dates(rule, calendar, first, first + timedelta(days=days))
    assert [one.on for one in found] == _walked(data, calendar, first, first + timedelta(days=days))
