"""The drill: an office that people write in is backed up, restored on an empty machine, and works on there.

The old machine keeps its files in a directory, the new one in a bucket. What must not be restored is refused in one
line before anything is touched; a run that is killed leaves nothing that looks like a back-up or a restored system.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from pytest_django import DjangoDbBlocker

from devhouse.embedded import ScratchServers, scratch_servers
from govtrack.backup.archive import Identity
from tests.support.migrated import fill
from tests.support.s3_server import BUCKET, KEY, SECRET, S3Server, s3_server
from tests.support.standing import Standing

pytestmark = [pytest.mark.long, pytest.mark.serial, pytest.mark.kill, pytest.mark.django_db]
BASE = Path(__file__).resolve().parents[3]
READER = Identity.generate()
KEYS = {"SECRET_KEY": token_urlsafe(48), "PERSONAL_DATA_KEYS": f"{token_urlsafe(48)},{token_urlsafe(48)}"}
PATIENCE = 240.0


@dataclass
class Machine:
    """One installation: a database with both roles, a storage of files, a folder for seals and back-ups."""

    servers: ScratchServers
    database: str
    folder: Path
    files_url: str
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self, **other: str) -> dict[str, str]:
        """Of every process here; DEMO, for the cast has the demonstration's names."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **kept,
            **KEYS,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": self.servers.postgres.application_url(self.database),
            "DATABASE_OWNER_URL": self.servers.postgres.url_for(self.database),
            "REDIS_URL": self.servers.valkey.url,
            "FILES_URL": self.files_url,
            "SEAL_TO": str(self.folder / "seals"),
            "ALLOWED_HOSTS": "testserver",
            "DEMO": "1",
            "BACKUP_RECIPIENT": str(READER.to_public()),
            **other,
        }

    def manage(self, *arguments: object, **other: str) -> "subprocess.CompletedProcess[str]":
        """A command of manage.py."""
        return self._run([sys.executable, "manage.py", *map(str, arguments)], **other)

    def office(self, step: str, **other: str) -> dict[str, Any]:
        """A step of the office, which must succeed."""
        done = self._run([sys.executable, "-m", "tests.support.office_to_save", step], **other)
        assert done.returncode == 0, done.stderr[-3000:]
        return dict(json.loads(done.stdout))

    def _run(self, command: list[str], **other: str) -> "subprocess.CompletedProcess[str]":
        env = self.environment(**other)
        return subprocess.run(
            command,
            cwd=BASE,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
            stdin=subprocess.DEVNULL,
        )

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        """A command that is not waited for."""
        return subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=BASE, env=self.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """A cursor of the owner, in one transaction that is rolled back."""
        connection = psycopg2.connect(self.servers.postgres.url_for(self.database))
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def value(self, statement: str) -> Any:
        """The first value of the first row."""
        with self.connected() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]

    def is_empty(self) -> bool:
        """Whether the database has no table."""
        return bool(self.value("SELECT count(*) = 0 FROM pg_tables WHERE schemaname = 'public'"))

    def others(self) -> list[bool]:
        """The other sessions in the database: whether each waits for a lock."""
        with self.connected() as cursor:
            cursor.execute(
                "SELECT coalesce(wait_event_type = 'Lock', false) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL"
            )
            return [row[0] for row in cursor.fetchall()]


def until(found: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < limit, what
        time.sleep(0.05)


@pytest.fixture(scope="module")
def old(
    standing: Standing, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """An office at work."""
    folder = tmp_path_factory.mktemp("old")
    with scratch_servers(BASE / ".local" / "scratch-backup") as servers:
        machine = Machine(servers, "govtrack", folder, (folder / "files").as_uri())
        with django_db_blocker.unblock():
            standing.begin([])
            fill(servers.postgres.url)
        machine.office("build", DATABASE_URL=servers.postgres.url)
        assert machine.manage("prepare_roles").returncode == 0
        yield machine


@pytest.fixture(scope="module")
def archive(old: Machine) -> Path:
    """A back-up that was taken while somebody wrote."""
    writer = old.start("-m", "tests.support.office_to_save", "write")
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        done = old.manage("backup", old.folder / "backups")
        assert done.returncode == 0, done.stderr
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    (found,) = (old.folder / "backups").iterdir()
    assert re.fullmatch(r"govtrack-\d{8}-\d{6}\.tar\.age", found.name)
    assert found.stat().st_mode & 0o777 == 0o600
    assert "to be kept elsewhere: PERSONAL_DATA_KEYS, fingerprint" in done.stdout
    return found


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("identity") / "key.txt"
    path.write_text(f"# public key: {READER.to_public()}\n{READER}\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("bucket")) as server:
        yield server


@pytest.fixture(scope="module")
def new(bucket: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine that has never seen the office."""
    url = f"s3://{KEY}:{quote(SECRET, safe='')}@127.0.0.1:{bucket.port}/{BUCKET}?tls=0"
    with scratch_servers(BASE / ".local" / "scratch-backup") as servers:
        yield Machine(servers, "govtrack", tmp_path_factory.mktemp("new"), url)


def test_a_broken_archive_touches_nothing(
    new: Machine, bucket: S3Server, archive: Path, identity: Path, tmp_path: Path
) -> None:
    """What else is refused before anything is touched: tests/unit/govtrack/test_backup_archive.py."""
    half = tmp_path / "half"
    half.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    done = new.manage("restore", half, "--identity", identity)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "is damaged or not whole" in done.stderr
    assert new.is_empty()
    assert not list(bucket.objects.iterdir())


def test_a_restore_that_is_killed_leaves_the_database_empty(new: Machine, archive: Path, identity: Path) -> None:
    with new.connected() as cursor:
        cursor.execute("CREATE TABLE issues_issue (id int)")  # which the dump brings too: it has to wait for this one
        running = new.start("manage.py", "restore", archive, "--identity", identity)
        until(lambda: any(new.others()), "the restore reaches the database")
        running.kill()
        running.wait()
    until(lambda: not new.others(), "its session ends")
    assert new.is_empty()


def test_the_office_goes_on_elsewhere(new: Machine, archive: Path, identity: Path) -> None:
    done = new.manage("restore", archive, "--identity", identity)
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"restored the back-up of 20\S+: \d+ files, [\d,]+ bytes of database, 0 migrations since", done.stdout
    )
    assert re.search(r"ok: \d+ events in \d+ chains verified, 1 seals hold", done.stdout)
    seals = archive.parent.parent / "seals"  # the one thing that is set otherwise there
    assert done.stderr == f"set otherwise where the back-up was taken: SEAL_TO={seals}\n"
    found = new.office("go_on")
    assert found["page"] == [302, "/console/"]
    assert found["acted"] == 200
    assert found["steps"][1:] == [found["steps"][0] + 1, "progress"]
    assert found["sizes made"]["ready"] == 1
    assert {kind: status for kind, (status, _size) in found["opened"].items()} == {"photo": 200, "document": 200}
    assert found["lost"] == []
    assert found["files"] >= 3
    assert found["issues"] >= 2
    assert found["restored"] == 1
    verified = new.manage("verify_journal")
    assert verified.returncode == 0, verified.stderr
    assert new.value("SELECT count(*) FROM accounts_storedsession") == 1  # the one that signed in here
    assert not new.value("SELECT pg_has_role('govtrack_app', relowner, 'MEMBER') FROM pg_class"
                         " WHERE relname = 'journal_event'")  # fmt: skip


def test_a_database_with_rows_is_refused(old: Machine, archive: Path, identity: Path) -> None:
    events = old.value("SELECT count(*) FROM journal_event")
    done = old.manage("restore", archive, "--identity", identity)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "The database govtrack is not empty" in done.stderr
    assert old.value("SELECT count(*) FROM journal_event") == events


def test_a_back_up_that_is_killed_leaves_nothing_of_that_name(old: Machine, tmp_path: Path) -> None:
    with old.connected() as cursor:
        cursor.execute("LOCK TABLE deadlines_deadline")
        running = old.start("manage.py", "backup", tmp_path)
        until(lambda: any(old.others()), "pg_dump reaches the table")
        running.kill()
        running.wait()
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(".")] == []
    until(lambda: not old.others(), "its sessions end")
    done = old.manage("backup", tmp_path)
    assert done.returncode == 0, done.stderr
    (only,) = tmp_path.iterdir()
    assert str(only) in done.stdout


def test_nobody_named_to_read_it(old: Machine, tmp_path: Path) -> None:
    """Outside the demonstration it is refused; in it the archive is plain, and says so."""
    refused = old.manage("backup", tmp_path, BACKUP_RECIPIENT="", DEMO="0")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
    assert "BACKUP_RECIPIENT is not set" in refused.stderr
    assert list(tmp_path.iterdir()) == []
    done = old.manage("backup", tmp_path, BACKUP_RECIPIENT="")
    assert done.returncode == 0, done.stderr
    assert "NOT ENCRYPTED" in done.stderr
    (plain,) = tmp_path.iterdir()
    assert plain.suffix == ".tar"
    text = plain.read_bytes()
    for secret in ",".join(KEYS.values()).split(","):
        assert secret.encode() not in text
    assert old.servers.postgres.password.encode() not in text
