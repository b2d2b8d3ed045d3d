"""Processes are known by id and start time together."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from devhouse.embedded import processes
from devhouse.embedded.postgres import Postgres
from devhouse.embedded.processes import Identity


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])


def test_a_reused_process_id_is_somebody_else() -> None:
    own = Identity.of(os.getpid())
    assert own.alive()
    assert not Identity(own.pid, own.started - 1).alive()


def test_state_of_an_ended_process_is_forgotten(tmp_path: Path) -> None:
    process = sleeper()
    path = tmp_path / "note.json"
    processes.write_state(path, process.pid, port=1)
    state = processes.read_state(path)
    assert state is not None
    assert state["port"] == 1
    process.kill()
    process.wait()
    assert processes.read_state(path) is None


def test_a_zombie_counts_as_ended(tmp_path: Path) -> None:
    process = sleeper()
    identity = Identity.of(process.pid)
    process.kill()
    assert identity.wait_gone(60)
    process.wait()


def test_broken_notes_are_no_notes(tmp_path: Path) -> None:
    path = tmp_path / "note.json"
    for text in ("", "[]", json.dumps({"pid": "x"})):
        path.write_text(text, encoding="utf-8")
        assert processes.read_state(path) is None


def test_a_child_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, time; from pathlib import Path; from devhouse.embedded import processes;"
        "p = processes.spawn([sys.executable, '-S', '-c', 'import time; time.sleep(60)'],"
        f"log=Path({str(tmp_path / 'log')!r}), parent_death=signal.SIGTERM.value);"
        f"processes.write_state(Path({str(tmp_path / 'note.json')!r}), p.pid); print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert parent.stdout is not None
    parent.stdout.readline()
    time.sleep(0.3)
    state = processes.read_state(tmp_path / "note.json")
    assert state is not None
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert processes.identity_of(state).wait_gone(60)


def test_a_server_whose_parent_died_is_waited_for_and_not_taken_over(tmp_path: Path) -> None:
    """It goes down by itself, in its own time: who takes over its address finds nobody there a moment later."""
    parent = sleeper()
    facts = processes.facts_of(parent.pid)
    slow = "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: (time.sleep(0.5), sys.exit()));"
    server = subprocess.Popen(
        [sys.executable, "-S", "-c", f"{slow} print('up', flush=True); time.sleep(60)"], stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    server.stdout.readline()
    postgres = Postgres(tmp_path, port=1, password="x")
    note = {"port": 1, "password": "x", "url": "", "parent": facts}
    processes.write_state(postgres.state_path, server.pid, **note)
    assert postgres.adopt()
    parent.kill()
    parent.wait()
    assert not postgres.adopt()
    assert server.poll() is not None or not Identity.of(server.pid).alive()
