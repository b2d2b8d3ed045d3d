"""`manage.py migrate`: Django's, as the owner of the tables where DATABASE_OWNER_URL names one."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from common.ownership import as_owner, has_owner
from govtrack.database_roles import RolesError, prepare_roles


class Command(migrate.Command):
    """Migrate, then give the application's role what it needs in the new tables."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """As Django's, whose checks ask the database before ``handle``: the application's role may not be there yet.

        Raises CommandError where the roles cannot be told apart.
        """
        with as_owner():
            done = super().execute(*args, **options)
        if has_owner() and not options["plan"]:
            try:
                prepare_roles()
            except RolesError as error:
                raise CommandError(str(error)) from error
        return done
