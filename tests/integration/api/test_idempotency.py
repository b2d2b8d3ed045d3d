"""Idempotency-Key: once, the same answer again, and nothing half-done."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from api.idempotency import forget_old
from api.models import IdempotencyRecord
from issues.models import Issue
from issues.services import creation
from tests.integration.api.conftest import Caller
from tests.support.cast import PASSWORD, PHONE, World

Called = Callable[[str], Caller]
DATA = {"description": "路灯不亮", "community": "夏东社区", "category": "0202", "contact_phone": PHONE}


def test_a_repeat_gets_the_first_answer(caller: Called) -> None:
    clerk = caller("clerk")
    first = clerk.post("issues/", DATA, Idempotency_Key="k1")
    again = clerk.post("issues/", DATA, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Issue.objects.count() == 1


def test_another_body_or_call_with_the_same_key_is_409(world: World, caller: Called) -> None:
    clerk = caller("clerk")
    clerk.post("issues/", DATA, Idempotency_Key="k1")
    issue = Issue.objects.get()
    for answer in (
        clerk.post("issues/", DATA | {"description": "另一件"}, Idempotency_Key="k1"),
        clerk.post(f"issues/{issue.number}/actions/accept/", {"version": 1}, Idempotency_Key="k1"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert Issue.objects.get().version == 1


def test_keys_are_per_user_and_public_ones_shared(world: World, caller: Called, resident: Caller) -> None:
    for one in (caller("clerk"), caller("secretary")):
        assert one.post("issues/", DATA, Idempotency_Key="k1").status_code == 201
    report = {"description": "堆放垃圾", "community": "夏东社区", "contact_phone": PHONE}
    first = resident.post("public/issues/", report, Idempotency_Key="k1")
    assert Caller().post("public/issues/", report, Idempotency_Key="k1").content == first.content
    assert Issue.objects.count() == 3


def test_refusals_are_kept_but_not_401_and_429(world: World, caller: Called, resident: Caller) -> None:
    clerk = caller("clerk")
    bad = clerk.post("issues/", DATA | {"community": "没有"}, Idempotency_Key="bad")
    world.communities["xiadong"].name_zh = "没有"
    world.communities["xiadong"].save()
    again = clerk.post("issues/", DATA | {"community": "没有"}, Idempotency_Key="bad")
    assert (bad.status_code, again.status_code) == (400, 400)
    sign_in = {"username": "officer", "password": "wrong"}
    assert resident.post("auth/token/", sign_in, Idempotency_Key="s").status_code == 401
    assert not IdempotencyRecord.objects.filter(key="s").exists()
    right = sign_in | {"password": PASSWORD}
    assert resident.post("auth/token/", right, Idempotency_Key="s").status_code == 200


def test_an_action_is_done_once(world: World, caller: Called) -> None:
    issue = world.create()
    clerk, path = caller("clerk"), f"issues/{issue.number}/actions/accept/"
    first = clerk.post(path, {"version": 1}, Idempotency_Key="a")
    again = clerk.post(path, {"version": 1}, Idempotency_Key="a")
    assert (first.status_code, first.content) == (200, again.content)
    assert Issue.objects.get().version == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "键", "a" * 201, "a\tb"])
def test_keys_that_are_none(caller: Called, key: str) -> None:
    answer = caller("clerk").post("issues/", DATA, Idempotency_Key=key)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])


def test_the_record_holds_nothing_readable(caller: Called) -> None:
    clerk = caller("clerk")
    token = clerk.post("issues/", DATA, Idempotency_Key="k1").json()["token"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT body, digest, scope FROM api_idempotencyrecord")
        (row,) = cursor.fetchall()
    assert token not in row[0]
    assert PHONE not in "".join(row)


def test_a_fault_of_ours_leaves_nothing_behind(caller: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = caller("clerk")
    clerk.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(creation, "record_many", lambda entries: 1 / 0)
        assert clerk.post("issues/", DATA, Idempotency_Key="k1").status_code == 500
    assert not IdempotencyRecord.objects.exists()
    assert not Issue.objects.exists()
    assert clerk.post("issues/", DATA, Idempotency_Key="k1").status_code == 201


def test_after_30_days_a_key_is_new_again(caller: Called) -> None:
    clerk = caller("clerk")
    clerk.post("issues/", DATA, Idempotency_Key="k1")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(days=31))
    clerk.post("issues/", DATA | {"description": "第二件"}, Idempotency_Key="k1")
    assert Issue.objects.count() == 2
    assert forget_old(timezone.now()) == 0
    assert forget_old(timezone.now() + timedelta(days=30, minutes=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_repeats_wait_for_the_first(caller: Called) -> None:
    token = caller("clerk").headers["Authorization"].split()[1]
    answers: list[Any] = []
    start = threading.Barrier(6)

    def repeat() -> None:
        start.wait()
        answers.append(Caller(token).post("issues/", DATA, Idempotency_Key="race"))
        connection.close()

    threads = [threading.Thread(target=repeat) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Issue.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_repeat_takes_over_where_the_first_died(caller: Called) -> None:
    """The first request's transaction is rolled back while the repeat waits for it."""
    clerk = caller("clerk")
    token = clerk.headers["Authorization"].split()[1]
    answers: list[Any] = []
    inserted, waiting = threading.Event(), threading.Event()

    def first() -> None:
        try:
            with transaction.atomic():
                IdempotencyRecord.objects.create(
                    scope=_scope(), key="dies", digest="x", status=0, created_at=timezone.now()
                )
                inserted.set()
                waiting.wait(60)
                _wait_for_a_blocked_backend()
                raise ConnectionAbortedError
        except ConnectionAbortedError:
            connection.close()

    def repeat() -> None:
        inserted.wait(60)
        waiting.set()
        answers.append(Caller(token).post("issues/", DATA, Idempotency_Key="dies"))
        connection.close()

    threads = [threading.Thread(target=first), threading.Thread(target=repeat)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201]
    assert Issue.objects.count() == 1


def _scope() -> str:
    from accounts.models import User

    return f"user:{User.objects.get(username='clerk').pk}"


def _wait_for_a_blocked_backend() -> None:
    """Until another session waits for this one's transaction."""
    blocked = "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            # What a transaction has seen of the sessions it sees again, unless it is told to forget it.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(blocked)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
