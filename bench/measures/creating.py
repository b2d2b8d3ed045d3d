"""Creating by the API with four clients, beside a script that runs the same statements; then the backlog."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client

from bench.people import People, dismiss_twins
from bench.recording import Record, recorded
from bench.report import alternate, emit, median
from bench.server import BASE, Web
from common.clock import now
from issues.models import Issue
from journal.models import Event, Pending
from reminders.models import Notification, OutboxMessage
from reminders.services import delivery
from reminders.services.fan_out import fan_out

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
CLIENTS = 4


def body_of(people: People) -> dict[str, Any]:
    """A clerk logs what a resident says on the telephone."""
    return {
        "description": "幸福路口积水没过脚踝，行人和电动车都要绕行。昨晚下雨后一直没有退，请派人看看雨水口。",
        "community": people.community.name_zh,
        "category": people.category.code,
        "kind": "complaint",
        "source": "phone",
        "address": "幸福路12号门前",
        "contact_name": "陈先生",
        "contact_phone": "19900003456",
    }


def measure_create(people: People, web: Web) -> bool:
    """Statements of one create, rate of four clients beside the script's, time to work off what they left."""
    dismiss_twins()
    body = json.dumps(body_of(people), ensure_ascii=False)
    record, created = _one(people, body)
    few = len(record.statements) <= 14
    emit("create_statements", passed=few, statements=len(record.statements), bound=14)
    script = _script(record, created)
    requests = [web.request("POST", "/api/v1/issues/", token=token, body=body) for token in people.creators]
    _drain()
    web.load(requests, clients=CLIENTS, seconds=1, status=201)
    before = Issue.objects.count()

    def ours() -> float:
        found = web.load(requests, clients=CLIENTS, seconds=SECONDS * 2, status=201)
        return float(found["count"] / found["seconds"])

    mine, theirs = alternate(ours, lambda: _run(script, SECONDS * 2), ROUNDS)
    fast = median(mine) >= 0.25 * median(theirs)
    emit(
        "create",
        passed=fast,
        ratio=median(mine) / median(theirs),
        bound=0.25,
        per_second=median(mine),
        script_per_second=median(theirs),
        clients=CLIENTS,
        created=Issue.objects.count() - before,
    )
    _drained()
    return few and fast


def _one(people: People, body: str) -> tuple[Record, Issue]:
    """A create within this process, the second of two; its statements and what it made."""
    client = Client(headers={"authorization": f"Token {people.creators[0]}"})
    for _time in range(2):
        with recorded() as record:
            answer = client.post("/api/v1/issues/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    return record, Issue.objects.get(number=answer.json()["number"])


def _script(record: Record, issue: Issue) -> Path:
    """The statements with marks where each run has values of its own: number, token, ids."""
    steps = [{"sql": _marked(row.text(), issue), "in_transaction": row.in_transaction} for row in record.statements]
    path = Path(os.environ["BENCH_RECORDINGS"]) / "create.json"
    settings = connection.settings_dict
    job = {
        "dsn": os.environ["DATABASE_URL"],
        "options": settings["OPTIONS"].get("options", ""),
        "prefix": issue.number[: -len("000000")],
        "steps": steps,
    }
    path.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    return path


def _marked(sql: str, issue: Issue) -> str:
    sql = sql.replace("{", "{{").replace("}", "}}")
    sql = sql.replace(f"'{issue.number}'", "'{number}'").replace(f"'{issue.token}'", "'{token}'")
    if sql.startswith('INSERT INTO "issues_issue"'):
        sql = sql.replace(f" {issue.serial}, '{{number}}'", " {serial}, '{number}'")
        return sql.replace(f" {issue.contact_id},", " {contact},")
    return re.sub(rf"(?<![\w'.-]){issue.pk}(?![\w'.-])", "{issue}", sql)


def _run(script: Path, seconds: float) -> float:
    """Transactions a second of the script's four clients."""
    command = [sys.executable, str(BASE / "bench" / "script.py"), str(script), str(CLIENTS), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(json.loads(done.stdout)["per_second"])


def _drain() -> None:
    while fan_out(at=now()).events:
        pass
    delivery.deliver(clock=now)


def _drained() -> None:
    """Time to work off what the creates left, as one worker does."""
    connection.close()
    waiting = Pending.objects.count()
    before = Notification.objects.count()
    began = time.monotonic()
    while fan_out(at=now()).events:
        pass
    told = time.monotonic() - began
    messages = OutboxMessage.objects.filter(state="pending").count()
    began = time.monotonic()
    delivery.deliver(clock=now)
    emit(
        "create_backlog",
        events=waiting,
        notifications=Notification.objects.count() - before,
        fan_out_seconds=told,
        messages=messages,
        delivery_seconds=time.monotonic() - began,
    )
    with transaction.atomic():
        assert not Pending.objects.exists()
    assert Event.objects.exists()
