"""``manage.py workflow_diagram``: writes docs/workflow.md; ``--check`` fails where it has drifted from the table."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from issues.management.diagram import diagram


class Command(BaseCommand):
    help = "Writes docs/workflow.md from the workflow table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only say whether the file is up to date; exit 1 if not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "workflow.md"
        text = diagram()
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError("docs/workflow.md has drifted from the table: run manage.py workflow_diagram")
            return
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"wrote {path.relative_to(settings.BASE_DIR)}")
