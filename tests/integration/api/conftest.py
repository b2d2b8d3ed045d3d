"""Callers of the API: with a token, and without an account."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import issue_token
from tests.support.cast import World


class Caller:
    """A test client that speaks JSON; ``token`` None for a resident."""

    def __init__(self, token: str | None = None) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Token {token}"} if token else {}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(self._url(path), query or None, headers=self.headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = data if isinstance(data, str | bytes) else json.dumps({} if data is None else data)
        return self.client.post(
            self._url(path), body, content_type="application/json", headers={**self.headers, **named}
        )

    @staticmethod
    def _url(path: str) -> str:
        return path if path.startswith(("/api/", "http://")) else f"/api/v1/{path}"


@pytest.fixture
def caller(world: World) -> Callable[[str], Caller]:
    """The API as this person, with a token of their own."""

    def called(username: str) -> Caller:
        return Caller(issue_token(user=world.people[username], at=timezone.now()))

    return called


@pytest.fixture
def resident(world: World) -> Caller:
    """The API without an account."""
    return Caller()
