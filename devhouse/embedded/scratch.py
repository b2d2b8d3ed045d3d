"""Servers of their own for tests: a fresh directory, free ports, no care for power loss, gone at the end."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devhouse.embedded import processes
from devhouse.embedded.postgres import Postgres
from devhouse.embedded.valkey import Valkey


@dataclass(frozen=True)
class ScratchServers:
    """A PostgreSQL and a Valkey that belong to one test run or one test."""

    postgres: Postgres
    valkey: Valkey

    def environment(self) -> dict[str, str]:
        """The environment that points the application at them."""
        return {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url}


@contextmanager
def scratch_servers(parent: Path, *, durable: bool = False) -> Iterator[ScratchServers]:
    """Start both servers under a new directory in `parent` and remove everything at the end.

    They die with this process. Directories that killed runs left in `parent` are removed first. `durable=True` keeps
    the append-only file and fsync, for tests that kill and restart a server and look for what survived.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    root = parent / f"run-{os.getpid()}-{secrets.token_hex(4)}"
    root.mkdir(mode=0o755)
    processes.write_state(root / "owner.json", os.getpid())
    password = secrets.token_urlsafe(24)
    servers = ScratchServers(
        Postgres(root, password=password, durable=durable), Valkey(root, password=password, durable=durable)
    )
    try:
        servers.postgres.start(with_parent=True)
        servers.valkey.start(with_parent=True)
        yield servers
    finally:
        servers.valkey.stop()
        servers.postgres.stop()
        shutil.rmtree(root, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for root in parent.glob("run-*"):
        if processes.read_state(root / "owner.json") is None:
            shutil.rmtree(root, ignore_errors=True)
