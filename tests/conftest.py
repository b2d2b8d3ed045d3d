"""Fixtures that every test may use. The cast is in tests/support/cast.py."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tests.support.cast import World


@pytest.fixture(autouse=True)
def own_limits() -> Iterator[None]:
    """Every test counts tries and hits for itself."""
    from django.test import override_settings

    with override_settings(LIMITS_PREFIX=f"test-{uuid4().hex}"):
        yield


@pytest.fixture(autouse=True)
def usual_language() -> Iterator[None]:
    """A page that was asked for in English leaves the language behind in its process: the next test begins without."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture
def frozen() -> Iterator[None]:
    """The clock stands at ``cast.NOW``; services are given their time anyway, pages and filters read this."""
    import time_machine

    from tests.support.cast import NOW

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world(db: None) -> "Iterator[World]":
    """The cast in an otherwise empty database, with nothing held in the process from an earlier test."""
    from communities import emergencies
    from deadlines.reference import forget
    from tests.support.cast import build_world

    forget()
    emergencies.forget()
    yield build_world()
    forget()
    emergencies.forget()


@pytest.fixture
def signed_in(world: "World") -> "Callable[[str], Client]":
    """A browser in which this person is signed in."""
    from django.test import Client

    def browser(username: str) -> "Client":
        client = Client()
        client.force_login(world.people[username], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser
