"""Servers, a mail sink and worker processes of their own for the kill tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from celery import Celery
from pytest_django import DjangoDbBlocker

from devhouse.embedded import ScratchServers, processes, scratch_servers
from tests.kill.outside import Outside, mail_server
from tests.support.migrated import fill
from tests.support.smtp_sink import SmtpSink
from tests.support.standing import Standing

BASE = Path(__file__).resolve().parents[2]
ISSUES = 12
TEMPLATE = "govtrack"
CROWD = 5000
CROWDED = "crowded"
WAIT_SECONDS = 240.0
POLL_SECONDS = 0.1


def wait_until(found: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS, every: float = POLL_SECONDS) -> Any:
    """What ``found`` returns as soon as it is true; fails after ``seconds``."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        value = found()
        if value:
            return value
        time.sleep(every)
    raise AssertionError(f"within {seconds:.0f} s: {what}")


@dataclass
class House:
    """One database of the scratch servers, its workers, and what the tests ask of them."""

    servers: ScratchServers
    email_url: str
    database: str
    logs: Path
    due: int
    children: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    killed: set[int] = field(default_factory=set)
    _reading: Any = field(default=None, init=False)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of this installation: its role owns nothing."""
        own = {"DATABASE_URL": self.servers.postgres.application_url(self.database)}
        return {**environment(self.servers, self.database, self.email_url), **own}

    def worker(self) -> "subprocess.Popen[bytes]":
        """Start a worker with two processes."""
        return self._celery("worker", "--concurrency", "2", "--without-gossip", "--without-mingle")

    def beat(self) -> "subprocess.Popen[bytes]":
        """Start the schedule."""
        return self._celery("beat", "--schedule", str(self.logs / f"beat-{self.database}"), "--pidfile=")

    def quick_beat(self) -> "subprocess.Popen[bytes]":
        """Start the schedule with every interval a tenth as long."""
        return self._celery(
            "beat", "--schedule", str(self.logs / f"quick-{self.database}"), "--pidfile=", app="tests.kill.quick"
        )

    def _celery(self, name: str, *options: str, app: str = "govtrack") -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "celery", "--app", app, name, "--loglevel", "INFO", *options]
        child = processes.spawn(
            command,
            log=self.logs / f"{name}.log",
            env=self.environment,
            cwd=BASE,
            parent_death=signal.SIGKILL,
        )
        self.children.append(child)
        return child

    def supervise(self, found: Callable[[], Any]) -> Callable[[], Any]:
        """``found``, with every worker that ended by itself started again, as the supervisor and compose do."""

        def look() -> Any:
            for child in [row for row in self.children if row.poll() is not None and row.pid not in self.killed]:
                self.killed.add(child.pid)
                self.worker()
            return found()

        return look

    def kill(self, child: "subprocess.Popen[bytes]") -> None:
        """SIGKILL to the process and all its children, as when the machine loses power."""
        self.killed.add(child.pid)
        processes.kill_group(child.pid)
        child.wait()

    def send(self, task: str, queue: str = "default") -> None:
        """Send a task as the schedule does."""
        with Celery(broker=self.servers.valkey.url, set_as_current=False) as sender:
            sender.send_task(task, queue=queue)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, by a connection that is kept until it breaks: tests look ten times a second."""
        try:
            return self._read(statement, values)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            self.read_anew()
            return self._read(statement, values)

    def _read(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._reading is None:
            self._reading = self._connect()
            self._reading.autocommit = True
        with self._reading.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

    def read_anew(self) -> None:
        """Forget the kept connection."""
        if self._reading is not None:
            self._reading.close()
        self._reading = None

    def _connect(self) -> Any:
        return psycopg2.connect(self.servers.postgres.url_for(self.database), connect_timeout=10)

    def value(self, statement: str, *values: Any) -> Any:
        """The first value of the first row."""
        return self.rows(statement, *values)[0][0]

    def change(self, statement: str, *values: Any) -> None:
        """Change something, as the passing of time would."""
        with self.connected() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)

    @contextmanager
    def connected(self) -> "Iterator[Any]":
        """A connection that commits at the end."""
        connection = self._connect()
        try:
            yield connection
            connection.commit()
        finally:
            connection.close()

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        return run([sys.executable, "manage.py", *arguments], self.environment)

    def scenario(self, *arguments: str) -> dict[str, Any]:
        """What a step of the scenario prints."""
        return dict(json.loads(run([sys.executable, "-m", "tests.kill.scenario", *arguments], self.environment)))

    def blocked(self) -> bool:
        """Whether a session of the application waits for a lock."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
        return bool(self.value(waiting, self.database))

    def assert_each_rung_once(self, expected: int) -> None:
        """Each rung exactly once in the journal, and in the inbox of everybody it concerns."""
        fired = self.rows(
            "SELECT data->>'deadline', data->>'rung', count(*) FROM journal_event WHERE kind = 'remind' GROUP BY 1, 2"
        )
        assert len(fired) == expected
        assert {row[2] for row in fired} == {1}
        assert not self.rows(
            "SELECT e.id FROM journal_event e WHERE kind = 'remind' AND NOT EXISTS"
            " (SELECT 1 FROM reminders_notification n WHERE n.event_id = e.id)"
        )
        repeated = "SELECT 1 FROM reminders_notification GROUP BY event_id, user_id HAVING count(*) > 1"
        assert not self.rows(repeated)
        assert self.value("SELECT count(*) FROM deadlines_deadline WHERE next_rung_at <= now()") == 0

    def everything_told(self) -> bool:
        """Whether no deadline is due, no event waits and no message is to be sent."""
        return not self.value(
            "SELECT (SELECT count(*) FROM deadlines_deadline WHERE next_rung_at <= now())"
            " + (SELECT count(*) FROM journal_pending WHERE reader = 'notifications')"
            " + (SELECT count(*) FROM reminders_outboxmessage WHERE state IN ('queued', 'claimed'))"
        )


@dataclass
class Installation(House):
    """A small one, whose mail goes to a server in this process."""

    sink: SmtpSink = field(default_factory=SmtpSink)


@dataclass
class Crowd(House):
    """One with CROWD due reminders, whose mail goes to a server in a process of its own."""

    mail: Outside = field(kw_only=True)


def environment(servers: ScratchServers, database: str, email_url: str) -> dict[str, str]:
    """The environment of a process: the scratch servers, the sink, nothing of the caller's configuration.

    The made-up domain of the tests is installed, too.
    """
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": servers.postgres.url_for(database),
        "REDIS_URL": servers.valkey.url,
        "EMAIL_URL": email_url,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "LOG_FORMAT": "text",
    }


def run(command: list[str], env: dict[str, str]) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(command, cwd=BASE, env=env, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def servers() -> Iterator[ScratchServers]:
    """PostgreSQL and Valkey that keep what they acknowledged."""
    with scratch_servers(BASE / ".local" / "scratch-kill", durable=True) as started:
        yield started


@pytest.fixture(scope="session")
def due(servers: ScratchServers, standing: Standing, django_db_blocker: DjangoDbBlocker) -> int:
    """The template database: ISSUES issues with everything due. Returns how many deadlines are due.

    What migrations make comes out of the tests' own database, which is there because these are marked ``django_db``.
    """
    with django_db_blocker.unblock():
        standing.begin([])
        fill(servers.postgres.url_for(TEMPLATE))
    owners = environment(servers, TEMPLATE, "consolemail://")
    built = run([sys.executable, "-m", "tests.kill.scenario", "build", str(ISSUES)], owners)
    split = {"DATABASE_OWNER_URL": owners["DATABASE_URL"], "DATABASE_URL": servers.postgres.application_url(TEMPLATE)}
    run([sys.executable, "manage.py", "prepare_roles"], {**owners, **split})
    return int(json.loads(built)["due"])


@pytest.fixture(scope="session")
def crowd_due(servers: ScratchServers, due: int) -> int:
    """Another template: CROWD issues, a tenth of them with a second department, each with one reminder due."""
    copy(servers, TEMPLATE, CROWDED)
    built = run(
        [sys.executable, "-m", "tests.kill.scenario", "multiply", str(CROWD)],
        environment(servers, CROWDED, "consolemail://"),
    )
    return int(json.loads(built)["due"])


@pytest.fixture
def installation(servers: ScratchServers, due: int, tmp_path: Path, request: Any) -> Iterator[Installation]:
    """A fresh copy of the template database, an empty broker, a mail sink; every child is gone at the end."""
    name = f"kill_{abs(hash(request.node.name)) % 10**8}"
    copy(servers, TEMPLATE, name)
    with SmtpSink() as sink:
        made = Installation(servers, sink.url, name, tmp_path, due, sink=sink)
        try:
            yield made
        finally:
            clear(made)


@pytest.fixture
def crowd(servers: ScratchServers, crowd_due: int, tmp_path: Path, request: Any) -> Iterator[Crowd]:
    """A fresh copy of the crowded database, an empty broker, a mail server; every child is gone at the end."""
    name = f"kill_{abs(hash(request.node.name)) % 10**8}"
    copy(servers, CROWDED, name)
    mail = mail_server(tmp_path)
    made = Crowd(servers, f"smtp://127.0.0.1:{mail.port}", name, tmp_path, crowd_due, mail=mail)
    try:
        yield made
    finally:
        mail.kill()
        clear(made)


def copy(servers: ScratchServers, template: str, name: str) -> None:
    """A database like another."""
    admin = psycopg2.connect(servers.postgres.url_for("postgres"), connect_timeout=10)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    admin.close()


def clear(house: House) -> None:
    """End what it started, and empty the broker."""
    for child in house.children:
        house.kill(child)
    house.read_anew()
    redis.Redis.from_url(house.servers.valkey.url).flushall()
