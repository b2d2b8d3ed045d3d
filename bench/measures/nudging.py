"""How long after a create somebody has it in the inbox, while 20 creates a second run: server, broker and worker.

Timed from the moment at which the issue was made (which is before its commit) until another connection sees the first
notification; the look-out adds up to POLL_SECONDS.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from queue import Empty, Queue
from typing import Any

import psycopg2
from django.db import connection

from bench.measures.creating import body_of
from bench.people import People, dismiss_twins
from bench.report import emit, median
from bench.server import BASE, Web
from common.clock import now
from issues.models import Issue
from reminders.models import Notification
from reminders.services.fan_out import fan_out

PER_SECOND = 20
SECONDS = float(os.environ.get("BENCH_NUDGE_SECONDS", "60"))
CLIENTS = 8
BOUND = 2.0
POLL_SECONDS = 0.02
PATIENCE = 60.0
_SEEN = "SELECT DISTINCT subject_id FROM reminders_notification WHERE id > %s AND kind = 'create'"


def measure_nudge(people: People, web: Web) -> bool:
    """The 99th percentile, the median and the longest; none may be forgotten, and the creates must keep their rate."""
    dismiss_twins()
    while fan_out(at=now()).events:
        pass
    body = json.dumps(body_of(people), ensure_ascii=False)
    with _worker():
        _awake(web, people.creators[0], body)
        with _lookout() as seen:
            began = time.monotonic()
            numbers = _create(web, people.creators, body)
            rate = len(numbers) / (time.monotonic() - began)
            made = dict(Issue.objects.filter(number__in=numbers).values_list("id", "created_at"))
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until and not made.keys() <= seen.keys():
                time.sleep(POLL_SECONDS)
    lost = len(made.keys() - seen.keys())
    times = sorted((seen[pk] - at).total_seconds() for pk, at in made.items() if pk in seen)
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    passed = p99 < BOUND and not lost and len(made) == len(numbers) and rate >= 0.95 * PER_SECOND
    emit(
        "nudge",
        passed=passed,
        p99_seconds=p99,
        bound=BOUND,
        median_seconds=median(times),
        longest_seconds=times[-1],
        creates=len(numbers),
        creates_per_second=rate,
        never_told=lost,
    )
    return passed


def _create(web: Web, tokens: list[str], body: str) -> list[str]:
    """PER_SECOND creates a second for SECONDS, by clients that keep their connections; the numbers that were given."""
    jobs: Queue[tuple[float, str]] = Queue()
    start = time.monotonic()
    for turn in range(int(PER_SECOND * SECONDS)):
        jobs.put((start + turn / PER_SECOND, tokens[turn % len(tokens)]))
    numbers: list[str] = []
    errors: list[Exception] = []

    def client() -> None:
        to = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
        try:
            while True:
                at, token = jobs.get_nowait()
                time.sleep(max(0.0, at - time.monotonic()))
                numbers.append(_post(to, token, body))
        except Empty:
            to.close()
        except Exception as error:  # noqa: BLE001 (raised again below)
            errors.append(error)

    clients = [threading.Thread(target=client) for _number in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    if errors:
        raise errors[0]
    return numbers


def _post(to: http.client.HTTPConnection, token: str, body: str) -> str:
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    to.request("POST", "/api/v1/issues/", body.encode(), headers)
    answer = to.getresponse()
    content = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status}: {content[:200]!r}")
    return str(json.loads(content)["number"])


def _awake(web: Web, token: str, body: str) -> None:
    """Wait until the worker has told of a create by itself."""
    to = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    pk = Issue.objects.get(number=_post(to, token, body)).pk
    to.close()
    told = Notification.objects.filter(subject_id=pk, kind="create")
    for _attempt in range(300):
        if told.exists():
            return
        time.sleep(0.2)
    raise RuntimeError("the worker told of nothing")


@contextmanager
def _lookout() -> Iterator[dict[int, datetime]]:
    """A thread that notes when it first sees a notification of each new issue, on a connection of its own."""
    latest = Notification.objects.order_by("-id").values_list("id", flat=True).first() or 0
    seen: dict[int, datetime] = {}
    ended = threading.Event()

    def look() -> None:
        own = psycopg2.connect(os.environ["DATABASE_URL"])
        own.autocommit = True
        with own.cursor() as cursor:
            while not ended.wait(POLL_SECONDS):
                cursor.execute(_SEEN, [latest])
                at = now()
                for (pk,) in cursor.fetchall():
                    seen.setdefault(pk, at)
        own.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


@contextmanager
def _worker() -> Iterator["subprocess.Popen[Any]"]:
    """The product's worker with two processes, and an empty broker."""
    from govtrack.celery import app

    connection.close()
    app.control.purge()
    command = [sys.executable, "-m", "celery", "--app", "govtrack", "worker", "--concurrency", "2"]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "ERROR"]
    process = subprocess.Popen(command, cwd=BASE, env=os.environ, stdout=sys.stderr)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
