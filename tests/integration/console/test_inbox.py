"""The workbench: whose turn it is, in which order, and at what cost."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.models import Membership
from deadlines.reference import load_calendar
from issues.models import Issue
from issues.services.watching import watch
from tests.integration.console.pages import html_of, statements, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]


@pytest.mark.parametrize(
    ("username", "labels"),
    [
        ("clerk", ("今日到期", "已超期", "待受理", "待回访")),
        ("secretary", ("今日到期", "已超期", "待受理", "待回访")),
        ("officer", ("今日到期", "已超期", "待签收", "退回重办")),
        ("head", ("今日到期", "已超期", "待签收", "退回重办")),
        ("supervisor", ("已超期", "未签收", "退单待裁定", "待派单")),
        ("deputy", ("已超期", "今日到期", "特急", "未签收")),
        ("director", ("已超期", "今日到期", "特急", "未签收")),
        ("admin", ("已超期", "今日到期", "特急", "未签收")),
    ],
)
def test_each_role_has_its_four_counts(signed_in: Browser, username: str, labels: tuple[str, ...]) -> None:
    answer = signed_in(username).get("/console/")
    assert answer.status_code == 200
    assert [count.label for count in answer.context["counts"]] == list(labels)
    assert all(count.zero for count in answer.context["counts"])


def test_strangers_are_asked_to_sign_in_and_leaders_are_refused(signed_in: Browser) -> None:
    assert Client().get("/console/").headers["Location"] == "/login/?next=/console/"
    refused = signed_in("leader").get("/console/")
    assert refused.status_code == 403


def test_an_issue_stands_with_whoever_is_to_move(world: World, signed_in: Browser) -> None:
    new = world.make_issue("submitted", description="新登记的一件。")
    given = world.make_issue("dispatched", description="已派出的一件。")
    working = world.make_issue("in_progress", description="办理中的一件。")
    assert _numbers(signed_in("clerk")) == [new.number]
    assert sorted(_numbers(signed_in("officer"))) == sorted([given.number, working.number])
    assert _numbers(signed_in("officer2")) == []
    assert _numbers(signed_in("clerk2")) == []
    assert _numbers(signed_in("outsider")) == []
    assert "新登记的一件" in text_of(signed_in("clerk").get("/console/"))
    assert "待您受理" in text_of(signed_in("clerk").get("/console/"))


def _numbers(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/console/{query}")
    return [row.number for group in answer.context["groups"] for row in group.rows]


def test_critical_and_overdue_come_first_then_today_then_later(world: World, signed_in: Browser) -> None:
    later = world.make_issue("accepted", description="普通一件。", category="0402")
    today = world.make_issue("submitted", at=NOW - timedelta(days=1), description="今天到期。", category="0402")
    late = world.make_issue("submitted", at=NOW - timedelta(days=5), description="已超期。", category="0402")
    critical = world.make_issue("submitted", at=NOW - timedelta(minutes=5), description="特急。", level="critical")
    answer = signed_in("clerk").get("/console/")
    assert [group.label for group in answer.context["groups"]] == ["特急与超期", "今天到期"]
    assert _numbers(signed_in("clerk"))[:2] == [critical.number, late.number]
    assert {today.number, later.number} == set(_numbers(signed_in("clerk"))[2:])
    assert [count.text for count in answer.context["counts"]] == ["3", "1", "3", "0"]
    assert _numbers(signed_in("clerk"), "?count=overdue") == [late.number]
    assert _numbers(signed_in("clerk"), "?count=to_accept&limit=overdue") == [late.number]


def test_row_offers_the_next_action_to_whose_turn_it_is(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("submitted")
    row = signed_in("clerk").get("/console/").context["groups"][0].rows[0]
    assert row.action.label == "受理"
    assert unquote(row.action.url) == f"/console/issues/{issue.number}/?action=accept"
    assert row.category == "路面积水与内涝"
    assert row.mine


def test_tabs_hold_what_one_did_raised_and_follows(world: World, signed_in: Browser) -> None:
    done = world.make_issue("in_progress")
    followed = world.make_issue("replied")
    watch(issue_id=followed.pk, user_id=world.people["clerk"].pk, on=True)
    clerk = signed_in("clerk")
    assert set(_numbers(clerk, "?tab=done")) == {done.number, followed.number}
    assert set(_numbers(clerk, "?tab=mine")) == {done.number, followed.number}
    assert _numbers(clerk, "?tab=watching") == [followed.number]
    assert _numbers(signed_in("clerk2"), "?tab=watching") == []


def test_several_memberships_add_up(world: World, signed_in: Browser) -> None:
    here = world.make_issue("submitted")
    there = world.make_issue("submitted", community="dade", by="clerk2")
    given = world.make_issue("dispatched", department="WATER")
    person = world.people["clerk"]
    common = {"user": person, "subdistrict": world.area, "started_at": NOW}
    Membership.objects.create(role="clerk", community=world.communities["dade"], **common)
    Membership.objects.create(role="officer", department=world.departments["WATER"], receiving_desk=True, **common)
    clerk = signed_in("clerk")
    assert set(_numbers(clerk)) == {here.number, there.number, given.number}
    labels = [count.label for count in clerk.get("/console/").context["counts"]]
    assert labels == ["今日到期", "已超期", "待受理", "待签收"]


def test_those_who_watch_the_sub_district_see_what_is_overdue(world: World, signed_in: Browser) -> None:
    late = world.make_issue("in_progress", at=NOW - timedelta(days=20), category="0402")
    world.make_issue("in_progress", category="0402")
    for username in ("deputy", "director", "supervisor", "admin"):
        assert _numbers(signed_in(username)) == [late.number], username


def test_second_return_waits_for_the_supervisor(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned")
    world.act(issue, "dispatch", "clerk", NOW + timedelta(minutes=10), department="WATER")
    world.act(issue, "return", "officer2", NOW + timedelta(minutes=20), reason="not_ours", basis="职责不清")
    answer = signed_in("supervisor").get("/console/?count=to_decide")
    assert [row.number for group in answer.context["groups"] for row in group.rows] == [issue.number]
    assert _numbers(signed_in("clerk")) == []


def test_empty_list_says_what_to_do(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    empty = clerk.get("/console/").context["empty"]
    assert (empty.title, empty.text) == ("待办已清零。", "今日已处理 0 件，明日到期 0 件")
    filtered = clerk.get("/console/?status=submitted").context["empty"]
    assert (filtered.title, filtered.action_label) == ("没有符合条件的工单", "清除筛选")


def test_pages_follow_one_another_without_gap_or_repeat(world: World, signed_in: Browser) -> None:
    made = {world.create(at=NOW - timedelta(minutes=n)).number for n in range(27)}
    clerk = signed_in("clerk")
    first = clerk.get("/console/")
    assert first.context["pager"].next_url
    second = clerk.get(first.context["pager"].next_url)
    seen = [row.number for answer in (first, second) for group in answer.context["groups"] for row in group.rows]
    assert len(seen) == 27
    assert set(seen) == made
    assert second.context["pager"].next_url == ""
    assert second.context["pager"].first_url == "/console/"


@pytest.mark.long
def test_statements_are_at_most_ten_whatever_the_number_of_rows(world: World, signed_in: Browser) -> None:
    clients = {username: signed_in(username) for username in ("clerk", "officer", "supervisor", "deputy")}
    clients["clerk"].get("/console/")
    load_calendar()
    seen: dict[str, list[int]] = {}
    for wanted in (1, 5, 25):
        while Issue.objects.count() < wanted:
            world.make_issue("dispatched", at=NOW - timedelta(days=8))
        for username, client in clients.items():
            for query in ("", "?tab=done", "?tab=mine"):
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(f"/console/{query}").status_code == 200
                seen.setdefault(username + query, []).append(len(statements(captured)))
    for key, numbers in seen.items():
        assert numbers[-1] <= 10, key
        assert len(set(numbers)) == 1, key


def test_layout_is_remembered(world: World, signed_in: Browser) -> None:
    world.make_issue("submitted")
    clerk = signed_in("clerk")
    assert clerk.get("/console/").context["layout"] == "split"
    chosen = clerk.get("/console/?layout=list")
    assert chosen.cookies["inbox_layout"].value == "list"
    assert clerk.get("/console/").context["layout"] == "list"
    assert 'class="table inbox-table"' in html_of(clerk.get("/console/"))


def test_fragment_answers_htmx_only(world: World, signed_in: Browser) -> None:
    world.make_issue("submitted")
    clerk = signed_in("clerk")
    assert "<html" not in html_of(clerk.get("/console/?partial=1", headers={"HX-Request": "true"}))
    assert "<html" in html_of(clerk.get("/console/?partial=1"))


@pytest.mark.parametrize(
    "query",
    [
        "?tab=nope",
        "?count=nope",
        "?count=to_decide",
        "?status=nope",
        "?category=99",
        "?department=%00",
        "?limit=x",
        "?cursor=abc",
        "?cursor=WzEsMiwzXQ",
        "?selected=" + "9" * 300,
        "?layout=sideways",
    ],
)
def test_hostile_parameters_are_refused_with_a_page(signed_in: Browser, query: str) -> None:
    answer = signed_in("clerk").get(f"/console/{query}")
    assert answer.status_code == 400
    assert "回到工作台" in text_of(answer)


def test_english_speaks_english(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    answer = clerk.get("/console/", headers={"Accept-Language": "en"})
    assert '<html lang="en"' in html_of(answer)
