"""Moments before now: in order, never in the future, in office time."""

from datetime import datetime

import pytest

from common.clock import SHANGHAI
from deadlines.sources import built_in
from seeds.demonstration.timeline import Ago, StoryTimeline, days

CALENDAR = built_in(2028)
MOMENTS = [
    datetime(2026, 11, 18, 10, 20, tzinfo=SHANGHAI),  # a Wednesday morning
    datetime(2026, 11, 18, 12, 40, tzinfo=SHANGHAI),  # its noon
    datetime(2026, 11, 18, 7, 5, tzinfo=SHANGHAI),
    datetime(2026, 11, 18, 8, 31, tzinfo=SHANGHAI),
    datetime(2026, 11, 18, 23, 58, tzinfo=SHANGHAI),
    datetime(2026, 11, 21, 19, 0, tzinfo=SHANGHAI),  # a Saturday
    datetime(2026, 10, 4, 9, 0, tzinfo=SHANGHAI),  # the National Day holidays
    datetime(2027, 1, 1, 0, 5, tzinfo=SHANGHAI),
]


@pytest.mark.parametrize("now", MOMENTS)
@pytest.mark.parametrize("ago", ["25min", "0.1wh", "3wh", "1wd", "6.5wd", "45wd"])
def test_steps_are_in_order_and_past(now: datetime, ago: str) -> None:
    found = StoryTimeline(CALENDAR, now).before(Ago.parse(ago), [0, 5, 90, 700, 2])
    assert len(found) == 5
    assert found == sorted(found)
    assert found[-1] <= now


@pytest.mark.parametrize("now", MOMENTS)
def test_working_moments_are_in_office_time(now: datetime) -> None:
    for at in StoryTimeline(CALENDAR, now).before(days(3), [0, 30, 500, 60]):
        position = CALENDAR.working_position(at)
        assert CALENDAR.at_working_position(position) == at


@pytest.mark.parametrize("now", MOMENTS)
def test_what_happened_one_working_day_ago_is_due_on_the_present_or_the_next_working_day(now: datetime) -> None:
    (at,) = StoryTimeline(CALENDAR, now).before(days(1), [0])
    due = CALENDAR.add_working_days(at, 1)
    assert now < due
    assert CALENDAR.working_days_between(now, due) <= 1


@pytest.mark.parametrize("text", ["", "3", "3 wh", "wd", "-1wd", "2d"])
def test_other_spans_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Ago.parse(text)
