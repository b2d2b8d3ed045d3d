"""``manage.py check_deadlines``: no deadline without its subject, no row that names what nobody registered."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from deadlines.subjects import of_unknown_kind, orphans


class Command(BaseCommand):
    help = (
        "Looks for deadlines whose subject does not exist, and for deadlines, rules, rungs and papers that name a kind "
        "or a code that no domain registered; exit 1 and the first of them where there are any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lost, strange = orphans(limit=20), of_unknown_kind(limit=20)
        for row in lost:
            self.stderr.write(f"deadline {row.pk}: {row}")
        for one in strange:
            self.stderr.write(f"{one._meta.model_name} {one.pk} of an unknown kind: {one}")
        if lost or strange:
            raise CommandError(
                "rows without their subject, or of an unknown kind: the app that registers it is not installed, or "
                "they were written by hand",
                returncode=1,
            )
        self.stdout.write("every deadline has its subject and a known kind")
