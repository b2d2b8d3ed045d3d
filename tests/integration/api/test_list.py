"""The list: scope, filters, order, pages, cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.listing import time_limit_is
from communities.models import Membership
from issues.models import Issue
from issues.querysets import IssueQuerySet
from tests.integration.api.conftest import Caller
from tests.support.cast import NOW, PHONE, World

Called = Callable[[str], Caller]


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


def test_everybody_sees_their_scope(world: World, caller: Called) -> None:
    here = world.make_issue("in_progress")
    there = world.make_issue("submitted", community="dade", by="clerk2")
    expected = {
        "clerk": {here.number},
        "secretary": {here.number},
        "clerk2": {there.number},
        "officer": {here.number},
        "head": {here.number},
        "officer2": set(),
        "supervisor": {here.number, there.number},
        "deputy": {here.number, there.number},
        "director": {here.number, there.number},
        "leader": set(),
        "admin": {here.number, there.number},
        "outsider": set(),
    }
    for username, visible in expected.items():
        assert set(numbers(caller(username).get("issues/"))) == visible, username


def test_a_list_that_was_compiled_before_follows_the_scope(world: World, caller: Called) -> None:
    """The same person, with other memberships, and the same memberships with another person."""
    here = world.create()
    there = world.create(community="dade", by="clerk2")
    clerk = caller("clerk")
    for _ in range(2):
        assert numbers(clerk.get("issues/")) == [here.number]
    Membership.objects.filter(user__username="clerk").update(community=world.communities["dade"])
    assert numbers(clerk.get("issues/")) == [there.number, here.number]
    assert numbers(caller("secretary").get("issues/")) == [here.number]
    Membership.objects.filter(user__username="clerk").update(ended_at=NOW)
    assert numbers(clerk.get("issues/")) == []
    assert numbers(clerk.get("issues/", page_size=1, ordering="due")) == []


def test_pages_follow_each_other_without_gap_or_repeat(world: World, caller: Called) -> None:
    made = [world.create(at=NOW + timedelta(minutes=n)).number for n in range(7)]
    for ordering, expected in (("-created", made[::-1]), ("created", made), ("due", made)):
        clerk, seen, path = caller("clerk"), [], "issues/?page_size=3&ordering=" + ordering
        while path:
            answer = clerk.get(path)
            seen += numbers(answer)
            following = answer.json()["next"]
            path = f"{urlsplit(following).path}?{urlsplit(following).query}" if following else ""
        assert seen == expected


def test_filters(world: World, caller: Called) -> None:
    submitted = world.create(category="0402")
    accepted = world.make_issue("accepted", category="0301")
    working = world.make_issue("in_progress", category="0303")
    elsewhere = world.create(community="dade", by="clerk2", category="01")
    supervisor = caller("supervisor")

    def asked(**query: Any) -> set[str]:
        return set(numbers(supervisor.get("issues/", **query)))

    everything = {submitted.number, accepted.number, working.number, elsewhere.number}
    assert asked() == everything
    assert asked(status="submitted,accepted") == {submitted.number, accepted.number, elsewhere.number}
    for name in ("夏东社区", "夏东", "440605011001", str(world.communities["xiadong"].pk)):
        assert asked(community=name) == everything - {elsewhere.number}
    assert asked(department="MUNICIPAL") == {working.number}
    assert asked(category="03") == {accepted.number, working.number}
    assert asked(category="0301") == {accepted.number}
    assert asked(category="01", community="夏东") == set()
    assert set(numbers(caller("clerk").get("issues/", mine="true"))) == {submitted.number, accepted.number}
    assert set(numbers(caller("officer").get("issues/", mine="todo"))) == {working.number}
    assert set(numbers(caller("clerk").get("issues/", mine="logged"))) == everything - {elsewhere.number}
    assert set(numbers(caller("officer").get("issues/", mine="done"))) == {working.number}


@pytest.mark.parametrize(
    "typed", ["{n}", "{short}", "{year}-{short}", "{compact}", "{wide}", " {n} ", "{area}{year}-{serial}"]
)
def test_a_number_is_found_in_any_form(world: World, caller: Called, typed: str, frozen: None) -> None:
    issue = world.create(contact_phone="")
    world.create(contact_phone="")
    area, year, serial = issue.number.split("-")
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in f"{year}{serial}")
    text = typed.format(
        n=issue.number,
        short=int(serial),
        year=year,
        compact=issue.number.replace("-", ""),
        wide=wide,
        area=area,
        serial=serial,
    )
    assert numbers(caller("clerk").get("issues/", q=text)) == [issue.number]


def test_search_by_tail_outside_number_and_words(world: World, caller: Called) -> None:
    tail = world.create(contact_phone="13900008765", description="单车占道")
    outside = world.create(external_number="SZ20260318-7", description="噪音扰民", contact_phone="")
    clerk = caller("clerk")
    assert numbers(clerk.get("issues/", q="8765")) == [tail.number]
    assert numbers(clerk.get("issues/", q="SZ20260318-7")) == [outside.number]
    assert numbers(clerk.get("issues/", q="噪音")) == [outside.number]
    assert numbers(clerk.get("issues/", q="单车占道")) == [tail.number]
    for nothing in ("没有的词", "！？", "9999", "2024-77", "XX-1", "桂城-2026-999999"):
        assert numbers(clerk.get("issues/", q=nothing)) == []
    assert numbers(caller("clerk2").get("issues/", q="8765")) == []


def test_the_time_limit_filter_is_the_pure_function(world: World) -> None:
    for status in ("submitted", "accepted", "in_progress", "closed", "withdrawn"):
        world.make_issue(status)
    late = world.make_issue("dispatched", at=NOW - timedelta(days=20))
    Issue.objects.filter(pk=late.pk).update(status="suspended", suspended_at=NOW)
    for at in (NOW + timedelta(minutes=step) for step in (0, 30, 50, 59, 60, 61, 90, 180, 60 * 24, 60 * 24 * 30)):
        for state in ("on_time", "due_soon", "overdue", "suspended"):
            rows: IssueQuerySet = Issue.objects.filter(time_limit_is(state, at))
            expected = {row.pk for row in Issue.objects.all() if row.time_limit(at) == state}
            assert set(rows.values_list("pk", flat=True)) == expected, (state, at)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("time_limit", "late"),
        ("community", "平地社区"),
        ("community", "99999999999999999999"),
        ("department", "NOBODY"),
        ("category", "99"),
        ("ordering", "number"),
        ("mine", "yours"),
        ("cursor", "nonsense"),
        ("cursor", "WzFd" * 3),
        ("cursor", "WzFlOTk5XQ"),
        ("page_size", "0"),
        ("page_size", "101"),
        ("page_size", "-1"),
        ("page_size", "9" * 30),
        ("page_size", "１"),
        ("q", "a\x00b"),
        ("q", "长" * 101),
        ("status", "submitted\x00"),
    ],
)
def test_bad_values_name_their_field(caller: Called, name: str, value: str) -> None:
    answer = caller("clerk").get("issues/", **{name: value})
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [name]


def test_a_list_costs_the_same_with_1_5_and_25_rows(world: World, caller: Called) -> None:
    supervisor = caller("supervisor")
    counts = []
    for rows in (1, 5, 25):
        while Issue.objects.count() < rows:
            world.make_issue("in_progress")
        with CaptureQueriesContext(connection) as statements:
            assert len(numbers(supervisor.get("issues/", page_size=rows))) == rows
        counts.append(len(statements))
    assert counts == [3, 3, 3]
    with CaptureQueriesContext(connection) as statements:
        supervisor.get("issues/", community="夏东", department="MUNICIPAL", category="03", q="2026-1", status="closed")
    assert len(statements) <= 10


def test_rows_carry_no_personal_data(world: World, caller: Called) -> None:
    world.create(contact_name="欧阳询问", contact_phone="13912345678")
    content = caller("clerk").get("issues/").content.decode()
    assert "13912345678" not in content
    assert "欧阳" not in content
    assert "token" not in content


def test_those_who_joined_are_found_by_their_master(world: World, caller: Called) -> None:
    master, alone = world.make_issue("in_progress"), world.create()
    joined = [world.create(contact_phone=f"1990000234{n}") for n in range(2)]
    for issue in joined:
        world.act(issue, "merge", "clerk", master=master.number)
    clerk = caller("clerk")
    for form in (master.number, f"{master.year}-{master.serial}"):
        rows = clerk.get("issues/", master=form).json()["results"]
        assert [row["number"] for row in rows] == [issue.number for issue in reversed(joined)]
    persons = {row["number"]: row["persons"] for row in clerk.get("issues/").json()["results"]}
    assert (persons[master.number], persons[alone.number]) == (3, 1)
    assert clerk.get("issues/", master=alone.number).json()["results"] == []
    for wrong in ("桂城-2026-999999", "x"):
        assert list(clerk.get("issues/", master=wrong).json()["fields"]) == ["master"]
    assert caller("clerk2").get("issues/", master=master.number).status_code == 400


def test_looking_for_people_by_number_ends_after_sixty(world: World, caller: Called) -> None:
    issue = world.create()
    clerk = caller("clerk")
    for tried in range(60):
        assert clerk.get("issues/", q=f"{7000 + tried}").status_code == 200
    refused = clerk.get("issues/", q=PHONE)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert [row["number"] for row in clerk.get("issues/", q="积水").json()["results"]] == [issue.number]
    assert clerk.get("issues/", q="7001").status_code == 200
