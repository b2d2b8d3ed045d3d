"""`manage.py serve` in a copy of this clone, with a PATH that holds nothing but a shell."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from devhouse.embedded import ports, processes
from govtrack import probe

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.long, pytest.mark.serial, pytest.mark.kill]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".local", "node_modules", "tests", "bench", "docs")
PARTS = ("web", "worker", "beat", "postgres", "valkey")
READY_SECONDS = END_SECONDS = 240
Found = TypeVar("Found")


class Served:
    """One running `manage.py serve` and what is known of its processes."""

    def __init__(self, clone: Path, port: int, path: Path) -> None:
        self.clone, self.port = clone, port
        self.output = path
        self.process = processes.spawn(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            log=path,
            env=bare_environment(clone),
            cwd=clone,
            parent_death=signal.SIGTERM,
        )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_ready(self) -> "Served":
        until(lambda: f"Ready: http://127.0.0.1:{self.port}/" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        return self

    def note(self, part: str) -> dict[str, Any]:
        """What is noted of this part; one that ended with what it leaned on is waited for until it is back."""
        path = self.clone / ".local" / "run" / f"{part}.json"
        return until(lambda: processes.read_state(path))

    def identities(self) -> dict[str, processes.Identity]:
        return {part: processes.identity_of(self.note(part)) for part in PARTS}

    def wait_answer(self, status: int, missing: list[str]) -> None:
        """/readyz says this. Where Redis is late by a moment it says something else, once."""
        until(lambda: self._answer() == (status, missing))

    def _answer(self) -> tuple[int, list[str] | None]:
        status, body = probe.ask("/readyz", port=self.port)
        return status, json.loads(body)["missing"] if status in (200, 503) else None

    def wait_ready_again(self) -> None:
        self.wait_answer(200, [])


def bare_environment(clone: Path) -> dict[str, str]:
    """No tool in PATH but a shell; no configuration but `no demo`."""
    tools = clone.parent / "bin"
    tools.mkdir(exist_ok=True)
    for name in ("sh", "unshare"):
        found = shutil.which(name)
        if found and not (tools / name).exists():
            (tools / name).symlink_to(found)
    return {"PATH": str(tools), "HOME": str(clone.parent), "LANG": "C.UTF-8", "DEMO": "0"}


def until(condition: Callable[[], Found | None], seconds: float = READY_SECONDS) -> Found:
    """What was found at last. A test judges this and does not ask again."""
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, "it took too long"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("serve")
    for path in (home, home.parent, home.parent.parent):
        path.chmod(0o755)
    target = home / "clone"
    shutil.copytree(ROOT, target, ignore=LEFT_OUT, symlinks=True)
    yield target
    for part in ("supervisor", *PARTS):
        state = processes.read_state(target / ".local" / "run" / f"{part}.json")
        if state is not None:
            processes.identity_of(state).signal(signal.SIGKILL)
    shutil.rmtree(target, ignore_errors=True)


@pytest.fixture
def serve(clone: Path, tmp_path: Path) -> Iterator[Callable[[], Served]]:
    started: list[Served] = []

    def start() -> Served:
        started.append(Served(clone, ports.choose(), tmp_path / f"output-{len(started)}"))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.terminate()
            served.process.wait(END_SECONDS)


def test_a_killed_supervisor_is_no_obstacle_for_the_next_start_and_ctrl_c_leaves_nothing(
    serve: Callable[[], Served],
) -> None:
    served = serve().wait_ready()
    identities = served.identities()
    served.process.kill()
    served.process.wait()
    again = serve().wait_ready()
    assert [part for part, identity in identities.items() if identity.alive()] == []
    until(lambda: probe.ask("/healthz", port=again.port)[0] == 200)
    identities = again.identities()
    os.killpg(again.process.pid, signal.SIGINT)
    assert again.process.wait(END_SECONDS) == 0
    assert [part for part, identity in identities.items() if identity.alive()] == []


def test_a_port_in_use_is_one_line(clone: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=clone,
            env=bare_environment(clone),
            capture_output=True,
            text=True,
            timeout=END_SECONDS,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use: choose another, for example PORT=8010 make run.\n"


def command(clone: Path, *arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=clone,
        env={**bare_environment(clone), **extra},
        capture_output=True,
        text=True,
        timeout=END_SECONDS,
        check=False,
    )


def test_a_missing_secret_is_one_line(clone: Path) -> None:
    done = command(clone, "check", DATABASE_URL="postgres://x@127.0.0.1:9/x", REDIS_URL="redis://127.0.0.1:9/0")
    assert done.returncode == 1
    assert done.stderr == "SECRET_KEY is not set. Set it in the environment (docs/operations.md lists every name).\n"


def test_commands_bring_servers_where_none_run(clone: Path) -> None:
    alone = command(clone, "sweep_deadlines")
    assert alone.returncode == 0, alone.stderr
    json.loads(alone.stdout.strip().splitlines()[-1])
    assert processes.read_state(clone / ".local" / "run" / "postgres.json") is None


@pytest.fixture(scope="module")
def served(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that runs on, for the tests after which it still does. SIGTERM ends it and leaves nothing."""
    running = Served(clone, ports.choose(), tmp_path_factory.mktemp("served") / "output")
    try:
        yield running.wait_ready()
        identities = running.identities()
        running.process.terminate()
        assert running.process.wait(END_SECONDS) == 0
        assert [part for part, identity in identities.items() if identity.alive()] == []
        assert not list((clone / ".local" / "run").glob("*.json"))
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(END_SECONDS)


def test_what_it_says_and_answers(served: Served) -> None:
    assert "Demo accounts" not in served.said()
    served.wait_ready_again()


def test_a_second_start_in_the_same_directory_is_refused(served: Served, serve: Callable[[], Served]) -> None:
    second = serve()
    assert second.process.wait(END_SECONDS) == 1
    assert second.said().strip() == (
        f"GovTrack runs in this directory already at http://127.0.0.1:{served.port}/ (process {served.process.pid})."
    )
    served.wait_ready_again()


def test_commands_find_the_running_servers(clone: Path, served: Served) -> None:
    postgres = served.note("postgres")["pid"]
    beside = command(clone, "verify_journal")
    assert beside.returncode == 0, beside.stderr
    shown = command(clone, "shell", "-c", "from django.conf import settings; print(settings.PUBLIC_URL)")
    assert f"http://127.0.0.1:{served.port}" in shown.stdout.splitlines(), "links lead to what is served"
    assert served.note("postgres")["pid"] == postgres
    served.wait_ready_again()


@pytest.mark.parametrize("part", ["worker", "beat", "web"])
def test_a_child_that_dies_is_started_again(served: Served, part: str) -> None:
    before = served.note(part)["pid"]
    os.kill(before, signal.SIGKILL)
    until(lambda: f"{part} ended (signal SIGKILL)" in served.said())
    until(lambda: (processes.read_state(served.clone / f".local/run/{part}.json") or {}).get("pid", before) != before)
    served.wait_ready_again()


def test_a_database_server_that_dies_is_started_again(served: Served) -> None:
    for part in ("postgres", "valkey"):
        os.kill(served.note(part)["pid"], signal.SIGKILL)
        until(lambda part=part: f"{part} ended" in served.said())  # type: ignore[misc]
    served.wait_ready_again()


def test_a_stopped_worker_shows(served: Served) -> None:
    """SIGSTOP: the process exists and does nothing; /readyz must not be fooled."""
    worker = served.note("worker")["pid"]
    os.killpg(worker, signal.SIGSTOP)
    try:
        served.wait_answer(503, ["worker"])
        until(lambda: probe.ask("/healthz", port=served.port)[0] == 200)
    finally:
        os.killpg(worker, signal.SIGCONT)
    served.wait_ready_again()
