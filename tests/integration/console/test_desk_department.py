"""A department's page: who reads it, its debts, how long each was held, what reminds of it next."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from issues.models import Issue
from tests.integration.console.pages import html_of, statements, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
URL = "/console/departments/MUNICIPAL/"
LONG_AGO = NOW - timedelta(days=20)


def rows(answer: Any) -> list[tuple[str, str]]:
    return [(row.number, row.clock) for row in answer.context["rows"]]


@pytest.mark.parametrize(
    ("username", "status"),
    [
        *(("officer", 200), ("head", 200), ("supervisor", 200), ("deputy", 200), ("director", 200)),
        *(("officer2", 403), ("clerk", 403), ("leader", 403), ("admin", 403)),
    ],
)
def test_who_reads_it(world: World, signed_in: Browser, username: str, status: int) -> None:
    world.make_issue("dispatched", at=LONG_AGO)
    assert signed_in(username).get(URL).status_code == status


def test_strangers_do_not_learn_of_it(world: World, signed_in: Browser) -> None:
    assert signed_in("outsider").get("/console/departments/WATER/").status_code == 404
    assert signed_in("officer").get("/console/departments/NOPE/").status_code == 404


def test_a_communitys_own_team_is_its_clerks_page(world: World, signed_in: Browser) -> None:
    issue = world.create(at=LONG_AGO)
    answer = signed_in("clerk").get("/console/departments/XIADONG-TEAM/")
    assert {number for number, _clock in rows(answer)} == {issue.number}
    assert signed_in("clerk").get("/console/departments/DADE-TEAM/").status_code == 403


def test_its_debts_by_list(world: World, signed_in: Browser) -> None:
    late = world.make_issue("in_progress", at=LONG_AGO, category="0402")
    waiting = world.make_issue("dispatched", category="0402")
    helped = world.make_issue("in_progress", department="WATER", officer="officer2", category="0402", kind="complaint")
    world.act(helped, "add_department", "officer2", NOW + timedelta(minutes=9), department="MUNICIPAL")
    client = signed_in("head")
    assert (late.number, "办理") in rows(client.get(URL))
    assert rows(client.get(URL, {"list": "unacknowledged"})) == [(waiting.number, "签收")]
    assert rows(client.get(URL, {"list": "co_reply"})) == [(helped.number, "协办答复")]
    for name in ("today", "soon", "promises", "supervision", "cards"):
        answer = client.get(URL, {"list": name})
        assert answer.status_code == 200, name


def test_a_row_says_who_has_it_since_when_and_what_comes_next(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("dispatched", at=NOW - timedelta(hours=1), category="0402")
    (row,) = signed_in("head").get(URL, {"list": "unacknowledged"}).context["rows"]
    assert (row.person, row.unassigned, row.clock) == ("未指派", True, "签收")
    assert row.held == "已持有58分钟"
    assert row.coming is not None
    assert row.coming.label
    assert row.action.url == f"{reverse('console-issue', args=[issue.number])}?action=assign"
    assert signed_in("officer").get(URL, {"list": "unacknowledged"}).context["rows"][0].action is None


def test_a_signed_order_is_owed_a_reply_and_cards_are_kept_for_the_quarter(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=LONG_AGO, category="0402", kind="help")
    for kind in ("order", "yellow_card"):
        world.act(issue, "supervise", "supervisor", NOW, kind=kind, note="请书面回复")
        world.act(issue, "sign", "deputy", NOW + timedelta(minutes=1))
    client = signed_in("head")
    assert (issue.number, "督办回复") in rows(client.get(URL, {"list": "supervision"}))
    (card,) = client.get(URL, {"list": "cards"}).context["cards"]
    assert card.seal.code == "yellow_card"
    assert card.number in text_of(client.get(URL, {"list": "cards"}))


def test_a_promise_that_passed_is_shown_with_its_words(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=LONG_AGO, category="0402")
    due_on = (LONG_AGO + timedelta(days=5)).date().isoformat()
    at = LONG_AGO + timedelta(hours=1)
    promise = {"outcome": "planned", "note": "已列入计划", "commitment": "更换井盖", "due_on": due_on}
    world.act(issue, "reply", "officer", at, **promise)
    (row,) = signed_in("head").get(URL, {"list": "promises"}).context["rows"]
    assert (row.number, row.clock, row.promise) == (issue.number, "兑现承诺", "更换井盖")


def test_a_page_needs_the_same_for_1_5_and_25_rows(world: World, signed_in: Browser) -> None:
    client = signed_in("head")
    client.get(URL)
    found = []
    for wanted in (1, 5, 25):
        while Issue.objects.count() < wanted:
            world.make_issue("dispatched", at=LONG_AGO, category="0402")
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(URL, {"list": "unacknowledged"}).context["rows"]) == wanted
        found.append(len(statements(captured)))
    assert len(set(found)) == 1, found
    assert found[0] <= 12


def test_pages_follow_each_other(world: World, signed_in: Browser) -> None:
    for _number in range(27):
        world.make_issue("dispatched", at=LONG_AGO, category="0402")
    client = signed_in("head")
    first = client.get(URL, {"list": "unacknowledged"})
    second = client.get(first.context["pager"].next_url)
    seen = [number for number, _clock in rows(first) + rows(second)]
    assert len(seen) == len(set(seen)) == 27


@pytest.mark.parametrize("query", ["list=all", "cursor=%00", "cursor=bm9wZQ"])
def test_hostile_parameters_are_refused(world: World, signed_in: Browser, query: str) -> None:
    assert signed_in("head").get(f"{URL}?{query}").status_code == 400


def test_the_way_there(world: World, signed_in: Browser) -> None:
    assert signed_in("officer").get("/console/departments/").headers["Location"] == URL
    assert "/console/departments/" in html_of(signed_in("officer").get("/console/"))
    page = text_of(signed_in("supervisor").get("/console/departments/"))
    assert "市政管理办公室" in page
    assert "派出所" not in page
    assert signed_in("leader").get("/console/departments/").status_code == 403
    assert signed_in("admin").get("/console/departments/").status_code == 403
