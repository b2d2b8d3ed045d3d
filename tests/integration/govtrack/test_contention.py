"""Somebody else holds the row: 409 in the person's words on every face, nothing half-written; trying again works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from common.contention import BUSY, gave_way
from issues.models import Issue
from journal.models import Event
from tests.integration.api.conftest import Caller, caller  # noqa: F401 - a fixture
from tests.integration.console.pages import text_of
from tests.integration.issues.test_races import together
from tests.integration.phone.pages import page, send
from tests.support.cast import World

pytestmark = pytest.mark.django_db(transaction=True)
Browser = Callable[[str], Client]


@contextmanager
def held(issue: Issue) -> Iterator[None]:
    """Another transaction keeps the issue's row; whoever wants it waits a moment only."""
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor, connection.cursor() as mine:
            cursor.execute("SELECT id FROM issues_issue WHERE id = %s FOR UPDATE", [issue.pk])
            mine.execute("SET lock_timeout = '50ms'")
            yield
            mine.execute("SET lock_timeout = '10s'")
        other.rollback()
    finally:
        other.close()


def test_at_the_desk_it_is_a_page_with_409(world: World, signed_in: Browser) -> None:
    issue, client = world.make_issue("accepted"), signed_in("clerk")
    sent = {"version": issue.version, "note": "已联系供水公司"}
    before = Event.objects.count()
    with held(issue):
        refused = client.post(f"/console/issues/{issue.number}/actions/comment/", sent)
    assert refused.status_code == 409
    assert str(BUSY) in text_of(refused)
    assert Event.objects.count() == before
    assert client.post(f"/console/issues/{issue.number}/actions/comment/", sent).status_code == 302


def test_on_the_phone_it_is_a_page_with_409(world: World) -> None:
    issue, client = world.make_issue("accepted"), Client()
    page(client, issue)
    with held(issue):
        refused = send(client, issue, "comment", note="水又漫上来了")
    assert refused.status_code == 409
    assert str(BUSY) in text_of(refused)
    assert send(client, issue, "comment", note="水又漫上来了").status_code == 302


def test_the_api_says_busy_and_keeps_no_answer_for_the_key(
    world: World,
    caller: Callable[[str], Caller],  # noqa: F811
) -> None:
    issue, clerk = world.make_issue("accepted"), caller("clerk")
    url = f"issues/{issue.number}/actions/comment/"
    sent = {"version": issue.version, "note": "已联系供水公司"}
    with held(issue):
        refused = clerk.post(url, sent, Idempotency_Key="k1")
        assert (refused.status_code, refused.json()["code"]) == (409, "busy")
        assert clerk.post(url, sent).json() == refused.json()
    assert clerk.post(url, sent, Idempotency_Key="k1").status_code == 200


def test_a_deadlock_is_contention_and_a_slow_statement_is_not(world: World) -> None:
    issues = [world.make_issue("accepted") for _n in range(2)]
    ended, meet = list[Any](), Barrier(2).wait

    def both(first: Issue, second: Issue) -> None:
        try:
            with transaction.atomic():
                Issue.objects.select_for_update().get(pk=first.pk)
                meet()
                Issue.objects.select_for_update().get(pk=second.pk)
        except OperationalError as error:
            ended.append(error)

    together(lambda: both(*issues), lambda: both(*reversed(issues)))
    (error,) = ended
    assert gave_way(error)
    with pytest.raises(OperationalError) as slow, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20ms'; SELECT pg_sleep(5)")
    connection.close()
    assert not gave_way(slow.value)
