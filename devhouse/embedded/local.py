"""The embedded servers of this clone, with their data under `.local/`, shared by everything that runs in it.

`make run` starts them and stops them at its end. A `manage.py` command uses those that run; where none do it starts
them, and the last such command to end stops them again. Users hold a shared lock while they use the servers, so "the
last one" is whoever gets the lock alone; a command that was killed leaves servers that the next one finds and stops.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devhouse.embedded.postgres import Postgres
from devhouse.embedded.server import Server
from devhouse.embedded.valkey import Valkey
from govtrack import env


def ensure_local_env(base_dir: Path) -> None:
    """Write `.local/env` on the first start, complete it later, and read it into the environment.

    Values of the real environment win for this run. What is set there for the first time is what gets written: a
    clone first started with its own keys keeps them. Nothing happens where `DATABASE_URL` is set.
    """
    if env.env_str("DATABASE_URL"):
        return
    path = env.local_dir(base_dir) / env.LOCAL_FILE
    with _lock(env.local_dir(base_dir) / "run" / "env.lock", fcntl.LOCK_EX):
        known = env.read_env_file(path)
        complete = {**_first_values(), **known}
        if complete != known:
            env.write_env_file(path, complete)
    env.load_local_env(base_dir)


def _first_values() -> dict[str, str]:
    return {
        "SECRET_KEY": env.env_str("SECRET_KEY") or secrets.token_urlsafe(48),
        "PERSONAL_DATA_KEYS": env.env_str("PERSONAL_DATA_KEYS") or _new_key(),
        "DEMO": env.env_str("DEMO", "1"),
    }


def _new_key() -> str:
    """A key for Fernet: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def local_servers(base_dir: Path) -> list[Server]:
    """The embedded servers that this clone needs: one for each URL that the environment does not give."""
    local = env.local_dir(base_dir)
    needed: list[Server] = []
    if not env.env_str("DATABASE_URL"):
        needed.append(Postgres(local, port=env.env_int("EMBEDDED_POSTGRES_PORT", 0), password=_password(local)))
    if not env.env_str("REDIS_URL"):
        needed.append(Valkey(local, port=env.env_int("EMBEDDED_VALKEY_PORT", 0), password=_password(local)))
    return needed


def _password(local: Path) -> str:
    """The password of both servers, made once for this clone (mode 0600)."""
    path = local / "server-password"
    if not path.is_file():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(24))
        draft.replace(path)
    return path.read_text(encoding="utf-8").strip()


def start_local(base_dir: Path, *, with_parent: bool) -> list[Server]:
    """Start what is needed and not running yet, put the URLs into the environment, return the servers.

    `with_parent` ties the servers to the life of this process. Raises EmbeddedError where one does not start.
    """
    local = env.local_dir(base_dir)
    with _lock(local / "run" / "start.lock", fcntl.LOCK_EX):
        servers = local_servers(base_dir)
        for server in servers:
            if not server.adopt():
                server.start(with_parent=with_parent)
                _remember_port(base_dir, server)
    for server in servers:
        os.environ.update(server.environment())
    os.environ.setdefault("SEAL_TO", str(local / "journal-seals"))
    os.environ.setdefault("JOURNAL_KEY", str(local / "journal-key.pem"))
    return servers


def _remember_port(base_dir: Path, server: Server) -> None:
    path = env.local_dir(base_dir) / env.LOCAL_FILE
    known = env.read_env_file(path)
    name = f"EMBEDDED_{server.name.upper()}_PORT"
    if known.get(name) != str(server.port):
        env.write_env_file(path, {**known, name: str(server.port)})


@contextmanager
def _lock(path: Path, kind: int) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def embedded_session(base_dir: Path) -> Iterator[None]:
    """The servers for one `manage.py` command: found or started, and stopped by the last that used them."""
    ensure_local_env(base_dir)
    use = use_servers(env.local_dir(base_dir))
    servers: list[Server] = []
    try:
        servers = start_local(base_dir, with_parent=False)
        yield
    finally:
        _stop_if_last(use, servers)
        os.close(use)


def use_servers(local: Path) -> int:
    """Say that this process uses the servers, until the returned descriptor is closed or the process ends."""
    path = local / "run" / "users.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _stop_if_last(use: int, servers: list[Server]) -> None:
    """Stop the servers where nobody else holds the lock. While it is held alone nobody can start to use them."""
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for server in reversed(servers):
        server.stop()
