"""What stands around an installation in the kill tests: other ends as processes, somebody who restarts what died, time.

None of it knows what is killed, or when.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg2

from devhouse.embedded import ports, processes
from tests.support.http_sink import read_log
from tests.support.robot_sinks import SINKS

BASE = Path(__file__).resolve().parents[2]
RESTART_SECONDS = 1.0
TIMES = 10
"""How much faster than usual time passes, for what waits in the database and for the schedule (tests.kill.quick)."""

_TIME_PASSES = """
UPDATE reminders_outboxmessage SET next_attempt_at = next_attempt_at - %(more)s
WHERE state = 'queued' AND attempts > 0 AND next_attempt_at > now();
UPDATE reminders_outboxmessage SET claimed_at = claimed_at - %(more)s
WHERE state = 'claimed' AND claimed_at < now() - interval '5 s';
UPDATE reminders_deliverychannel SET open_until_at = open_until_at - %(more)s WHERE open_until_at > now();
"""


class Kept:
    """A process that is started again when it dies."""

    def __init__(self, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        self._start = start
        self.process = start()

    @property
    def pid(self) -> int:
        """Of the present one."""
        return self.process.pid

    def start(self) -> None:
        """Start it again."""
        self.process = self._start()

    def is_down(self) -> bool:
        """Whether it died."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """SIGKILL, its children too."""
        processes.kill_group(self.pid)
        self.process.wait()


class Outside(Kept):
    """Another end, a process on a port that it keeps; its log says what it accepted, whatever becomes of it."""

    def __init__(self, name: str, logs: Path, module: str, *options: str) -> None:
        self.port, self.log = ports.choose(), logs / f"{name}.jsonl"
        command = [sys.executable, "-m", module, *options, "--port", str(self.port), "--log", str(self.log)]
        output = logs / f"{name}.log"
        super().__init__(lambda: processes.spawn(command, log=output, cwd=BASE, parent_death=signal.SIGKILL))

    def listens(self) -> bool:
        """Whether it takes connections."""
        return not ports.is_free(self.port)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """Its log."""
        return read_log(self.log)

    @property
    def ids(self) -> list[str]:
        """The stable ids of what it accepted, in order, repeats too."""
        return [entry["id"] for entry in self.entries if entry["what"] == "accepted"]

    @property
    def refusals(self) -> list[dict[str, Any]]:
        """What it had to refuse, and what no well-behaved client does."""
        return [entry for entry in self.entries if entry["what"] != "accepted"]

    def count(self) -> int:
        """How much it accepted; cheap."""
        with suppress(FileNotFoundError):
            return self.log.read_bytes().count(b"\n")
        return 0


def mail_server(logs: Path) -> Outside:
    """An SMTP server."""
    return Outside("smtp", logs, "tests.kill.mail_server")


class Robot(Outside):
    """A group's robot with its vendor's rules."""

    def __init__(self, kind: str, logs: Path) -> None:
        super().__init__(kind, logs, "tests.support.robot_sinks", "--kind", kind)
        self.path = SINKS[kind].path

    @property
    def url(self) -> str:
        """The address to configure a channel with."""
        return f"http://127.0.0.1:{self.port}{self.path}"


@dataclass
class Supervisor:
    """Starts again what died, a second later, as the supervisor and compose do."""

    watched: list[Kept] = field(default_factory=list)
    restarts: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until ``end``."""
        while not self._ended.wait(0.2):
            down = [kept for kept in self.watched if kept.is_down()]
            if down and not self._ended.wait(RESTART_SECONDS):
                for kept in down:
                    kept.start()
                    self.restarts += 1

    def end(self) -> None:
        """Restart nothing any more."""
        self._ended.set()


@contextmanager
def supervised(*watched: Kept) -> Iterator[Supervisor]:
    """A supervisor at work, who lets everything rest at the end."""
    supervisor = Supervisor(list(watched))
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    try:
        yield supervisor
    finally:
        supervisor.end()
        thread.join()
        for kept in watched:
            kept.kill()


@contextmanager
def time_passes_quickly(url: str) -> Iterator[None]:
    """What waits in the database waits a tenth as long: pauses, open circuits, claims of the dead."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(1):
            with suppress(psycopg2.Error):
                connection = psycopg2.connect(url, connect_timeout=2)
                try:
                    with connection, connection.cursor() as cursor:
                        cursor.execute("SET statement_timeout = '2s'")
                        cursor.execute(_TIME_PASSES, {"more": timedelta(seconds=TIMES - 1)})
                finally:
                    connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    """A process and all its children stand still for as long as this lasts; one that has just died does anyway."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    for process in family:
        with suppress(psutil.Error):
            process.suspend()
    try:
        yield
    finally:
        for process in reversed(family):
            with suppress(psutil.Error):
                process.resume()


def stand_still(pid: int, seconds: float) -> None:
    """A process and all its children stand still for so long."""
    with hanging(pid):
        time.sleep(seconds)
