"""`manage.py prepare`: what must be done once before web, worker and beat start."""

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from common.ownership import has_owner
from govtrack import heartbeats
from issues.models import Issue

PROBE_ACCOUNT = "admin"
UNSPLIT = (
    "DATABASE_OWNER_URL is not set: the application's role owns the tables and may switch off what protects the "
    "journal. Health shows it until `manage.py prepare_roles` has split them."
)
NO_SEEDS = "DEMO=1, and this image holds no demonstration: build it with GOVTRACK_TARGET=demo, or unset DEMO."


class Command(BaseCommand):
    """Apply migrations and, in a demo installation without data, load the demonstration."""

    help = "Apply migrations; with DEMO=1 load the demonstration where there is none yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What the supervisor asks for besides."""
        parser.add_argument(
            "--forget-heartbeats",
            action="store_true",
            help="forget the signs of life of processes that have ended, so that /readyz waits for the new ones",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with one line where the database refuses."""
        if options["forget_heartbeats"]:
            heartbeats.forget()
        try:
            call_command("migrate", interactive=False, verbosity=0)
            if not settings.DEMO and not has_owner():
                self.stderr.write(UNSPLIT)
            if settings.DEMO and not self._demo_is_there():
                self._load_demo()
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).strip().splitlines()[0]}") from error

    def _load_demo(self) -> None:
        if not apps.is_installed("seeds"):
            raise CommandError(NO_SEEDS)
        self.stdout.write("Loading the demonstration (about half a minute)")
        self.stdout.flush()
        call_command("load_demo", stdout=self.stdout, stderr=self.stderr)

    def _demo_is_there(self) -> bool:
        accounts = get_user_model()._default_manager.filter(username=PROBE_ACCOUNT)
        return accounts.exists() and Issue.objects.exists()
