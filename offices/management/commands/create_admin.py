"""``manage.py create_admin --username U``: the first administrator of an installation without the demonstration.

A small office has one, who is all three (三员); where SEPARATE_ADMINS keeps them apart, the command is run for each.
"""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from accounts.roles import ADMINISTRATORS, Role
from common.clock import now
from offices.services.people import create_admin


class Command(BaseCommand):
    help = "Makes an administrator of the whole installation, asks for a password, and says where to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True, help="the account's name: small letters, digits, . - _")
        parser.add_argument("--name", default="", help="how the person is called; the account's name where not given")
        parser.add_argument(
            "--role",
            choices=[role.value for role in Role if role in ADMINISTRATORS],
            help="one of the three administrators; all three where not given (not with SEPARATE_ADMINS)",
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from the first line of input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data = {"username": options["username"], "display_name": options["name"] or options["username"]}
        roles = [Role(options["role"])] if options["role"] else [role for role in Role if role in ADMINISTRATORS]
        if settings.SEPARATE_ADMINS and len(roles) > 1:
            raise CommandError(
                "SEPARATE_ADMINS is on: give --role, and run this once for each of the three", returncode=2
            )
        user = self._made(data, self._password(options), roles)
        self.stdout.write(
            f"{user.username} administers this installation as {', '.join(roles)}. "
            f"Sign in at {settings.PUBLIC_URL}{reverse('login')}"
        )

    def _made(self, data: dict[str, str], password: str, roles: list[Role]) -> User:
        with override("en"):
            try:
                return create_admin(data=data, password=password, roles=roles, at=now())
            except ValidationError as error:
                raise CommandError(" ".join(dict.fromkeys(error.messages))) from error

    def _password(self, options: dict[str, Any]) -> str:
        if options["password_stdin"]:
            return sys.stdin.readline().rstrip("\r\n")
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ")
        return first
