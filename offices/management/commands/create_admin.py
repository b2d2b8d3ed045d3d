"""``manage.py create_admin --username U``: the first administrator of an installation without the demonstration."""

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.models import User
from common.clock import now
from offices.services.people import create_admin


class Command(BaseCommand):
    help = "Makes an administrator of the whole installation, asks for a password, and says where to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True, help="the account's name: small letters, digits, . - _")
        parser.add_argument("--name", default="", help="how the person is called; the account's name where not given")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from the first line of input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        data = {"username": options["username"], "display_name": options["name"] or options["username"]}
        user = self._made(data, self._password(options))
        self.stdout.write(
            f"{user.username} administers this installation. Sign in at {settings.PUBLIC_URL}{reverse('login')}"
        )

    def _made(self, data: dict[str, str], password: str) -> User:
        try:
            return create_admin(data=data, password=password, at=now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _password(self, options: dict[str, Any]) -> str:
        if options["password_stdin"]:
            return sys.stdin.readline().rstrip("\r\n")
        first = getpass.getpass("Password: ")
        if first != getpass.getpass("Once more: "):
            raise CommandError("The two passwords differ")
        return first
