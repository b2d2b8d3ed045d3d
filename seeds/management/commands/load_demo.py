"""``manage.py load_demo``: Guicheng as the press describes it, with invented people and recent matters.

It ends with a pass of the ladder: what fell due in the invented past has been reminded of when people come.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.clock import now
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep
from seeds.demonstration import loading


class Command(BaseCommand):
    help = "Loads the demonstration (needs DEMO=1). Repeatable: writes only what is missing, never doubles."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="print nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo creates accounts with a published password and needs DEMO=1")
        says = (lambda line: None) if options["quiet"] else self._say
        loading.load(at=now(), says=says)
        sweep(at=now())
        fan_out(at=now())

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
