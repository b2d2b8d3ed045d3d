"""Taking a back-up beside the running product: one snapshot of the database, and the files that its rows name.

The snapshot comes first and the files after it, so no row names bytes that came later; what is deleted meanwhile is an
original whose photo has got its sizes (the large one stands in for it) or an upload that nobody claimed. Nothing of the
name of an archive exists before it is whole: it is written beside and renamed.
"""

import fcntl
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from accounts.sessions import StoredSession
from common.clock import local
from common.ownership import as_owner
from files import storage
from files.enums import FileKind, FileState
from files.models import StoredFile
from govtrack.backup import configuration, keys, programs
from govtrack.backup.archive import CONFIGURATION, DATABASE, FILES, PIECE, Member, Recipient, write
from govtrack.backup.errors import BackupError
from journal.models import Event

logger = logging.getLogger(__name__)

_BATCH: Final = 500
_UNFINISHED: Final = ".part"
_NO_RECIPIENT: Final = (
    "BACKUP_RECIPIENT is not set: the public key of age, age1…, of who may read the back-up (docs/operations.md)."
)


@dataclass
class Taken:
    """A back-up that was taken: where it is, its manifest, and whether it takes an identity to read it."""

    path: Path
    manifest: dict[str, Any]
    encrypted: bool


def take(folder: Path, *, at: datetime) -> Taken:
    """Write one archive into ``folder`` and return it. Raises BackupError, and then nothing new is there."""
    recipients = keys.recipients()
    if not recipients and not settings.DEMO:
        raise BackupError(_NO_RECIPIENT)
    name = f"govtrack-{local(at):%Y%m%d-%H%M%S}.tar{'.age' if recipients else ''}"
    with as_owner(), _new_file(folder, name) as out:
        manifest = _write(out, recipients, at)
    return Taken(folder / name, manifest, bool(recipients))


@contextmanager
def _new_file(folder: Path, name: str) -> Iterator[IO[bytes]]:
    """A file that gets its name when the block has ended well; what a killed run left beside it goes."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(folder)
        draft = folder / f".{name}.{os.getpid()}{_UNFINISHED}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            try:
                yield out
                out.flush()
                os.fsync(out.fileno())
                draft.rename(folder / name)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"The back-up in {folder} was not taken: {error}.") from error


def _sweep(folder: Path) -> None:
    for draft in folder.glob(f".govtrack-*{_UNFINISHED}"):
        with draft.open("rb") as left:
            try:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # another back-up is writing it
            draft.unlink(missing_ok=True)


def _write(out: IO[bytes], recipients: list[Recipient], at: datetime) -> dict[str, Any]:
    major = programs.check("pg_dump", programs.server_major())
    with transaction.atomic(), tempfile.TemporaryFile() as errors:
        snapshot = _snapshot()
        options = ["--format=custom", f"--snapshot={snapshot}", "--lock-wait-timeout=60s"]
        options.append(f"--exclude-table-data={StoredSession._meta.db_table}")
        with programs.start("pg_dump", *options, errors=errors, stdout=subprocess.PIPE) as dump:
            try:
                contents = _Contents(dump, errors)
                return write(out, contents.members(), recipients=recipients, facts=lambda: contents.facts(at, major))
            finally:
                dump.kill()


def _snapshot() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        return str(cursor.fetchone()[0])


class _Contents:
    """What goes into the archive, and what its manifest says of it."""

    def __init__(self, dump: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
        self._dump, self._errors = dump, errors
        self._missing = 0

    def members(self) -> Iterator[Member]:
        """Configuration, files, database. Raises BackupError where pg_dump fails."""
        kept = configuration.text().encode()
        yield Member(CONFIGURATION, len(kept), [kept])
        for name in _files():
            file = _open(name)
            if file is None:
                self._missing += 1
                logger.warning("the storage has no bytes of %s, which a row names", name)
                continue
            with file:
                yield Member(f"{FILES}/{name}", file.size, iter(partial(file.read, PIECE), b""))
        yield from self._database()

    def _database(self) -> Iterator[Member]:
        read = cast("IO[bytes]", self._dump.stdout).read
        for number, piece in enumerate(iter(partial(read, PIECE), b"")):
            yield Member(f"{DATABASE}/{number:06}", len(piece), [piece])
        if self._dump.wait() != 0:
            raise BackupError(f"pg_dump failed: {programs.reason(self._errors)}.")

    def facts(self, at: datetime, major: int) -> dict[str, Any]:
        """Versions, counts and the fingerprints of the keys that are needed besides the archive."""
        applied = MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name")
        return {
            "at": at.isoformat(),
            "postgresql": major,
            "migrations": [f"{app}.{name}" for app, name in applied],
            "events": Event.objects.count(),
            "missing_files": self._missing,
            "personal_data_keys": keys.of_personal_data(),
            "secret_key": keys.fingerprint(settings.SECRET_KEY),
        }


def _files() -> Iterator[str]:
    """The names that rows of the snapshot need: of a photo its sizes, or, where they are not made yet, its original."""
    last = 0
    while rows := list(StoredFile.objects.filter(pk__gt=last).order_by("pk")[:_BATCH]):
        for row in rows:
            whole = row.kind != FileKind.PHOTO or row.state == FileState.WAITING
            yield from filter(None, [row.original] if whole else [row.large, row.small])
        last = rows[-1].pk


def _open(name: str) -> Any:
    """The bytes of a file; None where there are none."""
    try:
        return storage.open_file(name)
    except FileNotFoundError:
        public_id = name.split("/")[1]
        made = next((part for part in storage.names_of(public_id) if "/large-" in part), None)
        return storage.open_file(made) if made and name.endswith("/original") else None
