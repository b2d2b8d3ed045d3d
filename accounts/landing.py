"""Where a person arrives after signing in. The floors above know what a person may open; they register a reader."""

from collections.abc import Callable

from django.urls import reverse

from accounts.models import User

_landing: list[Callable[[User], str]] = []


def register_landing(reader: Callable[[User], str]) -> None:
    """Ask ``reader`` for the URL of a person's first page. Called in ``AppConfig.ready()``."""
    _landing[:] = [reader]


def landing_of(user: User) -> str:
    """The first page of ``user``; the console where nobody registered."""
    return _landing[0](user) if _landing else reverse("console-inbox")
