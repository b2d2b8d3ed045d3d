"""The limits themselves: in Redis, and without it."""

import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.db import connection

from common import limits
from common.limits import Allowed, Bucket, Denied, Tap
from common.models import RateCount
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, World

NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture(params=["redis", "away"])
def store(request: pytest.FixtureRequest, settings: object, db: None) -> Iterator[str]:
    """With Redis, and with nothing listening where it should be."""
    limits.forget_failure()
    if request.param == "away":
        settings.REDIS_URL = NOWHERE  # type: ignore[attr-defined]
    yield request.param
    limits.forget_failure()


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(f"test-{uuid.uuid4().hex[:12]}", limit=3, window=60)


def test_a_bucket_allows_its_number_and_says_when_to_come_again(store: str, bucket: Bucket) -> None:
    assert [bucket.hit("a") for _ in range(3)] == [Allowed(left=2), Allowed(left=1), Allowed(left=0)]
    denied = bucket.hit("a")
    assert isinstance(denied, Denied)
    assert 55 <= denied.retry_after <= 60
    assert bucket.hit("b")


def test_release_gives_back(store: str, bucket: Bucket) -> None:
    for _ in range(10):
        assert bucket.hit("a")
        bucket.release("a")
    assert [bool(bucket.hit("a")) for _ in range(4)] == [True, True, True, False]
    bucket.release("a")
    assert bucket.hit("a")


def test_denied_hits_do_not_count(store: str, bucket: Bucket) -> None:
    for _ in range(3):
        bucket.hit("a")
    for _ in range(5):
        assert not bucket.hit("a")
    bucket.release("a")
    assert bucket.hit("a")


def test_all_or_none(store: str, bucket: Bucket) -> None:
    narrow = Bucket(bucket.name + "n", limit=1, window=60)
    assert limits.hit_all([(bucket, "a"), (narrow, "a")])
    for _ in range(5):
        assert not limits.hit_all([(bucket, "a"), (narrow, "a")])
    assert bucket.hit("a") == Allowed(left=1)


def test_a_window_ends(settings: object, db: None, bucket: Bucket) -> None:
    settings.REDIS_URL = NOWHERE  # type: ignore[attr-defined]
    limits.forget_failure()
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(3):
            bucket.hit("a")
        assert not bucket.hit("a")
        clock.shift(timedelta(seconds=59))
        assert not bucket.hit("a")
        clock.shift(timedelta(seconds=1))
        assert bucket.hit("a")
        assert limits.purge(NOW) == 0
        assert limits.purge(NOW + timedelta(minutes=5)) == 1
    limits.forget_failure()


def test_keys_are_not_stored_readably(settings: object, db: None, bucket: Bucket) -> None:
    settings.REDIS_URL = NOWHERE  # type: ignore[attr-defined]
    limits.forget_failure()
    bucket.hit("19900001234")
    assert "19900001234" not in RateCount.objects.get(bucket=bucket.name).key
    limits.forget_failure()


def test_a_tap_lets_a_burst_through_and_then_a_steady_rate(store: str) -> None:
    tap = Tap(f"tap-{uuid.uuid4().hex}", rate=1, burst=5)
    assert [bool(tap.take("a")) for _ in range(6)] == [True] * 5 + [False]
    denied = tap.take("a")
    assert isinstance(denied, Denied)
    assert denied.retry_after == 1
    assert tap.take("b")


def test_memory_refills_at_the_rate() -> None:
    taps = limits._MemoryTaps()
    assert [bool(taps.take("a", 20, 300, 0.0)) for _ in range(301)] == [True] * 300 + [False]
    assert [bool(taps.take("a", 20, 300, 1.0)) for _ in range(21)] == [True] * 20 + [False]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_pass_the_limit(store: str, bucket: Bucket) -> None:
    answers: list[bool] = []
    start = threading.Barrier(8)

    def guess() -> None:
        start.wait()
        answers.extend(bool(bucket.hit("a")) for _ in range(3))
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) == 3


def calls(silent: socket.socket) -> int:
    """How many have called here, where nobody answers."""
    held = []
    with suppress(BlockingIOError):
        while True:
            held.append(silent.accept()[0])
    for connection_ in held:
        connection_.close()
    return len(held)


def test_an_outage_costs_at_most_one_time_out(
    settings: object, db: None, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"  # type: ignore[attr-defined]
        limits.forget_failure()
        began = time.monotonic()
        for _ in range(20):
            bucket.hit("a")
        assert calls(silent) <= 1 + (time.monotonic() - began) // limits.PAUSE_AFTER_FAILURE
    limits.forget_failure()


def test_the_api_works_without_redis(
    settings: object, world: World, caller: Callable[[str], Caller], resident: Caller
) -> None:
    assert configured.REDIS_URL
    settings.REDIS_URL = NOWHERE  # type: ignore[attr-defined]
    limits.forget_failure()
    report = {"description": "灯不亮", "community": "夏东社区", "contact_phone": "19900003333"}
    assert caller("clerk").get("issues/").status_code == 200
    assert [resident.post("public/issues/", report).status_code for _ in range(6)] == [201] * 5 + [429]
    issue = world.create()
    wrong = {"number": issue.number, "phone_tail": "0000"}
    assert [resident.post("public/issues/lookup/", wrong).status_code for _ in range(6)] == [404] * 5 + [429]
    limits.forget_failure()


def test_20_a_second_with_bursts_of_300(caller: Callable[[str], Caller], monkeypatch: pytest.MonkeyPatch) -> None:
    assert (limits.API_PER_USER.rate, limits.API_PER_USER.burst) == (20, 300)
    from api import throttling

    monkeypatch.setattr(throttling, "API_PER_USER", Tap(f"tap-{uuid.uuid4().hex}", rate=0.5, burst=2))
    clerk = caller("clerk")
    assert [clerk.get("communities/").status_code for _ in range(2)] == [200, 200]
    denied = clerk.get("communities/")
    assert (denied.status_code, denied.json()["code"], denied.headers["Retry-After"]) == (429, "throttled", "2")
    assert caller("officer").get("communities/").status_code == 200
