"""``manage.py reset_second_factor --username U``: for an administrator who lost the device and the recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factor import turn_off
from accounts.sessions import end_sessions
from accounts.signing_in import folded_username
from common.clock import now


class Command(BaseCommand):
    help = "Takes the second factor off an account; its next sign-in sets it up again. Its sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.named(folded_username(options["username"])).first()
        if user is None:
            raise CommandError("There is no such account", returncode=2)
        if not turn_off(user, now()):
            raise CommandError("This account has no second factor", returncode=2)
        end_sessions(user.pk)
        self.stdout.write(f"{user.username} signs in without it and sets it up again")
