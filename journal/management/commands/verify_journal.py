"""``manage.py verify_journal``: exit 1 and the first bad row where the journal is broken."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from journal import sealing
from journal.replaying import replay_all
from journal.verification import verify


class Command(BaseCommand):
    help = "Checks the hash chain of every subject and every text; exit 1 and the first bad row where it is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--replay",
            action="store_true",
            help="compare every row with what its events lead to as well; exit 1 and each row that they do not explain",
        )

        parser.add_argument(
            "--seals",
            action="append",
            default=[],
            type=Path,
            metavar="FILE",
            help="check against the seals of this file as well, such as mails that were kept; may be repeated",
        )

    def handle(self, *args: Any, seals: list[Path], replay: bool = False, **options: Any) -> None:
        with transaction.atomic():
            report = verify()
        if report.broken:
            bad = report.broken
            raise CommandError(f"broken: {bad.subject_kind}:{bad.subject_id} row {bad.seq}: {bad.problem}")
        self.stdout.write(
            f"ok: {report.events} events in {report.chains} chains verified, {report.redacted} texts redacted"
        )
        self._check_seals(seals)
        if replay:
            self._replay()

    def _check_seals(self, files: list[Path]) -> None:
        """Those of the database, of SEAL_TO where that is a file, and of ``files``. Raises CommandError."""
        kept = Path(settings.SEAL_TO) if settings.SEAL_TO and not settings.SEAL_TO.startswith(sealing.MAIL) else None
        if kept is not None and kept.exists():
            files = [kept, *files]
        try:
            seals = [line for lines in (sealing.stored(), *map(sealing.read, files)) for line in lines]
        except sealing.SealError as error:
            raise CommandError(str(error)) from error
        bad = sealing.broken_seal(seals)
        if bad is not None:
            raise CommandError(f"broken: up to event {bad.through} the journal is not what was sealed at {bad.at}")
        self.stdout.write(f"ok: {len(set(seals))} seals hold")

    def _replay(self) -> None:
        """Raises CommandError where a row says something that the journal does not tell."""
        rows = unexplained = 0
        for kind, batch in replay_all():
            rows += batch.rows
            unexplained += len(batch.unexplained)
            for one in batch.unexplained:
                self.stderr.write(f"unexplained: {kind}:{one.subject_id} {one.label}: {one.problem}")
        if unexplained:
            raise CommandError(f"{unexplained} rows that the journal does not explain")
        self.stdout.write(f"ok: {rows} rows are as the journal tells")
