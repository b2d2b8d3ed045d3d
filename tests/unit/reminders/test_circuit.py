"""When to try again: messages, channels, alarms."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.channels.base import Trouble
from reminders.circuit import ALARM_AFTER, MOST_ATTEMPTS, channel_pause, gives_up, pause, wants_alarm
from tests.support.cast import NOW


def test_pauses_of_a_message_grow_are_bounded_and_spread() -> None:
    assert all(pause(7, n) <= timedelta(hours=1.2) for n in range(1, 4000))
    assert pause(7, 4) > pause(7, 1) * 3
    assert len({pause(pk, 3) for pk in range(30)}) > 20


@given(st.sampled_from([Trouble.AWAY, Trouble.BUSY, Trouble.SETUP]), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_channel_is_tried_again_within_minutes_however_long_it_failed(
    trouble: Trouble, key: int, failures: int
) -> None:
    longest = {Trouble.AWAY: 6, Trouble.BUSY: 12, Trouble.SETUP: 18}[trouble]
    assert timedelta(seconds=12) <= channel_pause(trouble, key, failures) <= timedelta(minutes=longest)


def test_the_other_sides_wish_is_kept_but_not_for_ever() -> None:
    assert channel_pause(Trouble.BUSY, 1, 1, timedelta(minutes=10)) == timedelta(minutes=10)
    assert channel_pause(Trouble.BUSY, 1, 1, timedelta(seconds=7)) >= timedelta(seconds=48)
    assert channel_pause(Trouble.AWAY, 1, 1, timedelta(days=3)) == timedelta(hours=1)


@pytest.mark.parametrize("trouble", list(Trouble))
@pytest.mark.parametrize("well", [True, False])
def test_a_message_dies_of_its_own_faults_only(trouble: Trouble, well: bool) -> None:
    early = gives_up(1, trouble=trouble, channel_well=well)
    late = gives_up(MOST_ATTEMPTS, trouble=trouble, channel_well=well)
    assert early is (trouble is Trouble.REFUSED)
    assert late is (well or trouble in (Trouble.REFUSED, Trouble.LATER))


def test_people_are_told_once_after_a_quarter_of_an_hour() -> None:
    assert not wants_alarm(NOW, None, None)
    assert not wants_alarm(NOW, NOW - ALARM_AFTER + timedelta(seconds=1), None)
    assert wants_alarm(NOW, NOW - ALARM_AFTER, None)
    assert not wants_alarm(NOW, NOW - ALARM_AFTER, NOW)
