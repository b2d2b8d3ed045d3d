"""`manage.py prepare_roles`: the tables belong to the owner, and the application's role owns nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from govtrack.database_roles import RolesError, prepare_roles


class Command(BaseCommand):
    """Split owner and application role on a new or an existing database. Repeatable.

    Checks ask the database as the application's role, which may not be there yet or have another password.
    """

    requires_system_checks = []
    help = "Make the role of DATABASE_URL one that owns nothing; the tables go to that of DATABASE_OWNER_URL."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with one line."""
        try:
            role = prepare_roles()
        except RolesError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{role} reads and writes rows and owns nothing")
