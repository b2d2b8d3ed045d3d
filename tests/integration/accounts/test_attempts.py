"""However an account is spelt it is one account; every attempt is counted and an event; demo accounts end with DEMO."""

from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import authenticate
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.test import Client

from accounts.models import User, issue_token
from accounts.signing_in import EVERYWHERE, NETWORK
from common.clock import now
from journal.models import Event
from tests.support.cast import PASSWORD, World

SPELLINGS = ("clerk", "CLERK", "ｃｌｅｒｋ", " Clerk ", "cl\u200berk", "\u202aclerk\u202c")
DOORS = ("page", "token")


def attempt(door: str, username: str, password: str, network: str = "127.0.0.1") -> Any:
    client = Client(REMOTE_ADDR=network)
    given = {"username": username, "password": password}
    if door == "page":
        return client.post("/login/", given)
    return client.post("/api/v1/auth/token/", given, content_type="application/json")


def right(door: str) -> int:
    return 302 if door == "page" else 200


@pytest.mark.parametrize("door", DOORS)
def test_every_spelling_is_the_same_account(world: World, door: str) -> None:
    for name in SPELLINGS:
        assert attempt(door, name, PASSWORD).status_code == right(door), name
    for name in SPELLINGS:
        attempt(door, name, "wrong-password")
    for name in SPELLINGS:
        assert attempt(door, name, PASSWORD).status_code == 429, name
    assert attempt(door, "officer", PASSWORD).status_code == right(door)
    assert attempt(door, "clerk", PASSWORD, "203.0.113.9").status_code == right(door)


@pytest.mark.parametrize("door", DOORS)
def test_a_network_has_a_hundred_failures_an_hour(world: World, door: str) -> None:
    for _ in range(99):
        NETWORK.hit("127.0.0.1")
    assert attempt(door, "nobody", "wrong-password").status_code in (200, 401)
    assert attempt(door, "officer", PASSWORD).status_code == 429
    assert attempt(door, "officer", PASSWORD, "203.0.113.9").status_code == right(door)


@pytest.mark.parametrize("door", DOORS)
def test_strangers_slow_an_account_down_and_never_lock_it(world: World, door: str) -> None:
    for _ in range(50):
        EVERYWHERE.hit("clerk")
    assert attempt(door, "clerk", "wrong-password", "198.51.100.1").status_code in (200, 401)
    refused = attempt(door, "CLERK", PASSWORD, "198.51.100.1")
    assert (refused.status_code, 0 < int(refused["Retry-After"]) <= 60) == (429, True)
    assert attempt(door, "clerk", PASSWORD, "203.0.113.9").status_code == right(door)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", DOORS)
def test_every_attempt_is_an_event_without_what_was_typed(world: World, door: str) -> None:
    """With no transaction around it, as in the product: a failed attempt writes its own."""
    typed = "mistyped-secret"
    attempt(door, "clerk", PASSWORD)
    attempt(door, "clerk", typed)
    attempt(door, typed, "wrong-password")
    for _ in range(5):
        attempt(door, "clerk", typed)
    events = list(Event.objects.filter(subject_kind__in=("account", "sign_in")).order_by("id"))
    made = [event for event in events if event.kind == "token_made"]
    assert len(made) == (1 if door == "token" else 0)
    events = [event for event in events if event not in made]
    kinds = [event.kind for event in events]
    assert kinds[:3] == ["sign_in", "sign_in_failed", "sign_in_failed"]
    assert kinds[-1] == "sign_in_refused"
    assert events[0].subject_id == world.people["clerk"].pk
    assert {event.data["door"] for event in events} == {door}
    assert (events[2].subject_kind, len(events[2].data["name"])) == ("sign_in", 16)
    assert not any(typed in str(event.data) or "127.0.0.1" in str(event.data) for event in events)


def demo(world: World) -> User:
    User.objects.filter(username="head").update(demo=True)
    return User.objects.get(username="head")


@pytest.mark.parametrize("door", DOORS)
def test_a_demo_account_is_refused_where_demo_is_off(world: World, settings: LazySettings, door: str) -> None:
    demo(world)
    assert attempt(door, "head", PASSWORD).status_code == right(door)
    settings.DEMO = False
    assert attempt(door, "head", PASSWORD).status_code in (200, 401)
    assert authenticate(None, username="head", password=PASSWORD) is None
    assert attempt(door, "clerk", PASSWORD).status_code == right(door)


@pytest.mark.parametrize("backend", ["django.contrib.auth.backends.ModelBackend", "accounts.backends.AccountBackend"])
def test_sessions_and_tokens_of_demo_accounts_end_with_demo(world: World, settings: LazySettings, backend: str) -> None:
    head, browser = demo(world), Client()
    browser.force_login(head, backend=backend)
    token = {"Authorization": f"Token {issue_token(user=head, at=now())}"}
    assert browser.get("/console/").status_code == 200
    assert Client().get("/api/v1/issues/", headers=token).status_code == 200
    settings.DEMO = False
    assert browser.get("/console/").status_code == 302
    assert browser.get("/api/v1/issues/").status_code == 401
    assert Client().get("/api/v1/issues/", headers=token).status_code == 401


def test_the_check_names_demo_accounts(world: World, settings: LazySettings) -> None:
    def found() -> list[str | None]:
        return [message.id for message in run_checks(tags=[Tags.database], databases=["default"])]

    settings.DEMO = False
    assert "accounts.W001" not in found()
    demo(world)
    assert "accounts.W001" in found()
    settings.DEMO = True
    assert "accounts.W001" not in found()


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_accounts_of_an_older_demonstration_are_marked() -> None:
    call_command("migrate", "accounts", "0002", stdout=StringIO(), verbosity=0)
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    rows = (
        ("deputy", "deputy@guicheng.example", make_password(None)),
        ("director", "changed@example.org", make_password("guicheng-demo")),
        ("admin", "own@example.org", make_password("a-password-of-its-own")),
    )
    with connection.cursor() as cursor:
        for name, email, password in rows:
            cursor.execute(
                "INSERT INTO accounts_user (username, display_name, email, password, is_active, created_at)"
                " VALUES (%s, %s, %s, %s, true, now())",
                [name, name, email, password],
            )
    call_command("migrate", "accounts", stdout=StringIO(), verbosity=0)
    marked = dict(User.objects.values_list("username", "demo"))
    assert marked == {"deputy": True, "director": True, "admin": False}
