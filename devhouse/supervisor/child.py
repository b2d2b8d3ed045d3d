"""One supervised child: started in a session of its own, noted in a file, restarted with a growing pause."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devhouse.embedded import processes
from devhouse.embedded.server import trim_log

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
HEALTHY_SECONDS = 60.0


@dataclass
class Child:
    """What to run, and how it has fared. Times are seconds of the monotonic clock."""

    name: str
    command: Sequence[str]
    base_dir: Path
    local: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    started: float = field(default=0.0, init=False)
    pause: float = field(default=FIRST_PAUSE, init=False)
    due: float = field(default=0.0, init=False)
    restarts: int = field(default=0, init=False)

    @property
    def log(self) -> Path:
        """Its output."""
        return self.local / "log" / f"{self.name}.log"

    @property
    def state_path(self) -> Path:
        """The note that lets the next start find it after a crash of the supervisor."""
        return self.local / "run" / f"{self.name}.json"

    def start(self) -> None:
        """Start it now."""
        trim_log(self.log)
        self.process = processes.spawn(self.command, log=self.log, cwd=self.base_dir, parent_death=signal.SIGTERM.value)
        processes.write_state(self.state_path, self.process.pid)
        self.started = time.monotonic()

    def watch(self, now: float, report: Callable[[str], None]) -> None:
        """Note an end and restart when its pause is over; a minute of health forgets earlier failures."""
        if self.process is None:
            if now >= self.due:
                self.restarts += 1
                self.start()
            return
        code = self.process.poll()
        if code is None:
            if now - self.started > HEALTHY_SECONDS:
                self.pause = FIRST_PAUSE
            return
        processes.kill_group(self.process.pid)
        self.process = None
        self.due = now + self.pause
        report(f"{self.name} ended ({_cause(code)}); it starts again in {self.pause:.0f} s (log: {self.log})")
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def ask_to_end(self) -> None:
        """SIGTERM: finish what is in hand."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_end(self, limit: float) -> None:
        """Wait until the monotonic time `limit`, then kill the whole group."""
        if self.process is not None:
            try:
                self.process.wait(max(0.0, limit - time.monotonic()))
            except subprocess.TimeoutExpired:
                processes.kill_group(self.process.pid)
                self.process.wait()
            processes.kill_group(self.process.pid)
            self.process = None
        self.state_path.unlink(missing_ok=True)


def _cause(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def end_leftovers(run: Path, names: Sequence[str], seconds: float = 10.0) -> list[str]:
    """End children that an earlier supervisor left when it was killed; the names of those that were there."""
    found = []
    for name in names:
        path = run / f"{name}.json"
        state = processes.read_state(path)
        if state is not None:
            identity = processes.identity_of(state)
            identity.signal(signal.SIGTERM)
            found.append((name, identity))
        path.unlink(missing_ok=True)
    limit = time.monotonic() + seconds
    for _name, identity in found:
        if not identity.wait_gone(max(0.0, limit - time.monotonic())):
            processes.kill_group(identity.pid)
            identity.wait_gone(2)
    return [name for name, _identity in found]
