"""`manage.py serve`: servers, migrations, demo data, then web, worker and beat until it is told to stop."""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from devhouse.embedded import EmbeddedError, ports, processes
from devhouse.embedded.launch import die_with_parent
from devhouse.embedded.local import ensure_local_env, start_local, use_servers
from devhouse.embedded.server import Server
from devhouse.supervisor.child import Child, end_leftovers
from govtrack import env, probe

CHILDREN = ("web", "worker", "beat")
STOP_SECONDS = 12.0
READY_SECONDS = 120.0
TICK_SECONDS = 0.2
DEMO_ACCOUNTS = (
    ("clerk", "夏东社区 工作人员 / community staff"),
    ("secretary", "夏东社区 书记 / community secretary"),
    ("clerk2", "大德社区 工作人员 / community staff"),
    ("officer", "市政管理办公室 承办人 / officer"),
    ("officer2", "水务管理办公室 承办人 / officer"),
    ("head", "市政管理办公室 负责人 / head of department"),
    ("leader", "碧湖花园 楼长 / building leader"),
    ("supervisor", "街道社会治理办 / supervisor"),
    ("deputy", "分管领导 / line leader"),
    ("director", "街道主要领导 / head of the sub-district"),
    ("admin", "系统管理员 / administrator"),
)
DEMO_PASSWORD = "guicheng-demo"  # noqa: S105 - public by contract, for demo installations only


class ServeError(Exception):
    """The product cannot be served; the message is one readable line."""


class Stop(Exception):  # noqa: N818 - no error, the end that was asked for
    """Somebody asked for the end."""


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


def serve(base_dir: Path, arguments: list[str]) -> int:
    """Run everything in the foreground until SIGINT or SIGTERM. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="manage.py serve", description="Serve web, worker and beat in the foreground, with embedded servers."
    )
    parser.add_argument("--port", type=int, help="the port of the web server (default: PORT, else 8000)")
    options = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays in force
            signal.signal(number, _raise_stop)
    if os.environ.get("MAKELEVEL"):
        die_with_parent(0, signal.SIGTERM)
    try:
        Supervisor(base_dir, _port(options.port)).run()
    except (ServeError, EmbeddedError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except Stop:
        pass
    return 0


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop


def _port(option: int | None) -> int:
    word = str(option) if option is not None else env.env_str("PORT", "8000")
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise SystemExit(f"PORT must be a number from 1 to 65535, not {word!r}.")
    return int(word)


class Supervisor:
    """Everything that `make run` keeps alive in one clone."""

    def __init__(self, base_dir: Path, port: int) -> None:
        self.base_dir = base_dir
        self.local = env.local_dir(base_dir)
        self.run_dir = self.local / "run"
        self.port = port
        self.url = f"http://{ports.LOOPBACK}:{port}"
        self.servers: list[Server] = []
        self.children: list[Child] = []
        self.lock = self.use = -1

    def run(self) -> None:
        """Start, watch, stop. Raises ServeError where the start fails, Stop when asked to end."""
        self._take_lock()
        try:
            self._make_room()
            ensure_local_env(self.base_dir)
            if not env.env_str("DEMO"):
                os.environ["DEMO"] = "1"
            os.environ["PORT"] = str(self.port)
            os.environ.setdefault("PUBLIC_URL", self.url)
            self.use = use_servers(self.local)
            self.servers = start_local(self.base_dir, with_parent=True)
            self._prepare()
            os.environ.pop("DATABASE_OWNER_URL", None)  # what serves people may not change tables
            self._start_children()
            self._wait_ready()
            while True:
                self._tick()
        finally:
            self._stop()

    def _take_lock(self) -> None:
        """One supervisor in a clone, after one that is stopping; the kernel frees the lock when its process dies."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.lock = os.open(self.run_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        note = self.run_dir / "supervisor.json"
        limit = time.monotonic() + STOP_SECONDS * 3
        while not self._lock_is_mine():
            state = processes.read_state(note) or {}
            if (state and not state.get("stopping")) or time.monotonic() > limit:
                where = f" at {state['url']}/ (process {state['pid']})" if state else ""
                raise ServeError(f"GovTrack runs in this directory already{where}.")
            time.sleep(TICK_SECONDS)
        processes.write_state(note, os.getpid(), url=self.url)

    def _lock_is_mine(self) -> bool:
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _make_room(self) -> None:
        """End what a killed supervisor left, then look whether the port is free."""
        left = end_leftovers(self.run_dir, CHILDREN)
        if left:
            say(f"Ended what an earlier run had left: {', '.join(left)}")
        if not ports.is_free(self.port):
            raise ServeError(f"Port {self.port} is in use: choose another, for example PORT=8010 make run.")

    def _prepare(self) -> None:
        """Migrations, and the demo data where there are none yet."""
        say("Preparing the database")
        command = [sys.executable, str(self.base_dir / "manage.py"), "prepare", "--forget-heartbeats"]
        process = subprocess.Popen(command, cwd=self.base_dir, stdin=subprocess.DEVNULL)
        try:
            code = process.wait()
        except Stop:
            process.terminate()
            process.wait()
            raise
        if code != 0:
            raise ServeError("The database could not be prepared (the reason stands above).")

    def _start_children(self) -> None:
        metrics = self.run_dir / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        python = sys.executable
        celery = [python, "-m", "celery", "--app", "govtrack"]
        commands = {
            "web": [
                *(python, "-m", "gunicorn", "--config", "govtrack/gunicorn_conf.py"),
                *("--bind", f"{ports.LOOPBACK}:{self.port}", "govtrack.wsgi:application"),
            ],
            "worker": [
                *(*celery, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"),
                *("--concurrency", env.env_str("WORKER_PROCESSES", "2")),
            ],
            "beat": [*celery, "beat", "--loglevel", "INFO", "--schedule", str(self.run_dir / "beat-schedule")],
        }
        commands["beat"] += ["--pidfile="]
        for name in CHILDREN:
            child = Child(name, commands[name], self.base_dir, self.local)
            self.children.append(child)
            child.start()

    def _wait_ready(self) -> None:
        """Wait for /readyz while restarting what ends; tell once what is missing when it takes too long."""
        limit = time.monotonic() + READY_SECONDS
        told = False
        while True:
            ready, missing = self._ask()
            if ready:
                break
            if time.monotonic() > limit and not told:
                told = True
                say(f"Not ready yet: {missing} (logs: {self.local / 'log'})")
            self._tick()
        say(f"Ready: {self.url}/")
        if env.env_bool("DEMO"):
            self._show_accounts()
        say(f"Logs: {self.local / 'log'} (e-mail of the demo is written to worker.log). Ctrl-C stops everything.")

    def _ask(self) -> tuple[bool, str]:
        """Is it ready, and else what /readyz says is missing."""
        status, body = probe.ask("/readyz", port=self.port)
        return status == 200, _missing(body)

    def _show_accounts(self) -> None:
        say(f"Demo accounts (password {DEMO_PASSWORD}), sign in at {self.url}/login/")
        for name, who in DEMO_ACCOUNTS:
            say(f"  {name:<12}{who}")

    def _tick(self) -> None:
        now = time.monotonic()
        for child in self.children:
            child.watch(now, say)
        for server in self.servers:
            if not server.running():
                self._revive(server)
        time.sleep(TICK_SECONDS)

    def _revive(self, server: Server) -> None:
        """Start a database server that ended, on the port that the children know."""
        say(f"{server.name} ended; it starts again (log: {server.log})")
        try:
            server.start(with_parent=True, same_port=True)
        except EmbeddedError as error:
            say(f"{error}")
            time.sleep(TICK_SECONDS * 10)

    def _stop(self) -> None:
        """Children first, database servers last; a second signal does not interrupt it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes.write_state(self.run_dir / "supervisor.json", os.getpid(), url=self.url, stopping=True)
        limit = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.wait_end(limit)
        for server in reversed(self.servers):
            server.stop()
        (self.run_dir / "supervisor.json").unlink(missing_ok=True)
        for descriptor in (self.use, self.lock):
            if descriptor != -1:
                os.close(descriptor)


def _missing(body: bytes) -> str:
    if not body:
        return "the web server does not answer"
    try:
        checks = json.loads(body)["checks"]
        return ", ".join(f"{name}: {fact['detail']}" for name, fact in checks.items() if not fact["ok"])
    except (ValueError, KeyError, TypeError):
        return "the web server answers with an error"
