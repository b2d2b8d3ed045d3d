"""``manage.py verify_journal``: exit 1 and the first bad row where the journal is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

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

    def handle(self, *args: Any, replay: bool = False, **options: Any) -> None:
        with transaction.atomic():
            report = verify()
        if report.broken:
            bad = report.broken
            raise CommandError(f"broken: {bad.subject_kind}:{bad.subject_id} row {bad.seq}: {bad.problem}")
        self.stdout.write(
            f"ok: {report.events} events in {report.chains} chains verified, {report.redacted} texts redacted"
        )
        if replay:
            self._replay()

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
