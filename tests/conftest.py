"""Fixtures that every test may use. The cast is in tests/support/cast.py."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from tests.support.cast import World
    from tests.support.smtp_sink import SmtpSink
    from tests.support.standing import Standing


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """A sign-in costs what a page costs, not a third of a second of arithmetic."""
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["tests.support.hasher.FewRounds"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def collected_files() -> Iterator[None]:
    """Every ``Client`` builds the middleware anew; what stands in STATIC_ROOT is looked through once."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look_through = WhiteNoiseMiddleware.update_files_dictionary
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def once(self: WhiteNoiseMiddleware, root: str, prefix: str) -> None:
        if (root, prefix) not in found:
            look_through(self, root, prefix)
            found[root, prefix] = dict(self.files)
        self.files.update(found[root, prefix])

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "update_files_dictionary", once)
        yield


@pytest.fixture(autouse=True, scope="session")
def held_until_forgotten() -> Iterator[None]:
    """What a process holds is read again after a minute of the clock: not between two pages that a slow test counts."""
    from common import held

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held, "monotonic", lambda: 0.0)
        yield


REDIS_TIMEOUTS = ("common.limits.TIMEOUT", "govtrack.heartbeats.TIMEOUT", "reminders.bucket._SECONDS",
                  "reminders.nudge._SOCKET_SECONDS")  # fmt: skip
"""What a page waits for Redis at most: a third of a second, which a busy machine takes at times without being ill."""


@pytest.fixture(autouse=True, scope="session")
def patient_with_redis() -> Iterator[None]:
    """Redis is away where a test says so, not where it was late: else a limit counts elsewhere and nobody is woken."""
    from tests.settings import PATIENCE

    with pytest.MonkeyPatch.context() as patched:
        for name in REDIS_TIMEOUTS:
            patched.setattr(name, PATIENCE)
        yield


@pytest.fixture(autouse=True)
def own_limits() -> Iterator[None]:
    """Every test counts tries and hits for itself, in Redis though it was away for the test before."""
    from django.test import override_settings

    from common.limits import forget_failure

    forget_failure()
    with override_settings(LIMITS_PREFIX=f"test-{uuid4().hex}"):
        yield


@pytest.fixture(autouse=True)
def usual_language() -> Iterator[None]:
    """A page that was asked for in English leaves the language behind in its process: the next test begins without."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_gateway_left() -> Iterator[None]:
    """An SMS gateway that a test set up is gone after it, for the process too."""
    yield
    from reminders.reference import _gateways, forget_gateways

    if any(found is not None for found, _since in _gateways._held.values()):
        forget_gateways()


@pytest.fixture
def frozen() -> Iterator[None]:
    """The clock stands at ``cast.NOW``; services are given their time anyway, pages and filters read this."""
    import time_machine

    from tests.support.cast import NOW

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_modify_db_settings: None, django_db_blocker: "DjangoDbBlocker"
) -> Iterator[None]:
    """pytest-django's test database; parallel workers migrate one between them."""
    from tests.support.migrated import forget, migrated_once

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        request.getfixturevalue("django_db_setup")
        yield
        return
    with django_db_blocker.unblock(), migrated_once(f"test_{run}"):
        request.getfixturevalue("django_db_setup")
    yield
    with django_db_blocker.unblock():
        forget(f"test_{run}")


@pytest.fixture(scope="session")
def standing(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> "Iterator[Standing]":
    """What stands in this process's database between its tests; it is brought back to that after one that commits."""
    from django.test import TransactionTestCase

    from tests.support.standing import Standing

    levels = Standing()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: levels.restore())
        yield levels
    with django_db_blocker.unblock():
        levels.begin([])


@pytest.fixture
def _django_db_helper(
    request: pytest.FixtureRequest, standing: "Standing", django_db_blocker: "DjangoDbBlocker"
) -> Iterator[None]:
    """pytest-django's way to the database; a test that begins with the cast keeps the connection and what stands."""
    from django.db import connection, transaction

    from tests.support.standing import VALUES, levels_of, roll_back

    levels = levels_of(request.node)
    with django_db_blocker.unblock():
        request.node.stash[VALUES] = standing.begin(levels)
        if not levels:
            request.getfixturevalue("_django_db_helper")
            yield
            return
        mine = transaction.atomic()
        # What is durable may begin in it, as in Django's own test cases.
        mine._from_testcase = True  # type: ignore[attr-defined]
        mine.__enter__()
        try:
            yield
            if not connection.needs_rollback:
                connection.check_constraints()
        finally:
            roll_back(mine)


@pytest.fixture
def world(request: pytest.FixtureRequest, db: None) -> "Iterator[World]":
    """The cast in an otherwise empty database, with nothing held in the process from an earlier test."""
    from communities import emergencies, sites, word_list
    from deadlines.reference import forget
    from tests.support.cast import build_world
    from tests.support.standing import VALUES

    forget()
    emergencies.forget()
    word_list.forget()
    sites.forget()
    values = request.node.stash[VALUES]
    built = values[0] if values else build_world()
    sites.own_names()  # read once a minute: no page that a test counts is the one that reads it
    word_list.word_list(built.area.pk)
    yield built
    forget()
    emergencies.forget()
    word_list.forget()
    sites.forget()


@pytest.fixture
def begun(request: pytest.FixtureRequest, world: "World") -> Any:
    """What a test that is marked with ``standing.begins`` begins with."""
    from tests.support.standing import VALUES

    return request.node.stash[VALUES][1]


@pytest.fixture
def signed_in(world: "World") -> "Callable[[str], Client]":
    """A browser in which this person is signed in."""
    from django.test import Client

    def browser(username: str) -> "Client":
        client = Client()
        client.force_login(world.people[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


@pytest.fixture
def sink() -> "Iterator[SmtpSink]":
    """A mail server on the loopback address, and settings that send to it."""
    from django.test import override_settings

    from tests.support.smtp_sink import SmtpSink

    with (
        SmtpSink() as server,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=server.port,
            EMAIL_HOST_USER="",
            EMAIL_HOST_PASSWORD="",
            EMAIL_TIMEOUT=60,
            PUBLIC_URL="https://gov.example.org",
        ),
    ):
        yield server
