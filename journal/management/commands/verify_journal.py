"""``manage.py verify_journal``: exit 1 and the first bad row where the journal is broken."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from journal.verification import verify


class Command(BaseCommand):
    help = "Checks the hash chain of every subject and every text; exit 1 and the first bad row where it is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            report = verify()
        if report.broken:
            bad = report.broken
            raise CommandError(f"broken: {bad.subject_kind}:{bad.subject_id} row {bad.seq}: {bad.problem}")
        self.stdout.write(
            f"ok: {report.events} events in {report.chains} chains verified, {report.redacted} texts redacted"
        )
