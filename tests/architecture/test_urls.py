"""Every URL has a name and a rule, and the rule holds for everybody who lacks the right."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.roles import Permission
from govtrack.url_permissions import URL_RULES, Open
from tests.support.cast import World

Browser = Callable[[str], Client]


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern)
        else:
            yield pattern


def _all() -> list[URLPattern]:
    return list(_patterns(get_resolver()))


def test_every_url_has_a_name_and_a_rule() -> None:
    names = [pattern.name for pattern in _all()]
    assert None not in names
    assert set(names) == set(URL_RULES), set(names) ^ set(URL_RULES)
    assert len(names) == len(set(names))


def test_console_urls_ask_for_a_right() -> None:
    for name, rule in URL_RULES.items():
        if name.startswith("console-"):
            assert isinstance(rule, Permission), name


_ARGUMENTS = {
    "number": "桂城-2026-000001",
    "action": "accept",
    "token": "x" * 22,
    "pk": 1,
    "place": 1,
    "code": "MUNICIPAL",
}
_ARGUMENTS |= {"public_id": "0" * 32, "size": "small", "name": "a.jpg", "key": "working-5-urge", "kind": "community"}
_ARGUMENTS |= {"uidb64": "MQ"}


def _path(pattern: URLPattern) -> str:
    wanted = pattern.pattern.converters
    return reverse(pattern.name or "", kwargs={name: _ARGUMENTS[name] for name in wanted})


@pytest.mark.django_db
def test_strangers_are_asked_to_sign_in_wherever_a_right_is_needed() -> None:
    for pattern in _all():
        rule = URL_RULES[pattern.name or ""]
        if isinstance(rule, Permission) or rule is Open.SIGNED_IN:
            answer = Client().get(_path(pattern))
            assert answer.status_code == 302, pattern.name
            assert answer.headers["Location"].startswith("/login/?next="), pattern.name


def test_members_without_the_right_are_refused(world: World, signed_in: Browser) -> None:
    for pattern in _all():
        rule = URL_RULES[pattern.name or ""]
        if not isinstance(rule, Permission):
            continue
        client = signed_in("clerk" if rule is Permission.REPORT_AS_LEADER else "leader")
        for answer in (client.get(_path(pattern)), client.post(_path(pattern))):
            assert answer.status_code == 403, (pattern.name, answer.status_code)


def test_an_unnamed_url_is_open_to_nobody(world: World, signed_in: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(URL_RULES, "console-help")
    assert signed_in("clerk").get("/console/help/").status_code == 403
