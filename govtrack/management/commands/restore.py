"""``manage.py restore ARCHIVE --identity FILE``: a back-up into an empty installation (docs/operations.md)."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from common.clock import now
from govtrack.backup import keys, restoring
from govtrack.backup.archive import DATABASE, FILES
from govtrack.backup.refusals import one_line


class Command(BaseCommand):
    help = (
        "Checks every byte of a back-up, reads it into an empty database and storage, migrates, verifies the journal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="the file that backup wrote")
        parser.add_argument(
            "--identity",
            type=Path,
            metavar="FILE",
            help="the private key, AGE-SECRET-KEY-1…, as age-keygen writes it; - reads it from standard input",
        )

    def handle(self, *args: Any, archive: Path, identity: Path | None, **options: Any) -> None:
        """Raises CommandError with one line."""
        with one_line():
            done = restoring.restore(archive, identity, at=now())
        parts = done.manifest["parts"]
        self.stdout.write(
            f"restored the back-up of {done.manifest['at']}: {parts[FILES]['members']:,} files, "
            f"{parts[DATABASE]['bytes']:,} bytes of database, {done.migrations} migrations since"
        )
        self.stdout.write(f"ok: {done.events:,} events in {done.chains:,} chains verified, {done.seals} seals hold")
        self._tell_what_differs(done)

    def _tell_what_differs(self, done: restoring.Restored) -> None:
        if done.later_seals:
            self.stderr.write(
                f"{done.later_seals} seals were made after this back-up: what they covered is lost; keep their lines "
                "aside, with the reason"
            )
        if missing := done.manifest["missing_files"]:
            self.stderr.write(f"{missing} files that rows name were not in the storage when the back-up was taken")
        if done.manifest["secret_key"] != keys.fingerprint(settings.SECRET_KEY):
            self.stderr.write("SECRET_KEY is another one: browsers that were known before are so no more")
        for line in done.differences:
            self.stderr.write(f"set otherwise where the back-up was taken: {line}")
