"""``manage.py load_calendar``: fill the working calendar from the library."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import now
from deadlines import sources
from deadlines.services import refresh_calendar


class Command(BaseCommand):
    help = "Fills the working calendar: published years from the library, later ones estimated. Repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first-year", type=int, default=sources.FIRST_YEAR)
        parser.add_argument("--last-year", type=int, help=f"default: {sources.YEARS_AHEAD} years from now")

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        first, last = options["first_year"], options["last_year"] or at.year + sources.YEARS_AHEAD
        if not 2004 <= first <= last <= 2100:
            raise CommandError("years run from 2004 to 2100, the first not after the last", returncode=2)
        self.stdout.write(json.dumps(refresh_calendar(at=at, first_year=first, last_year=last)))
