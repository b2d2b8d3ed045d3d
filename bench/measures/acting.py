"""Every action by the API: its statements, and its time beside the same statements from psycopg2.

Each action is taken several times within a transaction that is rolled back, then once by the services, so that the next
one is possible. The yardstick runs the recorded statements over the same connection, rolled back as well: what is
compared is everything between request and response, without the network and the commit.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.test import Client

from accounts.models import User, issue_token
from bench.measures import matters
from bench.people import People
from bench.recording import recorded
from bench.report import emit, median, say
from bench.server import Web
from common.clock import now
from issues.models import Issue

TIMES = max(5, int(os.environ.get("BENCH_ROUNDS", "5")) * 2)
BOUND = 20


def measure_actions(people: People, web: Web) -> bool:
    """Statements and times of every action that staff can take; nothing of it stays."""
    passed = True
    ratios: list[float] = []
    tokens: dict[str, str] = {}
    with transaction.atomic():
        issues = {
            name: matters.new(people) for name in ("main", "joiner", "returned", "outside", "rejected", "answered")
        }
        for step in matters.every_action():
            passed &= _measure(step, issues, ratios, tokens)
            matters.take(step, issues)
        transaction.set_rollback(True)
    emit("actions", actions=len(ratios), median_ratio=median(ratios), worst_ratio=max(ratios))
    return passed


def _measure(step: matters.Step, issues: dict[str, Issue], ratios: list[float], tokens: dict[str, str]) -> bool:
    issue = Issue.objects.get(pk=issues[step.on].pk)
    if step.username not in tokens:
        tokens[step.username] = issue_token(user=User.objects.get(username=step.username), at=now())
    client = Client(headers={"authorization": f"Token {tokens[step.username]}"})
    body = json.dumps({**matters.fields(step, issue, issues), "version": issue.version})
    path = f"/api/v1/issues/{issue.number}/actions/{step.action}/"

    def ask() -> None:
        answer: Any = client.post(path, body, content_type="application/json")
        assert answer.status_code == 200, (step.action, answer.status_code, answer.content[:400])

    rolled_back(ask)
    with recorded() as record:
        rolled_back(ask)
    texts = [row.text() for row in record.statements]
    mine, theirs = [], []
    for _time in range(TIMES):
        mine.append(rolled_back(ask))
        theirs.append(rolled_back(lambda: _run(texts)))
    ratio = median(mine) / median(theirs)
    ratios.append(ratio)
    few = len(texts) <= BOUND
    if not few:
        say("\n".join(text[:160] for text in texts))
    emit(
        "action",
        passed=few,
        action=step.action,
        statements=len(texts),
        bound=BOUND,
        median_ms=median(mine) * 1000,
        plain_ms=median(theirs) * 1000,
        ratio=ratio,
    )
    return few


def rolled_back(what: Callable[[], object]) -> float:
    """Do it in a savepoint and take it back; returns the seconds that it took."""
    with transaction.atomic():
        began = time.perf_counter()
        what()
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


def _run(texts: list[str]) -> None:
    with connection.cursor() as wrapped:
        cursor = wrapped.cursor
        for text in texts:
            cursor.execute(text)
            if cursor.description:
                cursor.fetchall()
