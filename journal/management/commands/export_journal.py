"""``manage.py export_journal FILE``: the journal as signed JSON lines; ``--check FILE``: whether such a file holds."""

import os
from argparse import ArgumentTypeError
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from common.clock import SHANGHAI, now
from journal import checking, exporting, installation, signing

EXPORTED = "journal_exported"
"""The kind of the event that every export leaves."""


class Command(BaseCommand):
    help = "Writes the journal, a period of it or one subject's, as signed JSON lines; every export is an event itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what is written, mode 0600; with --check: what is read")
        parser.add_argument("--from", dest="since", metavar="DATE", type=_moment, help="from this day or moment on")
        parser.add_argument(
            "--to", dest="until", metavar="DATE", type=_until, help="until the end of this day, or before this moment"
        )
        parser.add_argument(
            "--subject", metavar="KIND:ID", type=_subject, help="only what happened to it, such as issue:17"
        )
        parser.add_argument(
            "--texts", action="store_true", help="with all free text, personal data too; else digests of it"
        )
        parser.add_argument("--check", action="store_true", help="check a file that was exported; needs no database")
        parser.add_argument("--public-key", metavar="HEX", help="with --check: the key that must have signed it")

    def handle(self, *args: Any, file: Path, check: bool, public_key: str | None, **options: Any) -> None:
        """Raises CommandError with one line."""
        if check:
            self._check(file, public_key)
            return
        asked = exporting.ExportRange(options["since"], options["until"], options["subject"], options["texts"])
        self._export(file, asked)

    def _export(self, file: Path, asked: exporting.ExportRange) -> None:
        if not settings.JOURNAL_KEY:
            raise CommandError("JOURNAL_KEY is not set: it names the file of the key that signs (docs/operations.md).")
        if file.exists():
            raise CommandError(f"{file} is there already.")
        draft = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            key = signing.key_of(Path(settings.JOURNAL_KEY))
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                at = now()
                done = exporting.export(out, asked, key=key, at=at)
                out.flush()
                os.fsync(out.fileno())
            installation.note(EXPORTED, at, **asked.facts(), events=done.events, sha256=done.sha256)
            draft.rename(file)
        except signing.SigningKeyError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{file} could not be written: {error.strerror}.") from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).strip().splitlines()[0]}") from error
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"{file}: {done.events:,} events, {done.texts:,} texts, signed by {key.public}")

    def _check(self, file: Path, public_key: str | None) -> None:
        try:
            found = checking.check(file)
        except checking.BrokenExportError as error:
            raise CommandError(f"{file} does not hold: {error}") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        signer = found.header["public_key"]
        if public_key and public_key.lower() != signer:
            raise CommandError(f"{file} does not hold: it was signed by another key, {signer}")
        self.stdout.write(
            f"ok: {found.events:,} events of {found.subjects:,} subjects, {found.texts:,} texts "
            f"({found.redacted:,} redacted), exported at {found.header['at']}, signed by {signer}"
        )
        if seal := found.header["seal"]:
            self.stdout.write(f"sealed through event {seal['through']} at {seal['at']}: {seal['digest']}")


def _moment(text: str) -> datetime:
    """A moment, or the beginning of a day; in Asia/Shanghai where no zone is said."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no date or moment, such as 2026-11-29 or 2026-11-29T15:30") from error
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _until(text: str) -> datetime:
    """The same; of a day its end."""
    return _moment(text) + timedelta(days=0 if "T" in text.upper() or ":" in text else 1)


def _subject(text: str) -> tuple[str, int]:
    kind, _, number = text.partition(":")
    if not (kind and number.isdecimal()):
        raise ArgumentTypeError(f"{text!r} is no subject, such as issue:17")
    return kind, int(number)
