"""The window in Redis that all workers share."""

import time
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest
import redis
from django.conf import settings as django_settings

from reminders import bucket
from reminders.bucket import BucketAnswer, key_of, take
from reminders.enums import Channel
from reminders.models import DeliveryChannel
from tests.support.cast import NOW


@pytest.fixture
def robot() -> Iterator[DeliveryChannel]:
    """A robot's channel that is in no database, with a fresh window."""
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    channel = DeliveryChannel(pk=1, kind=Channel.WECOM, url=f"https://robot.example.org/{time.time_ns()}")
    yield channel
    client.delete(key_of(channel))


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pause between two parcels of a robot, in a window of a second."""
    monkeypatch.setattr(bucket, "ROBOT_PAUSE", timedelta(0))
    monkeypatch.setattr(bucket, "WINDOW", timedelta(seconds=1))


def test_no_more_than_the_limit_in_a_window(robot: DeliveryChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "ROBOT_PAUSE", timedelta(0))
    granted = [take(robot, at=NOW).parcels for _number in range(30)]
    assert granted == [1] * 18 + [0] * 12
    refused = take(robot, at=NOW)
    assert refused.answer is BucketAnswer.WAIT
    assert timedelta(seconds=60) < refused.wait <= bucket.WINDOW


def test_the_channel_may_want_less(robot: DeliveryChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "ROBOT_PAUSE", timedelta(0))
    robot.per_minute = 4
    assert sum(take(robot, at=NOW).parcels for _number in range(10)) == 4


def test_a_robot_takes_one_at_a_time_with_a_pause_between_two(robot: DeliveryChannel) -> None:
    assert take(robot, at=NOW, wanted=9).parcels == 1
    refused = take(robot, at=NOW, wanted=9)
    assert refused.parcels == 0
    assert timedelta(0) < refused.wait <= bucket.ROBOT_PAUSE


@pytest.mark.usefixtures("_quick")
def test_however_workers_crowd_no_window_sees_more(robot: DeliveryChannel) -> None:
    """Three windows are filled. Each token was given between two readings of a clock, whenever a thread had its turn:
    those of more than one window would lie between two readings that are less than a window apart."""
    taken: list[tuple[float, float]] = []

    def work() -> None:
        while len(taken) < 54:
            asked = time.monotonic()
            if take(robot, at=NOW).parcels:
                taken.append((asked, time.monotonic()))
            time.sleep(0.002)

    workers = [Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # Redis counts whole milliseconds
    assert max(sum(start <= asked and at < start + 0.99 for asked, at in taken) for start, _at in taken) <= 18


def test_what_is_not_taken_as_one_may_be_taken_as_several(robot: DeliveryChannel) -> None:
    channel = DeliveryChannel(pk=2, kind=Channel.WEBHOOK, url=robot.url, per_minute=30)
    assert take(channel, at=NOW, wanted=20).parcels == 20
    assert take(channel, at=NOW, wanted=20).parcels == 10
    assert take(channel, at=NOW, wanted=20).parcels == 0


def test_a_redis_that_forgot_everything_grants_nothing_until_the_database_is_sure(robot: DeliveryChannel) -> None:
    robot.last_success_at = NOW - timedelta(seconds=20)
    refused = take(robot, at=NOW)
    assert (refused.parcels, refused.wait) == (0, bucket.WINDOW - timedelta(seconds=20))
    robot.last_success_at = NOW - bucket.WINDOW
    assert take(robot, at=NOW).parcels == 1


def test_with_redis_away_robots_wait_and_the_mail_goes_on(robot: DeliveryChannel, settings: object) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"  # type: ignore[attr-defined]
    refused = take(robot, at=NOW)
    assert (refused.parcels, refused.answer) == (0, BucketAnswer.AWAY)
    for kind in (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK):
        other = DeliveryChannel(pk=3, kind=kind, url=robot.url, per_minute=6)
        assert take(other, at=NOW, wanted=5).parcels == 5
