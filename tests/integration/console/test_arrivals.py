"""The bar of new arrivals above the workbench's rows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.inbox.arrivals import since_of, token_of
from issues.models import Issue
from tests.integration.console.pages import html_of, statements, text_of
from tests.support.cast import NOW, World

Browser = Callable[[str], Client]
LATER = NOW + timedelta(minutes=5)


def _ask(client: Client, url: str, at: datetime = LATER) -> HttpResponseBase:
    with time_machine.travel(at, tick=False):
        answer: HttpResponseBase = client.get(url, headers={"HX-Request": "true", "X-Polling": "1"})
        return answer


def _news_url(client: Client, query: str = "") -> str:
    url: str = client.get(f"/console/{query}").context["news_url"]
    return url


def test_nothing_new_is_answered_with_nothing(world: World, signed_in: Browser) -> None:
    world.create(at=NOW)
    clerk = signed_in("clerk")
    url = _news_url(clerk)
    assert parse_qs(urlsplit(url).query)["since"] == [token_of(NOW)]
    answer = _ask(clerk, url)
    assert answer.status_code == 204
    assert html_of(answer) == ""


def test_what_came_is_counted_and_the_bar_renews_the_list(world: World, signed_in: Browser) -> None:
    clerk, officer = signed_in("clerk"), signed_in("officer")
    urls = {"clerk": _news_url(clerk), "officer": _news_url(officer)}
    world.create(at=NOW + timedelta(minutes=1), by="secretary")
    world.create(at=NOW + timedelta(minutes=2), by="secretary")
    world.make_issue("dispatched", at=NOW)
    answer = _ask(clerk, urls["clerk"])
    assert "有 2 件新工单，点击显示" in text_of(answer)
    assert 'hx-get="/console/"' in html_of(answer)
    assert "<html" not in html_of(answer)
    assert "有 1 件新工单，点击显示" in text_of(_ask(officer, urls["officer"]))


def test_own_doings_and_words_on_old_issues_are_no_news(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1))
    new = world.create()
    officer, clerk = signed_in("officer"), signed_in("clerk")
    urls = {"officer": _news_url(officer), "clerk": _news_url(clerk)}
    world.act(issue, "comment", "clerk", NOW + timedelta(minutes=6), note="请先联系反映人")
    world.act(new, "accept", "clerk", NOW + timedelta(minutes=6))
    world.create(at=NOW + timedelta(minutes=6), by="clerk")
    at = NOW + timedelta(minutes=10)
    assert _ask(officer, urls["officer"], at).status_code == 204
    assert _ask(clerk, urls["clerk"], at).status_code == 204


def test_being_given_an_issue_is_news(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", at=NOW - timedelta(hours=1), officer="head")
    officer = signed_in("officer")
    url = _news_url(officer)
    world.act(issue, "assign", "head", NOW + timedelta(minutes=4), officer="officer")
    assert "有 1 件新工单" in text_of(_ask(officer, url))


def test_what_grows_overdue_is_news_to_those_who_watch(world: World, signed_in: Browser) -> None:
    issue = world.make_issue("in_progress", category="0402")
    due = Issue.objects.get(pk=issue.pk).rank_at
    with time_machine.travel(due - timedelta(minutes=1), tick=False):
        watching = [signed_in(username) for username in ("deputy", "supervisor", "admin")]
        officer = signed_in("officer")
        urls = [_news_url(client) for client in watching]
        own = _news_url(officer)
    for client, url in zip(watching, urls, strict=True):
        assert "有 1 件新工单" in text_of(_ask(client, url, due + timedelta(minutes=1)))
    assert _ask(officer, own, due + timedelta(minutes=1)).status_code == 204


def test_filters_and_counts_hold_for_news(world: World, signed_in: Browser) -> None:
    clerk = signed_in("clerk")
    urls = [_news_url(clerk, query) for query in ("?count=to_accept", "?count=to_call", "?limit=overdue")]
    world.create(at=NOW + timedelta(minutes=1), by="secretary")
    assert [_ask(clerk, url).status_code for url in urls] == [200, 204, 204]
    assert "/console/?count=to_accept" in html_of(_ask(clerk, urls[0]))


@pytest.mark.parametrize("query", ["?tab=done", "?tab=mine", "?tab=watching"])
def test_lists_that_do_not_wait_for_anybody_ask_for_no_news(signed_in: Browser, query: str) -> None:
    page = signed_in("clerk").get(f"/console/{query}")
    assert page.context["news_url"] == ""
    assert "data-news" not in html_of(page)


def test_news_costs_one_statement_beside_the_session(world: World, signed_in: Browser) -> None:
    seen = []
    for wanted in (1, 6):
        clerk = signed_in("clerk")
        url = _news_url(clerk)
        while Issue.objects.count() < wanted:
            world.create(at=NOW + timedelta(minutes=1), by="secretary")
        with CaptureQueriesContext(connection) as captured:
            assert _ask(clerk, url).status_code == 200
        seen.append(statements(captured))
    assert len(seen[0]) == len(seen[1])
    assert sum("issues_issue" in sql for sql in seen[1]) == 1
    assert len(seen[1]) <= 5


@pytest.mark.parametrize("since", ["", "x", "-1", "1" * 17, "1.5", "１", "%00"])
def test_hostile_moments_are_refused(signed_in: Browser, since: str) -> None:
    answer = signed_in("clerk").get(f"/console/?news=1&since={since}", headers={"HX-Request": "true"})
    assert answer.status_code == 400


def test_without_htmx_the_address_is_the_page(signed_in: Browser) -> None:
    assert "<html" in html_of(signed_in("clerk").get("/console/?news=1&since=1"))


def test_a_list_that_is_not_renewed_says_of_when_it_is(world: World, signed_in: Browser) -> None:
    page = signed_in("clerk").get("/console/?count=to_accept")
    assert "列表未能更新，显示的是 10:00 的内容" in text_of(page)
    start = html_of(page).index('<template id="rows-failed">')
    assert 'href="/console/?count=to_accept"' in html_of(page)[start : html_of(page).index("</template>", start)]


def test_moments_survive_the_address(rf: object) -> None:
    exact = NOW.replace(microsecond=123457)
    request = rf.get("/console/", {"since": token_of(exact)})  # type: ignore[attr-defined]
    assert since_of(request) == exact
