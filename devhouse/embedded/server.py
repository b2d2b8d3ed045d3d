"""What the two embedded servers have in common: start, wait until ready, stop, and the note that others find."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from devhouse.embedded import ports, processes
from devhouse.embedded.errors import EmbeddedError

READY_SECONDS = 60.0
ATTEMPTS = 5
STOP_SECONDS = 15.0


class Server(ABC):
    """One embedded server with its data under `root`.

    `durable=False` trades safety against power loss for speed and is for tests only. The server listens on the
    loopback address alone and asks for `password`.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[int]

    def __init__(self, root: Path, *, port: int = 0, password: str, durable: bool = True) -> None:
        self.root = root
        self.port = port
        self.password = password
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.root / self.name

    @property
    def log(self) -> Path:
        """Where the server's own output goes."""
        return self.root / "log" / f"{self.name}.log"

    @property
    def state_path(self) -> Path:
        """The note of the running server: process, port and URL (mode 0600)."""
        return self.root / "run" / f"{self.name}.json"

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL that Django, Celery and the clients take."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The variables that point a clone at it."""

    @abstractmethod
    def _initialise(self) -> None:
        """Create the data directory where there is none."""

    @abstractmethod
    def _spawn(self, parent_death: int) -> "subprocess.Popen[bytes]":
        """Start the server process."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """True once clients are served."""

    def _prepare(self) -> None:  # noqa: B027 - optional step
        """What is to be done once the server is ready for the first time."""

    def adopt(self) -> bool:
        """Take over the address of a server that runs already on this data. False where none does.

        One whose parent has died is going down: it is waited for and not taken over.
        """
        state = processes.read_state(self.state_path)
        if state is None:
            return False
        if "parent" in state and not processes.identity_of(state["parent"]).alive():
            self._stop_other(STOP_SECONDS)
            return False
        self.port = int(state["port"])
        self.password = str(state["password"])
        return True

    def start(self, *, with_parent: bool, same_port: bool = False) -> None:
        """Start and wait until clients are served; `with_parent` ends it when this process dies.

        A port that is taken is replaced by another, except where clients know it already (`same_port`).
        Raises EmbeddedError with the last line of the server's log where it does not come up.
        """
        self._initialise()
        for attempt in range(ATTEMPTS):
            if not same_port:
                self.port = ports.choose(self.port if attempt < ATTEMPTS - 1 else 0)
            self.process = self._spawn(self.stop_signal if with_parent else 0)
            if self._wait_ready():
                facts: dict[str, Any] = {"port": self.port, "password": self.password, "url": self.url}
                if with_parent:
                    facts["parent"] = processes.facts_of(os.getpid())
                processes.write_state(self.state_path, self.process.pid, **facts)
                self._prepare()
                return
            processes.end(self.process, first=signal.SIGKILL, seconds=5)
            time.sleep(0.5 * 2**attempt)  # children of one that was killed may hold its memory for some seconds
        raise EmbeddedError(f"The embedded {self.name} server does not start: {self.last_words()} (log: {self.log})")

    def running(self) -> bool:
        """True while a server runs on this data, whoever started it."""
        if self.process is not None:
            return self.process.poll() is None
        return processes.read_state(self.state_path) is not None

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop the server in order, whoever started it; kill it after `seconds`."""
        if self.process is not None:
            processes.end(self.process, first=self.stop_signal, seconds=seconds)
            self.process = None
        else:
            self._stop_other(seconds)
        self.state_path.unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        if self.process is not None:
            processes.kill_group(self.process.pid)
            self.process.wait()
            self.process = None

    def last_words(self) -> str:
        """The last line of the server's log that says something."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it left no log"
        spoken = [line.strip() for line in lines[-40:] if line.strip()]
        telling = [line for line in spoken if "FATAL" in line or "rror" in line]
        return (telling or spoken or ["it left no log"])[-1]

    def _wait_ready(self) -> bool:
        limit = time.monotonic() + READY_SECONDS
        while time.monotonic() < limit:
            if self.process is None or self.process.poll() is not None:
                return False
            if self._is_ready():
                return True
            time.sleep(processes.POLL_SECONDS)
        return False

    def _stop_other(self, seconds: float) -> None:
        state = processes.read_state(self.state_path)
        if state is None:
            return
        identity = processes.identity_of(state)
        identity.signal(self.stop_signal)
        if not identity.wait_gone(seconds):
            processes.kill_group(identity.pid)
            identity.wait_gone(5)


def trim_log(path: Path, limit: int = 10 * 1024 * 1024) -> None:
    """Start a log anew where it has grown beyond `limit` bytes; the old one stays as `.1`."""
    try:
        if path.stat().st_size > limit:
            path.replace(path.with_name(path.name + ".1"))
    except FileNotFoundError:
        return
