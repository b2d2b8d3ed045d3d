"""Whatever is sent, the answer is a refusal in the API's own shape and never a 500."""

from collections.abc import Callable, Iterable
from itertools import groupby, product
from operator import itemgetter
from typing import Any

import pytest
from django.conf import settings as configured

from common import limits
from tests.integration.api.conftest import Caller
from tests.support.cast import PHONE, World
from tests.support.sampling import sampled

Called = Callable[[str], Caller]
LISTS = (
    "issues/", "communities/", "neighbourhoods/", "buildings/", "departments/", "categories/", "leaders/",
    "commitments/", "notifications/",
)  # fmt: skip
PARAMETERS = (
    "status", "community", "department", "category", "time_limit", "q", "mine", "ordering", "cursor", "page_size",
    "kind", "parent", "neighbourhood", "unread", "state", "overdue", "master",
)  # fmt: skip
REFERENCE_PARAMETERS = (
    "community",
    "kind",
    "cursor",
    "page_size",
    "parent",
    "neighbourhood",
    "unread",
    "state",
    "overdue",
)
TEXTS = (
    "\x00", "a\x00b", "%", "'; DROP TABLE issues_issue; --", "\\", "' | & ! ( :*", "<script>", "😀", "\u202e", "\ufeff",
    "9" * 400, "-9" * 20, "1e309", "NaN", "null", "[]", "{}", "9223372036854775808", "2147483648", "٣", "W10",
    "W251bGxd", "WzFd", "WyJhIl0", "WzEsMiwzXQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld", "====", "é" * 50,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**31, 2**63, 10**400, "", "\x00", "a\ud800b", "9" * 5000, [], [[]], {}, {"a": 1}, ["a"],
    "😀", "0001-01-01", "0001-01-01T00:00", "9999-12-31T23:59:59-12:00", "' OR 1=1 --", "\u202e", "🏳️‍🌈" * 40,
)  # fmt: skip
REPORT = {"description": "灯不亮", "community": "夏东社区", "contact_phone": PHONE}
INTAKE = {"description": "灯不亮", "community": "夏东社区", "category": "0202"}
OPTIONAL = (
    "title", "neighbourhood", "building", "address", "occurred_at", "kind", "source", "level", "contact_name",
    "contact_phone", "contact_address", "confidential", "external_number", "external_due_at",
)  # fmt: skip


def refused_well(answer: Any) -> None:
    assert answer.status_code < 500, (answer.request, answer.content)
    assert answer.headers["Content-Type"] == "application/json"
    if answer.status_code >= 400:
        assert {"code", "detail", "fields"} <= set(answer.json())


@pytest.mark.parametrize("path", LISTS)
def test_query_parameters(caller: Called, path: str) -> None:
    supervisor = caller("supervisor")
    for name, value in sampled(product(PARAMETERS if path == "issues/" else REFERENCE_PARAMETERS, TEXTS), 5, path):
        refused_well(supervisor.get(path, **{name: value}))
    assert supervisor.client.get(f"/api/v1/{path}?q=%ff%fe&status=%00", headers=supervisor.headers).status_code < 500


@pytest.fixture
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are tested elsewhere."""
    monkeypatch.setattr(limits, "hit_all", lambda hits: limits.ALLOWED)


def values(fields: Iterable[str]) -> list[tuple[str, list[Any]]]:
    """Each of these fields with the values that it is given."""
    rows = sampled(product(fields, VALUES), 4)
    return [(field, [row[1] for row in several]) for field, several in groupby(rows, itemgetter(0))]


@pytest.mark.parametrize(("field", "given"), values([*INTAKE, *OPTIONAL]))
def test_fields_of_create(caller: Called, field: str, given: list[Any]) -> None:
    clerk = caller("clerk")
    for value in given:
        refused_well(clerk.post("issues/", INTAKE | {field: value}))


OF_A_REPORT = [*REPORT, "building", "subdistrict", "category", "kind", "confidential"]


@pytest.mark.parametrize(("field", "given"), values(OF_A_REPORT))
def test_fields_of_a_report(world: World, resident: Caller, generous: None, field: str, given: list[Any]) -> None:
    for value in given:
        refused_well(resident.post("public/issues/", REPORT | {field: value}))


def test_fields_of_look_up_and_sign_in(world: World, resident: Caller, generous: None) -> None:
    for value in VALUES:
        refused_well(resident.post("public/issues/lookup/", {"number": value, "phone_tail": "1234"}))
        refused_well(resident.post("public/issues/lookup/", {"number": "123", "phone_tail": value}))
        refused_well(resident.post("auth/token/", {"username": value, "password": "x"}))


POSTS = ("issues/", "auth/token/", "public/issues/", "public/issues/lookup/", "notifications/1/read/")


@pytest.mark.parametrize("path", POSTS)
def test_bodies_that_are_none(world: World, caller: Called, path: str, generous: None) -> None:
    clerk = caller("clerk")
    for body in (
        "",
        "{",
        "nul",
        "[]",
        "1",
        '"x"',
        "[" * 50_000,
        '{"a":' * 50_000,
        b"\xff\xfe",
        b"\x00",
        '{"a": 1e999}',
    ):
        refused_well(clerk.post(path, body))
    address = f"/api/v1/{path}"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "x"):
        refused_well(clerk.client.post(address, b"a=1", content_type=kind, headers=clerk.headers))
        keyed = {**clerk.headers, "Idempotency-Key": f"key-{len(kind)}"}
        refused_well(clerk.client.post(address, b"a=1", content_type=kind, headers=keyed))


def test_a_body_of_more_than_a_megabyte_is_413(world: World, caller: Called) -> None:
    limit = configured.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert limit is not None
    body = '{"description": "' + "a" * limit + '"}'
    for headers in ({}, {"Idempotency_Key": "large"}):
        answer = caller("clerk").post("issues/", body, **headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_what_the_caller_accepts_does_not_matter(caller: Called) -> None:
    clerk = caller("clerk")
    for accept in ("text/html", "application/xml", "*/*;q=0", "\x00", "application/json; indent=99999999"):
        answer = clerk.client.get("/api/v1/issues/?format=api", headers={**clerk.headers, "Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
