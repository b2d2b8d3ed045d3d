"""A NUL character in an address, a query or a form never answers 500, at any named address."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.cast import World

NAMES = ("q", "again", "building", "community", "after", "cursor", "status", "next", "tab", "show", "place", "panel",
         "department", "category", "from", "on", "area", "page", "view", "sort", "kind", "month", "year")  # fmt: skip


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + str(pattern.pattern))
        elif pattern.name:
            yield before + str(pattern.pattern)


def filled(address: str, value: str) -> str:
    while "<" in address:
        start, rest = address.split("<", 1)
        converter = rest.split(">", 1)[0]
        address = start + ("1" if converter.startswith("int") else value) + rest.split(">", 1)[1]
    return address


@pytest.mark.parametrize("who", ["", "supervisor", "admin", "leader"])
def test_no_address_fails_over_a_nul(world: World, signed_in: Callable[[str], Client], who: str) -> None:
    issue = world.create()
    client = signed_in(who) if who else Client()
    client.raise_request_exception = False
    query = "?" + "&".join(f"{name}=%00" for name in NAMES)
    wrong = []
    for address in addresses(get_resolver().url_patterns):
        if "^" in address or "logout" in address:
            continue
        for value in (issue.number, "a%00b"):
            answers = [client.get(filled(address, value) + query)]
            if not address.startswith("/api/"):
                answers.append(client.post(filled(address, value), dict.fromkeys((*NAMES, "note", "number"), "a\x00b")))
            wrong += [(address, answer.status_code) for answer in answers if answer.status_code == 500]
    assert wrong == []


def test_the_address_of_the_report(client: Client, db: None) -> None:
    assert client.get("/report/?again=%00").status_code == 200
    assert client.get("/t/a%00b/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/console/", "/api/v1/issues/", "/login/"])
def test_a_session_cookie_with_a_nul_is_no_session(client: Client, world: World, path: str) -> None:
    answer = client.get(path, headers={"Cookie": 'sessionid="\\000\\000\\000\\000abcdefgh"'})
    assert answer.status_code in (200, 302, 401)
