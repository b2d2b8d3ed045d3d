"""How many statements lists and pages need: the same whatever their length, and within the bounds of the benchmark."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from accounts.models import issue_token
from common.clock import now
from issues.models import Issue
from seeds.load.loading import LoadRequest, load
from tests.support.cast import NOW, World
from tests.support.reporter import reporter_of
from tests.support.standing import begins

pytestmark = pytest.mark.usefixtures("frozen")
NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET CONSTRAINTS")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of this connection, transaction control apart."""
    found: list[str] = []

    def note(execute: Callable[..., object], sql: str, *rest: object) -> object:
        if not sql.lstrip().upper().startswith(NOT_COUNTED):
            found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def many(world: World) -> None:
    """300 issues, half of them open."""
    load(LoadRequest(count=300, open_share=0.5), now=NOW, says=lambda line: None)


def api(world: World, username: str) -> Client:
    token = issue_token(user=world.people[username], at=now())
    return Client(headers={"authorization": f"Token {token}"})


def count(client: Client, path: str) -> int:
    client.get(path)
    with statements() as found:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(found)


@pytest.mark.parametrize("username", ["clerk", "officer", "supervisor", "director"])
@begins(many)
def test_a_list_needs_the_same_at_any_page_size(world: World, username: str) -> None:
    client = api(world, username)
    counts = {size: count(client, f"/api/v1/issues/?page_size={size}") for size in (1, 5, 25, 100)}
    assert len(set(counts.values())) == 1, counts
    assert max(counts.values()) <= 10


@pytest.mark.parametrize("username", ["clerk", "officer", "head", "supervisor"])
@begins(many)
def test_the_inbox_needs_at_most_ten(world: World, signed_in: Callable[[str], Client], username: str) -> None:
    assert count(signed_in(username), "/console/") <= 10


def test_the_detail_needs_at_most_twelve(world: World, signed_in: Callable[[str], Client]) -> None:
    few, more = world.make_issue("dispatched"), world.make_issue("reopened")
    client, page = api(world, "clerk"), signed_in("clerk")
    for address, asks in (("/api/v1/issues/{}/", client), ("/console/issues/{}/", page)):
        counts = [count(asks, address.format(issue.number)) for issue in (few, more)]
        assert max(counts) <= 12
        assert counts[0] == counts[1]


def test_the_residents_page_needs_the_same_for_a_long_story(world: World) -> None:
    counts = [_proven(world.make_issue(status)) for status in ("submitted", "closed")]
    assert counts == [5, 5]


def _proven(issue: Issue) -> int:
    return count(reporter_of(issue), f"/t/{issue.token}/")


def test_creating_needs_at_most_fourteen(world: World) -> None:
    client = api(world, "clerk")
    body = {"description": "路灯不亮", "community": "夏东社区", "category": "0202", "contact_phone": "19900001234"}
    for _time in range(2):
        with statements() as found:
            answer = client.post("/api/v1/issues/", body, content_type="application/json")
    assert answer.status_code == 201
    assert len(found) <= 14
