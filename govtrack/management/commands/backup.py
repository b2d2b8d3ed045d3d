"""``manage.py backup [FOLDER]``: one archive of database, files and configuration (docs/operations.md)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common.clock import now
from govtrack import env
from govtrack.backup import taking
from govtrack.backup.archive import DATABASE, FILES
from govtrack.backup.refusals import one_line


class Command(BaseCommand):
    help = "Writes one archive of database, files and configuration, encrypted to BACKUP_RECIPIENT. No key is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=Path(env.env_str("BACKUP_TO", default="backups")),
            help="where the archive is written (default: BACKUP_TO, else backups)",
        )

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Raises CommandError with one line; then nothing new is there."""
        with one_line():
            taken = taking.take(folder, at=now())
        parts, secrets = taken.manifest["parts"], taken.manifest["personal_data_keys"]
        self.stdout.write(
            f"{taken.path}: {taken.path.stat().st_size:,} bytes, {taken.manifest['events']:,} events, "
            f"{parts[FILES]['members']:,} files, {parts[DATABASE]['bytes']:,} bytes of database"
        )
        if missing := taken.manifest["missing_files"]:
            self.stderr.write(f"{missing} files that rows name were not in the storage: they are not in the back-up")
        if not taken.encrypted:
            self.stderr.write("NOT ENCRYPTED, for this is a demonstration and BACKUP_RECIPIENT is not set")
        self.stdout.write(f"to be kept elsewhere: PERSONAL_DATA_KEYS, fingerprint {', '.join(secrets)}; SECRET_KEY")
