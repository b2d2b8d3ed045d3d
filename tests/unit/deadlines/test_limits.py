"""Limits as text, as people read them, and their due times."""

from datetime import date, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.clock import SHANGHAI
from deadlines.calendar import WorkCalendar
from deadlines.limits import NO_LIMIT, Due, Limit, LimitError, Unit
from deadlines.sources import built_in

PUBLISHED = built_in(2028)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "label", "working"),
    [
        ("3wd", "3个工作日", True),
        ("4wh", "4个工作小时", True),
        ("2h", "2小时", False),
        ("30min", "30分钟", False),
        ("30d", "30天", False),
        ("none", "不限时", False),
    ],
)
def test_text_label_and_kind_of_time(text: str, label: str, working: bool) -> None:
    limit = Limit.parse(text)
    assert str(limit) == text
    assert limit.is_working is working
    with translation.override("zh-hans"):
        assert limit.label() == label


@pytest.mark.parametrize(
    "text", ["", "3", "wd", "0wd", "-1wd", "3 wd", "3WD", "1.5h", "3wd;", "٣wd", "99999wd", "nones"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(LimitError):
        Limit.parse(text)


@given(st.integers(1, 9999), st.sampled_from([unit for unit in Unit if unit is not Unit.NONE]))
def test_text_and_value_are_one(amount: int, unit: Unit) -> None:
    assert Limit.parse(str(Limit(amount, unit))) == Limit(amount, unit)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("24h", "2026-04-04T20:05"),
        ("3wd", "2026-04-09T17:30"),
        ("4wh", "2026-04-07T14:30"),
        ("30min", "2026-04-03T20:35"),
        ("30d", "2026-05-03T17:30"),
    ],
)
def test_due_after_a_friday_evening_before_a_holiday(text: str, due: str) -> None:
    assert Limit.parse(text).due(at("2026-04-03T20:05"), PUBLISHED) == Due(at(due), estimated=False)


def test_a_day_of_an_unpublished_year_makes_the_due_time_estimated() -> None:
    eve = at("2026-12-31T10:00")
    assert Limit.parse("1wd").due(eve, PUBLISHED).estimated
    assert Limit.parse("7wh").due(eve, PUBLISHED).estimated
    assert not Limit.parse("4wh").due(eve, PUBLISHED).estimated
    assert not Limit.parse("24h").due(eve, PUBLISHED).estimated
    assert not Limit.parse("1wd").due(at("2026-12-30T10:00"), PUBLISHED).estimated
    assert Limit.parse("3wd").due(at("2027-03-03T10:00"), PUBLISHED) == Due(at("2027-03-08T17:30"), estimated=True)


def test_the_start_day_counts_for_hours_only() -> None:
    known = {date(2026, 3, day): (True, False) for day in range(3, 20)}
    calendar, start = WorkCalendar(known), at("2026-03-02T16:00")
    assert not Limit.parse("1wd").due(start, calendar).estimated
    assert Limit.parse("4wh").due(start, calendar).estimated


def test_no_limit_is_never_due() -> None:
    assert Limit.parse("none") == NO_LIMIT
    with pytest.raises(ValueError, match="no length"):
        NO_LIMIT.due(at("2026-03-04T10:00"), PUBLISHED)
