"""Restoring a back-up into an empty installation. Nothing is touched before every byte of the archive was checked.

Files come first, the database last and in one transaction: a run that is killed leaves it empty, and may be repeated;
after that one it is whole. The application's role is given its rights at the very end: until the journal was verified
nothing can serve people.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, cast

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max

from common.ownership import as_owner, has_owner
from files import storage
from govtrack.backup import configuration, keys, programs
from govtrack.backup.archive import CONFIGURATION, DATABASE, FILES, Identity, Member, is_encrypted, members_of, verify
from govtrack.backup.errors import BackupError
from govtrack.database_roles import RolesError, prepare_roles
from journal import installation, sealing
from journal.models import Event
from journal.verification import verify as verify_journal

RESTORED: Final = "restored"
"""The kind of the event that tells of it."""
_PLAIN: Final = "{path} is not encrypted: only a demonstration (DEMO=1) takes such a back-up."
_ENCRYPTED: Final = "{path} is encrypted: name the file with the identity that reads it (IDENTITY=…)."
_NOT_EMPTY: Final = (
    "The database {name} is not empty, it has {n} tables: a back-up is restored into a new one (docs/operations.md)."
)
_NEWER: Final = "{path} was written by a newer version of this product, with {name}: install that one first."
_BROKEN: Final = (
    "The database was restored and does not hold: {problem}. Do not work with it; the application's role was given no "
    "rights."
)


@dataclass(frozen=True)
class Restored:
    """What was done: the manifest, migrations that were new, how the journal stands, what is set otherwise here."""

    manifest: dict[str, Any]
    migrations: int
    events: int
    chains: int
    seals: int
    later_seals: int
    differences: list[str]


def restore(path: Path, identity: Path | None, *, at: datetime) -> Restored:
    """Read an archive into the empty database and the storage of this installation. Raises BackupError."""
    identities = _readers(path, identity)
    manifest = verify(path, identities)
    keys.check(manifest["personal_data_keys"])
    with as_owner():
        _check_target(path, manifest)
        differences = _read(path, identities)
        migrations = _migrate(manifest)
        restored = _verified(manifest, migrations, differences)
        installation.note(RESTORED, at, of=manifest["at"], database=manifest["parts"][DATABASE]["sha256"])
    if has_owner():
        try:
            prepare_roles()
        except RolesError as error:
            raise BackupError(f"The database was restored, but: {error}") from error
    return restored


def _readers(path: Path, identity: Path | None) -> list[Identity]:
    if not is_encrypted(path):
        if not settings.DEMO:
            raise BackupError(_PLAIN.format(path=path))
        return []
    if identity is None:
        raise BackupError(_ENCRYPTED.format(path=path))
    return keys.identities(identity)


def _check_target(path: Path, manifest: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
        )
        tables = cursor.fetchone()[0]
    if tables:
        raise BackupError(_NOT_EMPTY.format(name=connection.settings_dict["NAME"], n=tables))
    programs.check("pg_restore", manifest["postgresql"], what="back-up")
    known = {f"{app}.{name}" for app, name in MigrationLoader(connection, ignore_no_migrations=True).disk_migrations}
    if unknown := sorted(set(manifest["migrations"]) - known):
        raise BackupError(_NEWER.format(path=path, name=unknown[0]))


def _read(path: Path, identities: Sequence[Identity]) -> list[str]:
    """Files into the storage, the database into the database; returns how configurations differ."""
    differences: list[str] = []
    with members_of(path, identities) as members:
        for member in members:
            part, _, name = member.name.partition("/")
            if part == CONFIGURATION:
                differences = configuration.differences(b"".join(member.pieces).decode())
            elif part == FILES:
                _write_file(name, member)
            elif part == DATABASE:
                _load(member, members)
    return differences


def _write_file(name: str, member: Member) -> None:
    """A file is as large as an upload may be (files/limits.py): it passes through memory, not over a disk."""
    storage.write(name, BytesIO(b"".join(member.pieces)))


def _load(first: Member, rest: Iterable[Member]) -> None:
    """The pieces of the dump, the last members, into one pg_restore: all of it or nothing."""
    options = ["--format=custom", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    options += ["--no-comments", f"--dbname={connection.settings_dict['NAME']}"]
    with tempfile.TemporaryFile() as errors:
        with programs.start(
            "pg_restore", *options, errors=errors, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as program:
            try:
                _feed(cast("IO[bytes]", program.stdin), chain([first], rest))
            except BaseException:
                program.kill()
                raise
        if program.returncode != 0:
            raise BackupError(f"The database was not restored: {programs.reason(errors)}.")


def _feed(program: IO[bytes], members: Iterable[Member]) -> None:
    with suppress(BrokenPipeError):  # it has failed, and says why
        for member in members:
            for piece in member.pieces:
                program.write(piece)
        program.close()


def _migrate(manifest: dict[str, Any]) -> int:
    """Bring the database to where this code is; returns how many migrations that took."""
    call_command(Migrate(), interactive=False, verbosity=0)
    return MigrationRecorder.Migration.objects.count() - len(manifest["migrations"])


def _verified(manifest: dict[str, Any], migrations: int, differences: list[str]) -> Restored:
    with transaction.atomic():
        report = verify_journal()
    if report.broken:
        bad = report.broken
        raise BackupError(_BROKEN.format(problem=f"{bad.subject_kind}:{bad.subject_id} row {bad.seq}: {bad.problem}"))
    last = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    seals = _seals()
    covered = [seal for seal in seals if seal.through <= last]
    if bad_seal := sealing.broken_seal(covered):
        raise BackupError(_BROKEN.format(problem=f"up to event {bad_seal.through} it is not what was sealed"))
    return Restored(
        manifest=manifest,
        migrations=migrations,
        events=report.events,
        chains=report.chains,
        seals=len(covered),
        later_seals=len(seals) - len(covered),
        differences=differences,
    )


def _seals() -> set[sealing.SealLine]:
    """Those of the database, and of SEAL_TO where that is a file that is here: some may be younger than the archive."""
    kept = Path(settings.SEAL_TO) if settings.SEAL_TO and not settings.SEAL_TO.startswith(sealing.MAIL) else None
    try:
        outside = sealing.read(kept) if kept is not None and kept.exists() else []
    except sealing.SealError as error:
        raise BackupError(_BROKEN.format(problem=str(error))) from error
    return {*sealing.stored(), *outside}
