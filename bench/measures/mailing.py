"""Delivery of 10,000 e-mails to a local server, beside smtplib handing over the same messages, made beforehand.

Both send from as many processes, with a connection each, to a server in a process of its own. Ours claims, checks
rights and state, words, composes, sends and records; smtplib only sends.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import Manager, get_context
from typing import Any

from django.db import connection, transaction
from psycopg2.extras import execute_values

from accounts.models import User
from bench import mailer
from bench.report import alternate, emit, median
from common.clock import now
from communities.models import Membership, SubDistrict
from journal.services import Entry, record_many
from reminders.models import OutboxMessage
from reminders.services.outlets import email_channel

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
MAILS = 10_000
CONNECTIONS = 4
READERS = 200

_ISSUES = """
SELECT i.id FROM issues_issue i WHERE i.subdistrict_id = %s AND i.status IN ('dispatched', 'in_progress')
ORDER BY i.id DESC LIMIT %s
"""
_QUEUE = """
INSERT INTO reminders_outboxmessage
    (event_id, recipient_id, channel, via_id, mode, loud, state, attempts, created_at, next_attempt_at, error) VALUES %s
"""
_AGAIN = """
UPDATE reminders_outboxmessage SET state = 'queued', attempts = 0, sent_at = NULL, next_attempt_at = %s
WHERE id = ANY(%s)
"""


def measure_mail() -> bool:
    """Messages a second, ours and smtplib's."""
    ids = _queued()
    via = email_channel(now()).pk
    with _server() as port, Manager() as manager:
        os.environ |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "BENCH_SMTP_PORT": str(port)}
        context = get_context("spawn")
        barrier = manager.Barrier(CONNECTIONS)
        with ProcessPoolExecutor(CONNECTIONS, mp_context=context, initializer=mailer.set_up) as pool:

            def together(task: Any, *given: Sequence[Any]) -> list[Any]:
                return list(pool.map(task, [barrier] * CONNECTIONS, *given))

            def ours() -> float:
                _again(ids)
                return MAILS / _span(together(mailer.deliver, [via] * CONNECTIONS))

            made = together(mailer.compose, [ids[number::CONNECTIONS] for number in range(CONNECTIONS)])

            def plain() -> float:
                return MAILS / _span(together(mailer.hand_over, made))

            ours(), plain()
            mine, theirs = alternate(ours, plain, ROUNDS)
    sent = OutboxMessage.objects.filter(pk__in=ids, state="sent").count()
    ratio = median(mine) / median(theirs)
    passed = ratio >= 0.4 and sent == MAILS
    emit(
        "deliver_10000_mails",
        passed=passed,
        ratio=ratio,
        bound=0.4,
        per_second=median(mine),
        smtplib_per_second=median(theirs),
        connections=CONNECTIONS,
        readers=READERS,
        sent=sent,
    )
    return passed


def _queued() -> list[int]:
    """10,000 messages, each about an event of its own on an issue of its own, to 200 people."""
    at = now()
    area = SubDistrict.objects.get(code="GUICHENG")
    readers = [_reader(number, area) for number in range(READERS)]
    via = email_channel(at)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_ISSUES, [area.pk, MAILS])
        issues = [row[0] for row in cursor.fetchall()]
        entries = [
            Entry(subject_kind="issue", subject_id=issues[number % len(issues)], kind="urge", at=at)
            for number in range(MAILS)
        ]
        events = [
            pk for start in range(0, MAILS, 1000) for pk in record_many(entries[start : start + 1000], readers_of=())
        ]
        rows = [
            (pk, readers[number % READERS], "email", via.pk, "now", True, "queued", 0, at, at, "")
            for number, pk in enumerate(events)
        ]
        found = execute_values(cursor.cursor, _QUEUE + " RETURNING id", rows, page_size=1000, fetch=True)
    return [row[0] for row in found]


def _reader(number: int, area: SubDistrict) -> int:
    username = f"bench-mail-{number}"
    user, made = User.objects.get_or_create(
        username=username, defaults={"display_name": username, "email": f"{username}@bench.example.org"}
    )
    if made:
        Membership.objects.create(user=user, role="supervisor", subdistrict=area, started_at=now())
    return user.pk


def _again(ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_AGAIN, [now(), list(ids)])
        cursor.execute("VACUUM reminders_outboxmessage")


@contextmanager
def _server() -> Iterator[int]:
    command = [sys.executable, "-m", "bench.smtp"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.stdin.close()


def _span(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds from the first start to the last end."""
    return max(end for _start, end in spans) - min(start for start, _end in spans)
