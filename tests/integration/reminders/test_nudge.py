"""Waking the worker: quick when the broker is there, harmless when it is not."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from celery import current_app
from django.conf import settings

from journal.models import Pending
from reminders import nudge
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from tests.support.cast import NOW, World

BROKER = f"{settings.REDIS_URL.rpartition('/')[0]}/15"
"""A numbered database that nobody else publishes to."""

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("serial")]


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    nudge.listen_again()
    yield
    nudge.listen_again()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator["redis.Redis"]:
    """The broker's queue, emptied before and after."""
    client = redis.Redis.from_url(BROKER)
    client.delete("default")
    monkeypatch.setattr(current_app.conf, "broker_url", BROKER)
    yield client
    client.delete("default")


def test_a_commit_wakes_the_reader(world: World, broker: "redis.Redis") -> None:
    world.create()
    assert broker.llen("default") >= 1
    assert "reminders.fan_out" in str(broker.lindex("default", 0))


def test_a_roll_back_wakes_nobody(world: World, broker: "redis.Redis") -> None:
    from django.db import transaction

    def create_and_fail() -> None:
        with transaction.atomic():
            world.create()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        create_and_fail()
    assert broker.llen("default") == 0


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A port where somebody answers the call and then says nothing: the worst broker there is."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        for connection in held:
            connection.close()


def test_with_the_broker_gone_a_create_still_answers_at_once_and_the_schedule_delivers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:9/0")
    begun = time.monotonic()
    issue = world.create(source="web", by="secretary")
    assert time.monotonic() - begun < 1
    assert Pending.objects.filter(reader="notifications").exists()
    fan_out(at=NOW + timedelta(seconds=15))
    assert Notification.objects.filter(subject_id=issue.pk, user__username="clerk").count() == 1


def test_a_silent_broker_costs_less_than_a_second_and_then_nothing_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch, silent_server: int
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{silent_server}/0")
    begun = time.monotonic()
    nudge.wake()
    first = time.monotonic() - begun
    begun = time.monotonic()
    for _number in range(20):
        nudge.wake()
    assert first < 0.9
    assert time.monotonic() - begun < 0.05


def test_the_broker_is_used_again_once_it_is_back(
    world: World, broker: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:9/0")
    nudge.wake()
    monkeypatch.setattr(current_app.conf, "broker_url", BROKER)
    nudge.wake()
    assert broker.llen("default") == 0
    nudge.listen_again()
    nudge.wake()
    assert broker.llen("default") == 1
