"""The embedded PostgreSQL: UTF-8, the built-in C.UTF-8 locale, SCRAM passwords, TCP on the loopback address only."""

import hmac
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from devhouse.embedded import binaries, processes
from devhouse.embedded.errors import EmbeddedError
from devhouse.embedded.identity import ServerIdentity, choose_identity, run_as
from devhouse.embedded.ports import LOOPBACK
from devhouse.embedded.server import Server, trim_log

USER = DATABASE = "govtrack"
APPLICATION = "govtrack_app"
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8")
SETTINGS = {
    "unix_socket_directories": "",
    "listen_addresses": LOOPBACK,
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
}
UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "128MB"}
SMALL_SHARED_MEMORY = 256 * 1024 * 1024


class Postgres(Server):
    """PostgreSQL under `root/postgres`, with the database `govtrack`."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    _identity: ServerIdentity | None = None

    @property
    def url(self) -> str:
        return self.url_for(DATABASE)

    def url_for(self, database: str) -> str:
        """The URL of another database of this server."""
        return f"postgres://{USER}:{quote(self.password)}@{LOOPBACK}:{self.port}/{database}"

    def application_url(self, database: str = DATABASE) -> str:
        """The URL of the role that owns nothing; its password tells nothing about the owner's."""
        password = hmac.digest(self.password.encode(), APPLICATION.encode(), "sha256").hex()
        return f"postgres://{APPLICATION}:{password}@{LOOPBACK}:{self.port}/{database}"

    def environment(self) -> dict[str, str]:
        """Both roles; `manage.py migrate` makes that of the application."""
        return {"DATABASE_URL": self.application_url(), "DATABASE_OWNER_URL": self.url}

    @property
    def identity(self) -> ServerIdentity:
        """The user that runs the server; decided once, when the directory above the data exists."""
        if self._identity is None:
            self.root.mkdir(parents=True, exist_ok=True)
            self._identity = choose_identity(binaries.postgres_bin() / "postgres", self.root)
        return self._identity

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").is_file():
            self.identity.own(self.data)
            self._forget_stale_lock()
            return
        draft = self.root / f"{self.name}.new-{secrets.token_hex(4)}"
        draft.mkdir(mode=0o700)
        self.identity.own(draft)
        password_file = self._password_file()
        try:
            made = run_as(
                self.identity,
                [
                    str(binaries.postgres_bin() / "initdb"),
                    f"--pgdata={draft}",
                    f"--username={USER}",
                    f"--pwfile={password_file}",
                    "--auth=scram-sha-256",
                    "--no-instructions",
                    *LOCALE,
                    *(() if self.durable else ("--no-sync",)),
                ],
                timeout=120,
            )
        finally:
            password_file.unlink(missing_ok=True)
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            words = (made.stderr.strip() or made.stdout.strip() or "no message").splitlines()[-1]
            raise EmbeddedError(f"initdb failed: {words}")
        draft.replace(self.data)

    def _password_file(self) -> Path:
        path = self.root / f".password-{secrets.token_hex(8)}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(self.password)
        self.identity.own(path)
        return path

    def _forget_stale_lock(self) -> None:
        """Remove `postmaster.pid` where its process is not PostgreSQL any more: a container reuses process ids."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if b"postgres" not in words:
            lock.unlink(missing_ok=True)

    def _spawn(self, parent_death: int) -> "subprocess.Popen[bytes]":
        trim_log(self.log)
        settings = {**SETTINGS, **({} if self.durable else UNSAFE), "port": str(self.port)}
        if _shared_memory_is_small():
            settings["dynamic_shared_memory_type"] = "mmap"
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return processes.spawn(
            [str(binaries.postgres_bin() / "postgres"), "-D", str(self.data), *options],
            log=self.log,
            cwd=Path("/"),
            parent_death=parent_death,
            user=self.identity.user,
            prefix=self.identity.prefix,
        )

    def _is_ready(self) -> bool:
        """The eighth line of `postmaster.pid` says so, without a connection."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        own = self.process is not None and lines[:1] == [str(self.process.pid)]
        return own and len(lines) >= 8 and lines[7].strip() == "ready"

    def _prepare(self) -> None:
        """Create the database at the first start."""
        import psycopg2

        connection = psycopg2.connect(self.url_for("postgres"), connect_timeout=10)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()


def _shared_memory_is_small() -> bool:
    """True where /dev/shm is missing or as small as a container's default: parallel queries would fail on it."""
    try:
        facts = os.statvfs("/dev/shm")  # noqa: S108 - the kernel's shared memory, not a temporary file
    except OSError:
        return True
    return facts.f_blocks * facts.f_frsize < SMALL_SHARED_MEMORY
