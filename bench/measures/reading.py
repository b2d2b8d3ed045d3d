"""Pages and lists: how many statements they need, and how long they take beside a bare view."""

import json
import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from bench import bare
from bench.measures.matters import rich
from bench.people import READERS, People
from bench.recording import Record, recorded
from bench.report import emit, median, say
from bench.server import Web
from issues.models import Issue

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
SIZES = (5, 25, 100)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def api_get(path: str, token: str) -> tuple[HttpResponse, Record]:
    """A request within this process, with its statements; the second of two, when what processes hold is held."""
    client = Client(headers={"authorization": f"Token {token}", "accept-language": "zh-hans"})
    client.get(path)
    with recorded() as record:
        answer: Any = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])
    return answer, record


def page_get(path: str, username: str = "") -> tuple[HttpResponse, Record]:
    """A page as a browser asks for it."""
    client = Client(headers={"accept-language": "zh-hans"})
    if username:
        client.force_login(User.objects.get(username=username), backend=BACKEND)
    client.get(path)
    with recorded() as record:
        answer: Any = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer, record


def main_statement(record: Record) -> str:
    """The statement that reads the page of issues."""
    found = [row.text() for row in record.statements if 'FROM "issues_issue"' in row.sql and "LIMIT" in row.sql]
    assert found, [row.sql[:80] for row in record.statements]
    return max(found, key=len)


def compared(
    web: Web, one: list[str], other: list[str], clients: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Load one, other, one, other …"""
    web.load(one, clients=clients, seconds=1)
    web.load(other, clients=clients, seconds=1)
    firsts, seconds = [], []
    for _round in range(ROUNDS):
        firsts.append(web.load(one, clients=clients, seconds=SECONDS))
        seconds.append(web.load(other, clients=clients, seconds=SECONDS))
    return firsts, seconds


def measure_list(people: People, web: Web) -> bool:
    """List of 25 by the API: statements at any page size; time beside a bare view with its one best statement."""
    passed = True
    for reader in READERS:
        token = people.tokens[reader][0]
        counts = {size: len(api_get(f"/api/v1/issues/?page_size={size}", token)[1].statements) for size in SIZES}
        good = max(counts.values()) <= 10 and len(set(counts.values())) == 1
        emit("list_statements", passed=good, reader=reader, at_page_size=counts, bound=10)
        passed &= good
    for reader in READERS:
        passed &= _list_ratio(people, web, reader)
    return passed


def _list_ratio(people: People, web: Web, reader: str) -> bool:
    path = "/api/v1/issues/?page_size=25"
    answer, record = api_get(path, people.tokens[reader][0])
    recording = bare.Recording([main_statement(record)], answer.content.decode(), answer["Content-Type"], token=True)
    other = bare.keep(f"list-{reader}", recording)
    tokens = people.turns(reader)
    ours, bares = compared(
        web,
        [web.request("GET", path, token=token) for token in tokens],
        [web.request("GET", other, token=token) for token in tokens],
        clients=1,
    )
    mine, theirs = (median([row["median_ms"] for row in rows]) for rows in (ours, bares))
    emit(
        "list_25",
        passed=mine <= 2.5 * theirs,
        reader=reader,
        ratio=mine / theirs,
        bound=2.5,
        median_ms=mine,
        p95_ms=median([row["p95_ms"] for row in ours]),
        bare_ms=theirs,
        bytes=len(answer.content),
    )
    return mine <= 2.5 * theirs


def measure_inbox(people: People, web: Web) -> bool:
    """The inbox page of every kind of member: statements, and time beside a bare view with the same ones."""
    readers = (*READERS, "secretary", "officer2", "head", "deputy", "director")
    held = [measure_page("inbox", "/console/", reader, 10, web) for reader in readers]
    return all(held)


def measure_detail(people: People, web: Web) -> bool:
    """A matter with everything in it: joiners, files, requests, departments, a promise; by the API and as a page."""
    issue, _joiner = rich(people)
    bound = 14
    page = f"/console/issues/{issue.number}/"
    pages = [measure_page("detail_page", page, reader, bound, web) for reader in ("clerk", "officer")]
    path = f"/api/v1/issues/{issue.number}/"
    answer, record = api_get(path, people.tokens["clerk"][0])
    texts = [row.text() for row in record.statements if "accounts_apitoken" not in row.sql]
    other = bare.keep("detail", bare.Recording(texts, answer.content.decode(), answer["Content-Type"], token=True))
    tokens = people.turns("clerk")
    ours, bares = compared(
        web,
        [web.request("GET", path, token=token) for token in tokens],
        [web.request("GET", other, token=token) for token in tokens],
        clients=1,
    )
    mine, theirs = (median([row["median_ms"] for row in rows]) for rows in (ours, bares))
    good = len(record.statements) <= bound
    if not good:
        _tell(record)
    emit(
        "detail",
        passed=good,
        statements=len(record.statements),
        bound=bound,
        median_ms=mine,
        bare_ms=theirs,
        ratio=mine / theirs,
        bytes=len(answer.content),
    )
    return all(pages) and good


def _tell(record: Record) -> None:
    for row in record.statements:
        say(row.text()[:300])


def measure_page(name: str, path: str, reader: str, bound: int, web: Web) -> bool:
    """A page: at most so many statements; its time beside a bare view with the same ones. ``reader`` "": a resident."""
    answer, record = page_get(path, reader)
    texts = [row.text() for row in record.statements]
    other = bare.keep(
        f"{name}-{reader}", bare.Recording(texts, answer.content.decode(), answer["Content-Type"], token=False)
    )
    request = web.request("GET", path)
    if reader:
        client = Client()
        client.force_login(User.objects.get(username=reader), backend=BACKEND)
        cookie = f"sessionid={client.cookies['sessionid'].value}"
        request = request.replace("\r\n\r\n", f"\r\nCookie: {cookie}\r\n\r\n")
    ours, bares = compared(web, [request], [web.request("GET", other)], clients=1)
    mine, theirs = (median([row["median_ms"] for row in rows]) for rows in (ours, bares))
    good = len(record.statements) <= bound
    if not good:
        _tell(record)
    emit(
        name,
        passed=good,
        reader=reader or "resident",
        statements=len(record.statements),
        bound=bound,
        median_ms=mine,
        p95_ms=median([row["p95_ms"] for row in ours]),
        bare_ms=theirs,
        ratio=mine / theirs,
        bytes=len(answer.content),
    )
    return good


def measure_search(people: People, web: Web) -> bool:
    """Two characters, often and seldom met, in all issues and in narrower scopes, beside their SQL alone."""
    wanted = [(reader, words) for reader in ("supervisor", "clerk", "officer") for words in ("积水", "铁皮", "祥瑞")]
    passed = [_search(people, web, reader, words) for reader, words in wanted]
    return all(passed)


def _search(people: People, web: Web, reader: str, words: str) -> bool:
    path = f"/api/v1/issues/?page_size=25&q={quote(words)}"
    answer, record = api_get(path, people.tokens[reader][0])
    statement = main_statement(record)
    recording = bare.Recording([statement], answer.content.decode(), answer["Content-Type"], token=True)
    other = bare.keep(f"search-{reader}-{len(words)}-{quote(words).replace('%', '')}", recording)
    tokens = people.turns(reader)
    ours, bares = compared(
        web,
        [web.request("GET", path, token=token) for token in tokens],
        [web.request("GET", other, token=token) for token in tokens],
        clients=1,
    )
    mine, theirs = (median([row["median_ms"] for row in rows]) for rows in (ours, bares))
    emit(
        "search",
        passed=mine <= 2 * theirs,
        reader=reader,
        words=words,
        ratio=mine / theirs,
        bound=2.0,
        median_ms=mine,
        bare_ms=theirs,
        sql_ms=_time_of(statement, 1),
        statements=len(record.statements),
        found=len(json.loads(answer.content)["results"]),
    )
    return mine <= 2 * theirs


def _time_of(statement: str, seconds: float) -> float:
    """The median time of the statement alone, rows fetched, in milliseconds."""
    times, until = [], time.perf_counter() + seconds
    with connection.cursor() as cursor:
        while time.perf_counter() < until:
            began = time.perf_counter()
            cursor.execute(statement)
            cursor.fetchall()
            times.append(1000 * (time.perf_counter() - began))
    return median(times)


def measure_status(people: People, web: Web) -> bool:
    """The resident's page behind the secret link: requests a second beside the same statements and bytes."""
    issue = Issue.objects.filter(status="in_progress", contact__isnull=False, persons=1).order_by("-id").first()
    assert issue is not None
    _master, joiner = rich(people)
    held = [_status("plain", issue, web), _status("joiner", joiner, web)]
    return all(held)


def _status(of: str, issue: Issue, web: Web) -> bool:
    path = f"/t/{issue.token}/"
    answer, record = page_get(path)
    statements = [row.text() for row in record.statements]
    other = bare.keep(
        f"status-{of}", bare.Recording(statements, answer.content.decode(), answer["Content-Type"], token=False)
    )
    ours, bares = compared(web, [web.request("GET", path)], [web.request("GET", other)], clients=4)
    mine, theirs = (median([row["count"] / row["seconds"] for row in rows]) for rows in (ours, bares))
    emit(
        "status_page",
        of=of,
        passed=mine >= 0.5 * theirs,
        ratio=mine / theirs,
        bound=0.5,
        per_second=mine,
        bare_per_second=theirs,
        statements=len(statements),
        bytes=len(answer.content),
    )
    return mine >= 0.5 * theirs


MEASURES: dict[str, Callable[[People, Web], bool]] = {
    "list": measure_list,
    "inbox": measure_inbox,
    "detail": measure_detail,
    "search": measure_search,
    "status": measure_status,
}
