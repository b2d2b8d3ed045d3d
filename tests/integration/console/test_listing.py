"""The list of all issues of one's scope: filters, search in any form, order, cost."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.models import Issue
from journal.models import Event
from tests.integration.console.pages import html_of, statements, text_of
from tests.support.cast import NOW, PHONE, World

Browser = Callable[[str], Client]
URL = "/console/issues/"


def _found(client: Client, **query: str) -> list[str]:
    answer = client.get(URL, query)
    assert answer.status_code == 200
    return [row.number for row in answer.context["rows"]]


def test_everybody_sees_the_issues_of_their_scope_only(world: World, signed_in: Browser) -> None:
    own = world.make_issue("in_progress")
    other = world.make_issue("submitted", community="dade", by="clerk2")
    scopes = {
        "clerk": [own],
        "secretary": [own],
        "clerk2": [other],
        "officer": [own],
        "head": [own],
        "officer2": [],
        "supervisor": [other, own],
        "deputy": [other, own],
        "director": [other, own],
        "admin": [other, own],
        "outsider": [],
    }
    for username, issues in scopes.items():
        assert _found(signed_in(username)) == [issue.number for issue in issues], username


def test_a_department_keeps_seeing_what_it_gave_back(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("returned")
    assert _found(signed_in("officer")) == [issue.number]
    row = signed_in("officer").get(URL).context["rows"][0]
    assert row.action is None
    assert not row.mine


@pytest.mark.parametrize(
    "typed",
    [
        "桂城-2026-000001",
        "桂城2026000001",
        "2026-1",
        "1",
        "１",
        "２０２６－１",
        " 桂城 2026 000001 ",
        "1234",
        "１２３４",
        "GD-12345-9",
        "幸福路口",
        "积水 绕行",
        "幸福",
    ],
)
def test_search_takes_a_number_a_tail_an_outside_number_and_words(world: World, signed_in: Browser, typed: str) -> None:
    issue = world.create(source="hotline_12345", external_number="GD-12345-9")
    world.create(description="三楼电梯异响。", contact_phone="19900005678", at=NOW + timedelta(minutes=1))
    assert issue.number == "桂城-2026-000001"
    assert _found(signed_in("clerk"), q=typed) == [issue.number]
    assert _found(signed_in("clerk2"), q=typed) == []


def test_the_search_box_opens_what_a_number_finds(world: World, signed_in: Browser) -> None:
    """The list itself, words and several are listed; a number of another's scope finds nothing, as ever."""
    issue = world.create(source="hotline_12345", external_number="GD-12345-9")
    other = world.create(description="三楼电梯异响。", contact_phone="19900005678", at=NOW + timedelta(minutes=1))
    clerk = signed_in("clerk")
    for typed, found in (("1", issue), ("2026-2", other), ("5678", other), ("gd123459", issue), ("１２３４", issue)):
        answer = clerk.get(URL, {"q": typed, "go": "1"})
        assert (answer.status_code, unquote(answer["Location"])) == (302, f"/console/issues/{found.number}/"), typed
        assert clerk.get(URL, {"q": typed}).status_code == 200
        assert signed_in("clerk2").get(URL, {"q": typed, "go": "1"}).status_code == 200
    listed = ({"q": "电梯异响"}, {"q": "1", "status": "submitted"}, {"q": ""})
    assert [clerk.get(URL, more | {"go": "1"}).status_code for more in listed] == [200] * 3
    world.create(contact_phone="19900005678", at=NOW + timedelta(minutes=2))
    assert clerk.get(URL, {"q": "5678", "go": "1"}).status_code == 200


def test_search_without_a_hit_says_so(world: World, signed_in: Browser) -> None:
    world.create()
    empty = signed_in("clerk").get(URL, {"q": "不存在的词"}).context["empty"]
    assert (empty.title, empty.action_label, empty.action_url) == (
        *("没有符合条件的工单", "登记诉求", "/console/issues/new/"),
    )
    filtered = signed_in("clerk").get(URL, {"q": "不存在的词", "status": "closed"}).context["empty"]
    assert (filtered.action_label, filtered.action_url) == ("清除筛选", URL)


def test_filters_narrow_and_combine(world: World, signed_in: Browser) -> None:
    flood = world.make_issue("in_progress", department="WATER", officer="officer2")
    litter = world.make_issue("submitted", category="0101", at=NOW - timedelta(days=9))
    clerk = signed_in("clerk")
    assert _found(clerk, status="in_progress") == [flood.number]
    assert _found(clerk, category="01") == [litter.number]
    assert _found(clerk, category="03") == [flood.number]
    assert _found(clerk, department="WATER") == [flood.number]
    assert _found(clerk, limit="overdue") == [litter.number]
    assert _found(clerk, limit="overdue", status="in_progress") == []
    assert _found(clerk, limit="on_time") == [flood.number]


def test_newest_first_or_by_due_time(world: World, signed_in: Browser) -> None:
    soon = world.create(level="critical", at=NOW - timedelta(minutes=9))
    late = world.create(category="0402", at=NOW - timedelta(days=9))
    newest = world.create(category="0402")
    closed = world.make_issue("closed")
    clerk = signed_in("clerk")
    assert _found(clerk) == [closed.number, newest.number, late.number, soon.number]
    by_due = [*sorted((late, soon, newest), key=lambda row: row.rank_at), closed]
    assert _found(clerk, ordering="due") == [row.number for row in by_due]
    assert signed_in("clerk").get(URL, {"ordering": "due"}).context["sorts"]["due"]["direction"] == "ascending"


def test_due_tomorrow_is_what_the_empty_workbench_points_to(world: World, signed_in: Browser) -> None:
    tomorrow = world.create(category="0402")
    assert _found(signed_in("clerk"), due="tomorrow") == [tomorrow.number]
    assert _found(signed_in("clerk"), due="today") == []


def test_pages_are_keyset_pages(world: World, signed_in: Browser) -> None:
    made = [world.create(at=NOW + timedelta(seconds=n)).number for n in range(27)]
    clerk = signed_in("clerk")
    first = clerk.get(URL)
    second = clerk.get(first.context["pager"].next_url)
    seen = [row.number for answer in (first, second) for row in answer.context["rows"]]
    assert seen == list(reversed(made))
    assert first.context["total_text"] == "共 27 件，新的在前"


@pytest.mark.long
def test_statements_are_at_most_ten_whatever_the_number_of_rows(world: World, signed_in: Browser) -> None:
    clients = [signed_in(username) for username in ("clerk", "officer", "supervisor")]
    queries = ("", "?q=积水", "?q=1234", "?ordering=due", "?status=dispatched&category=03")
    for client in clients:
        client.get(f"{URL}?q=1234")  # a number that was looked up is noted once
    seen: dict[tuple[int, str], list[int]] = {}
    for wanted in (1, 5, 25):
        while Issue.objects.count() < wanted:
            world.make_issue("dispatched")
        for who, client in enumerate(clients):
            for query in queries:
                with CaptureQueriesContext(connection) as captured:
                    assert client.get(f"{URL}{query}").status_code == 200
                seen.setdefault((who, query), []).append(len(statements(captured)))
    for key, numbers in seen.items():
        assert numbers[0] <= 10, key
        assert len(set(numbers)) == 1, key


def test_no_page_of_a_list_shows_who_reported(world: World, signed_in: Browser) -> None:
    world.create()
    for url in (URL, "/console/"):
        page = html_of(signed_in("clerk").get(url))
        assert "张小三" not in page
        assert "19900001234" not in page


@pytest.mark.parametrize(
    "query",
    ["?q=%00", "?q=" + "长" * 101, "?status=nope", "?ordering=up", "?cursor=%00", "?cursor=bm9wZQ", "?due=never"],
)
def test_hostile_parameters_are_refused_with_a_page(signed_in: Browser, query: str) -> None:
    answer = signed_in("clerk").get(f"{URL}{query}")
    assert answer.status_code == 400
    assert "回到工作台" in text_of(answer)


@pytest.mark.parametrize("typed", ["99999999999999999999", "'; drop table", "%", "\\", "﷽", "-", "2026-0", "#"])
def test_odd_words_find_nothing_and_break_nothing(world: World, signed_in: Browser, typed: str) -> None:
    world.create()
    assert _found(signed_in("clerk"), q=typed) == []


def test_records_are_read_as_history(world: World, signed_in: Browser) -> None:
    from issues.models import HistoricRecord

    record = HistoricRecord.objects.create(
        subdistrict=world.area,
        ref="G-01",
        record="matter",
        reported_on="2022-11",
        precision="month",
        category=world.categories["0301"],
        kind="suggestion",
        level="complex",
        title="内涝：下水道整改",
        answer="unanswered",
    )
    record.communities.add(world.communities["xiadong"])
    page = text_of(signed_in("clerk").get("/console/records/"))
    assert "历史资料（来源：报道）" in page
    assert "2022-11" in page
    assert "报道未载答复" in page
    assert "内涝：下水道整改" not in text_of(signed_in("outsider").get("/console/records/"))
    assert signed_in("clerk").get("/console/records/?record=nope").status_code == 400
    assert signed_in("clerk").get("/console/records/?cursor=x").status_code == 400


def test_help_and_gallery_open(signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    assert clerk.get("/console/help/").status_code == 200
    assert clerk.get("/console/components/").status_code == 200


def test_gallery_is_for_demonstrations_only(signed_in: Browser, settings: object) -> None:
    settings.DEMO = False  # type: ignore[attr-defined]
    settings.DEBUG = False  # type: ignore[attr-defined]
    assert signed_in("clerk").get("/console/components/").status_code == 404


@pytest.mark.long
def test_looking_for_people_by_number_ends_after_sixty_and_tells_the_supervisor(
    world: World, signed_in: Browser
) -> None:
    """Ends are 10,000; numbers of matters and words are found as ever, the same number again costs nothing."""
    issue = world.create()
    guesser = signed_in("clerk")
    assert _found(guesser, q=PHONE) == [issue.number]
    for tried in range(59):
        answer = guesser.get(URL, {"q": f"{7000 + tried}"} | ({"partial": "1"} if tried % 2 else {}))
        assert answer.context["notice"] == ""
    for typed in (PHONE[-4:], "19900009999"):
        answer = guesser.get(URL, {"q": typed})
        assert answer.context["rows"] == []
        assert "暂不按电话查找" in text_of(answer)
    assert _found(guesser, q=PHONE) == [issue.number]
    for typed in (issue.number, "1", "2026-000001", "积水"):
        assert _found(guesser, q=typed) == [issue.number]
    (told,) = Event.objects.filter(kind="callers_looked_up", subject_kind="subdistrict")
    assert told.data == {"account": "clerk"}
    reference = guesser.post("/console/issues/new/reference/", {"contact_phone": "19900008888"})
    assert "已达上限" in reference.context["phone_history"]["text"]
    assert _found(signed_in("secretary"), q=PHONE[-4:]) == [issue.number]


def test_a_mobile_that_is_being_typed_is_no_look_up(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    for end in range(7, 12):
        clerk.get(URL, {"q": PHONE[:end], "partial": "1"}, headers={"HX-Request": "true"})
    assert Event.objects.filter(kind="look_up").count() == 1


@pytest.mark.long
def test_searching_goes_on_for_who_has_no_sub_district(world: World, signed_in: Browser) -> None:
    world.people["admin"].memberships.update(subdistrict=None)
    admin = signed_in("admin")
    for tried in range(62):
        assert admin.get(URL, {"q": f"{7000 + tried}"}).status_code == 200
