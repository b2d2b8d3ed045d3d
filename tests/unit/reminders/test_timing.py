"""When a message may leave: nights, days off, digests."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import SHANGHAI
from deadlines.calendar import WorkCalendar
from deadlines.sources import built_in
from reminders.enums import Mode
from reminders.timing import allowed_from, is_quiet, next_attempt_at, next_digest_at

CALENDAR: WorkCalendar = built_in(2028)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)).map(lambda at: at.replace(tzinfo=SHANGHAI))  # noqa: DTZ001


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("2026-03-18 10:00", "2026-03-18 10:00"),
        ("2026-03-18 07:30", "2026-03-18 07:30"),
        ("2026-03-18 07:29", "2026-03-18 07:30"),
        ("2026-03-18 21:59", "2026-03-18 21:59"),
        ("2026-03-18 22:00", "2026-03-19 07:30"),
        ("2026-03-20 23:00", "2026-03-23 07:30"),
        ("2026-03-21 10:00", "2026-03-23 07:30"),
        ("2026-03-22 03:00", "2026-03-23 07:30"),
        ("2026-09-30 22:30", "2026-10-08 07:30"),
        ("2026-02-14 10:00", "2026-02-14 10:00"),
    ],
)
def test_what_is_immediate_leaves_at_once_but_not_at_night_nor_on_a_day_off(written: str, leaves: str) -> None:
    found = next_attempt_at(at(written), mode=Mode.IMMEDIATE, loud=False, calendar=CALENDAR)
    assert found == at(leaves)


@pytest.mark.parametrize("written", ["2026-03-18 02:00", "2026-03-21 12:00", "2026-10-01 23:59"])
def test_what_is_loud_leaves_at_once(written: str) -> None:
    assert next_attempt_at(at(written), mode=Mode.IMMEDIATE, loud=True, calendar=CALENDAR) == at(written)


@pytest.mark.parametrize(
    ("written", "leaves"),
    [
        ("2026-03-18 09:04", "2026-03-18 09:05"),
        ("2026-03-18 09:05", "2026-03-18 09:05"),
        ("2026-03-18 09:06", "2026-03-18 14:35"),
        ("2026-03-18 14:36", "2026-03-19 09:05"),
        ("2026-03-20 17:00", "2026-03-23 09:05"),
        ("2026-03-21 08:00", "2026-03-23 09:05"),
    ],
)
@pytest.mark.parametrize("loud", [False, True])
def test_digests_leave_twice_on_a_working_day(written: str, leaves: str, loud: bool) -> None:
    assert next_attempt_at(at(written), mode=Mode.DIGEST, loud=loud, calendar=CALENDAR) == at(leaves)


def test_a_mode_that_sends_nothing_has_no_time() -> None:
    with pytest.raises(ValueError, match="off"):
        next_attempt_at(at("2026-03-18 10:00"), mode=Mode.OFF, loud=False, calendar=CALENDAR)


def test_other_zones_are_read_on_the_clock_of_the_town() -> None:
    found = allowed_from(datetime.fromisoformat("2026-03-18T15:00:00+00:00"), loud=False, calendar=CALENDAR)
    assert found == at("2026-03-19 07:30")


@given(MOMENTS)
def test_never_earlier_never_in_the_quiet_and_no_allowed_moment_is_left_out(moment: datetime) -> None:
    found = allowed_from(moment, loud=False, calendar=CALENDAR)
    assert found >= moment
    assert not is_quiet(found, calendar=CALENDAR)
    if found != moment:
        assert is_quiet(found - timedelta(microseconds=1), calendar=CALENDAR)
    digest = next_digest_at(moment, calendar=CALENDAR)
    assert moment <= digest
    assert not is_quiet(digest, calendar=CALENDAR)
