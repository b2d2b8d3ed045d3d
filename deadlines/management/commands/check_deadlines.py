"""``manage.py check_deadlines``: no deadline without its subject."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deadlines.subjects import orphans


class Command(BaseCommand):
    help = "Looks for deadlines whose subject does not exist; exit 1 and the first of them where there are any."

    def handle(self, *args: Any, **options: Any) -> None:
        found = orphans(limit=20)
        for row in found:
            self.stderr.write(f"deadline {row.pk}: {row}")
        if found:
            raise CommandError("deadlines without their subject", returncode=1)
        self.stdout.write("every deadline has its subject")
