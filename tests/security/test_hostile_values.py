"""Whatever stands in an address, a query or a form, no address of the product fails over it: no 5xx.

Which names a page reads it tells itself: a first call records what it looks up. Then each name is given hostile values,
a few of them in turn, all of them in `make test-long`.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.roles import ROLES, Permission, Role
from common import limits
from govtrack.url_permissions import URL_RULES
from tests.support.cast import World
from tests.support.sampling import length

VALUES: tuple[bytes, ...] = (
    b"\x00", b"a\x00b", b"\x01", b"\x1b[2J", b"\x7f", b"\r\nSet-Cookie: a=b", b"\xff\xfe", b"\xed\xa0\x80",
    b"\xc0\x80", "\ufffe".encode(), "\u202e\u200b\ufeff".encode(), "٣".encode(), "😀".encode(), b"%",
    b"%s%(x)s{0}{{x}}", b"\\", b"'\"`", b"9" * 400, b"-1", b"0", b"2147483648", b"9223372036854775808", b"1e309",
    b"NaN", b"null", b"[]", b'{"a":1}', b"' | & ! ( :*", b"9999-12-31", b"0000-00-00", b"2026-02-30",
    b"0001-01-01T00:00", b"../../etc/passwd", b"//evil.example/", b"javascript:1", b"a" * 3_000,
)  # fmt: skip
EACH = length(1, len(VALUES))
"""How many of them each name of each address meets."""
OFTEN = (b"a\x00b", b"\xed\xa0\x80", b"9" * 400, b"\x01")[: length(2, 4)]
"""At all names of an address at once."""
ODD = "a%00b"
"""In place of every argument of an address that is text."""
NOT_WALKED = {"logout", "set_language", "api-schema", "api-docs", "healthz", "readyz", "metrics"}


def patterns(resolver: URLResolver, before: str = "/") -> Iterator[tuple[str, str]]:
    """Each name with its address, the arguments in angles."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern) and pattern.name and "^" not in str(pattern.pattern):
            yield pattern.name, before + str(pattern.pattern)


def filled(address: str, known: dict[str, str]) -> str:
    """The address with what the world knows in place of its arguments."""
    while "<" in address:
        start, rest = address.split("<", 1)
        argument, rest = rest.split(">", 1)
        address = start + known[argument.rpartition(":")[2]] + rest
    return address


def whose(name: str) -> str:
    """Who gets past the door of this address."""
    rule = URL_RULES[name]
    if not isinstance(rule, Permission) or rule in ROLES[Role.SUPERVISOR].permissions:
        return "supervisor" if name.startswith(("console", "api", "account", "file")) else ""
    return "leader" if rule in ROLES[Role.LEADER].permissions else "admin"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that were looked up in queries and forms since it was last emptied."""
    names: set[str] = set()
    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, recording(getattr(QueryDict, method), names))
    return names


def recording(real: Callable[..., Any], names: set[str]) -> Callable[..., Any]:
    """The same method, which keeps the names that it was asked for."""

    def method(self: QueryDict, key: str, *args: Any, **more: Any) -> Any:
        names.add(str(key))
        return real(self, key, *args, **more)

    return method


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "hit_all", lambda hits: limits.ALLOWED)
    monkeypatch.setattr(limits.Tap, "take", lambda *args, **more: limits.ALLOWED)


def query(names: set[str], value: bytes) -> str:
    return "&".join(f"{name}={quote_from_bytes(value, safe=b'')}" for name in sorted(names))


class Walk:
    """Asks, and keeps what failed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.failed: list[tuple[str, str, str, int]] = []

    def get(self, path: str, sent: str) -> None:
        self._keep("GET", path, sent, self.client.get(f"{path}?{sent}").status_code)

    def post(self, path: str, sent: str) -> None:
        form = "application/x-www-form-urlencoded"
        self._keep("POST", path, sent, self.client.post(path, sent, content_type=form).status_code)

    def _keep(self, method: str, path: str, sent: str, status: int) -> None:
        if status >= 500:
            self.failed.append((method, path, sent[:80], status))


@pytest.mark.long
@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("part", range(4))
def test_no_address_fails_over_a_value(
    world: World, signed_in: Callable[[str], Client], asked: set[str], part: int
) -> None:
    issue = world.make_issue("in_progress")
    known = {
        "number": issue.number, "token": issue.token, "action": "comment", "pk": str(issue.pk), "code": "MUNICIPAL",
        "public_id": "0" * 32, "size": "small", "name": "a.jpg", "key": "working-5-urge", "kind": "community",
        "uidb64": "MQ", "id": "1", "place": "1",
    }  # fmt: skip
    failed, turn = [], iter(VALUES * 10_000)
    for name, address in sorted(patterns(get_resolver()))[part::4]:
        if name in NOT_WALKED:
            continue
        who = whose(name)
        client = signed_in(who) if who else Client()
        client.raise_request_exception = False
        path, walk = filled(address, known), Walk(client)
        if odd := {one for one in known if f"{one}>" in address and f"<int:{one}>" not in address}:
            walk.get(filled(address, {**known, **dict.fromkeys(odd, ODD)}), "")
            walk.post(filled(address, {**known, **dict.fromkeys(odd, ODD)}), "")
        for send in (walk.get, walk.post):
            asked.clear()
            send(path, "")
            names = {one for one in asked if one not in ("csrfmiddlewaretoken", "format")}
            for one in sorted(names):
                for value in islice(turn, EACH):
                    send(path, query({one}, value))
            for value in OFTEN:
                send(path, query(names, value))
        failed += walk.failed
    assert failed == []


@pytest.mark.parametrize("number", ["0", "2147483648", "9223372036854775808", "9" * 300])
def test_no_address_fails_over_a_number(world: World, signed_in: Callable[[str], Client], number: str) -> None:
    failed = []
    for name, address in patterns(get_resolver()):
        if "<int:" not in address:
            continue
        who = whose(name)
        client = signed_in(who) if who else Client()
        client.raise_request_exception = False
        known = {
            "pk": number, "number": "2026-000001", "kind": "community", "id": number, "action": "note",
            "public_id": "0" * 32, "size": "small", "place": number,
        }  # fmt: skip
        walk = Walk(client)
        walk.get(filled(address, known), "")
        walk.post(filled(address, known), "")
        failed += walk.failed
    assert failed == []
