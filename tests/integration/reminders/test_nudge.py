"""Waking the worker: quick when the broker is there, harmless when it is not."""

import importlib
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from celery.signals import after_task_publish
from django.conf import settings

from devhouse.embedded import Valkey
from journal.models import Pending
from reminders import nudge
from reminders.models import Notification
from reminders.services.fan_out import fan_out
from tests.support.cast import NOW, World

pytestmark = pytest.mark.django_db(transaction=True)

FAN_OUT = "reminders.fan_out → default"


@pytest.fixture(autouse=True)
def _listening() -> Iterator[None]:
    nudge.listen_again()
    yield
    nudge.listen_again()


@pytest.fixture
def published() -> Iterator[list[str]]:
    """What this process handed to the broker, which took it: (task, queue). The broker may have other users."""
    seen: list[str] = []

    def note(sender: str = "", routing_key: str = "", **_rest: object) -> None:
        seen.append(f"{sender} → {routing_key}")

    after_task_publish.connect(note)
    yield seen
    after_task_publish.disconnect(note)


def test_a_commit_wakes_the_reader(world: World, published: list[str]) -> None:
    world.create()
    assert published == [FAN_OUT]


def test_a_roll_back_wakes_nobody(world: World, published: list[str]) -> None:
    from django.db import transaction

    def create_and_fail() -> None:
        with transaction.atomic():
            world.create()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        create_and_fail()
    assert published == []


def seconds(job: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.monotonic()
    job()
    return time.monotonic() - begun


@pytest.fixture
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port where somebody answers the call and then says nothing, the worst broker there is; and who has called."""
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
        yield int(server.getsockname()[1]), held
        for connection in held:
            connection.close()


def test_with_the_broker_gone_a_create_still_answers_and_the_schedule_delivers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:9/0")
    issue = world.create(source="web", by="secretary")
    assert Pending.objects.filter(reader="notifications").exists()
    fan_out(at=NOW + timedelta(seconds=15))
    assert Notification.objects.filter(subject_id=issue.pk, user__username="clerk").count() == 1


def test_a_silent_broker_is_asked_once_and_then_not_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch, silent_server: tuple[int, list[socket.socket]]
) -> None:
    importlib.import_module("kombu.transport.redis")
    port, callers = silent_server
    monkeypatch.setattr(nudge, "_SOCKET_SECONDS", 0.3)
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis://127.0.0.1:{port}/0")
    begun = time.monotonic()
    for _number in range(20):
        nudge.wake()
    assert len(callers) <= 1 + (time.monotonic() - begun) // nudge.PAUSE_SECONDS


def test_the_broker_is_used_again_once_it_is_back(
    world: World, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:9/0")
    nudge.wake()
    monkeypatch.setattr(current_app.conf, "broker_url", settings.REDIS_URL)
    nudge.wake()
    assert published == []
    nudge.listen_again()
    nudge.wake()
    assert published == [FAN_OUT]


def wake_until(taken: Callable[[], bool]) -> None:
    """The broker takes it; with the time-outs of the product a busy machine may lose one or two."""
    for _attempt in range(100):
        nudge.listen_again()
        nudge.wake()
        if taken():
            return
    pytest.fail("the broker is there and takes nothing")


@pytest.mark.serial
def test_a_broker_that_stops_under_an_open_connection_costs_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, published: list[str]
) -> None:
    monkeypatch.setattr(nudge, "_SOCKET_SECONDS", 0.3)
    broker = Valkey(tmp_path, password="nudge")
    broker.start(with_parent=True)
    try:
        monkeypatch.setattr(current_app.conf, "broker_url", broker.url)
        wake_until(lambda: published == [FAN_OUT])
        assert broker.process is not None
        broker.process.send_signal(signal.SIGSTOP)
        assert seconds(nudge.wake) < nudge.PAUSE_SECONDS
        broker.process.send_signal(signal.SIGCONT)
        wake_until(lambda: len(published) == 2)
        broker.stop()
        assert seconds(nudge.wake) < nudge.PAUSE_SECONDS
        broker.start(with_parent=True, same_port=True)
        wake_until(lambda: len(published) == 3)
    finally:
        broker.stop()
