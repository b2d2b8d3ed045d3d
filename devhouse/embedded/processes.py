"""Processes by identity: a process id alone may have been given to somebody else since it was written down."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAUNCHER = Path(__file__).with_name("launch.py")
POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Identity:
    """A process id with the start time that the kernel gives it (clock ticks since boot; 0 where unknown)."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Identity":
        return cls(pid, _start_ticks(pid))

    def alive(self) -> bool:
        """True while this very process runs; a zombie counts as ended."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return _start_ticks(self.pid) == self.started and not _is_zombie(self.pid)

    def signal(self, number: int) -> None:
        """Send a signal where the process still runs; silently nothing otherwise."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def wait_gone(self, seconds: float) -> bool:
        """True as soon as the process has ended, False when it still runs after `seconds`."""
        limit = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > limit:
                return False
            time.sleep(POLL_SECONDS)
        return True


def _stat_fields(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _start_ticks(pid: int) -> int:
    fields = _stat_fields(pid)
    return int(fields[19]) if len(fields) > 19 else 0


def _is_zombie(pid: int) -> bool:
    fields = _stat_fields(pid)
    return bool(fields) and fields[0] == "Z"


def launcher(parent_death: int, user: tuple[int, int] | None = None) -> list[str]:
    """What goes before a command so that the kernel sends it this signal when this process dies; see `spawn`."""
    uid, gid = user or (-1, -1)
    return [sys.executable, "-S", "-E", str(LAUNCHER), str(os.getpid()), str(int(parent_death)), str(uid), str(gid)]


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    parent_death: int = 0,
    user: tuple[int, int] | None = None,
    prefix: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    `parent_death` is the signal that the kernel sends it when this process dies (0: it lives on), `user` a (uid, gid)
    to become first, `prefix` a command that runs the launcher (unshare).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab", opener=private) as output:
        return subprocess.Popen(
            [*prefix, *launcher(parent_death, user), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )


def private(path: str, flags: int) -> int:
    """Opens a log that its owner alone reads, one from before too: names and numbers may stand in it."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def end(process: subprocess.Popen[bytes], *, first: int, seconds: float) -> None:
    """Ask a child to end with signal `first`; kill its whole group after `seconds`."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()


def kill_group(pid: int) -> None:
    """SIGKILL to the process group that `pid` leads; nothing where it is gone."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def facts_of(pid: int) -> dict[str, int]:
    """What tells a process from a later one of the same number, as notes hold it."""
    identity = Identity.of(pid)
    return {"pid": identity.pid, "started": identity.started}


def write_state(path: Path, pid: int, **facts: Any) -> None:
    """Note a running process beside the facts that others need to use it (mode 0600, replaced at once)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({**facts_of(pid), **facts}, file)
    draft.replace(path)


def read_state(path: Path) -> dict[str, Any] | None:
    """The facts of a noted process while that very process runs; None otherwise."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        identity = Identity(int(state["pid"]), int(state["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(state) if identity.alive() else None


def identity_of(state: Mapping[str, Any]) -> Identity:
    """The process that a state file speaks of."""
    return Identity(int(state["pid"]), int(state["started"]))
