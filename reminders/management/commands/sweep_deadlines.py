"""One pass of the ladder, now."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from common.clock import now
from reminders.services.fan_out import fan_out
from reminders.services.sweep import sweep


class Command(BaseCommand):
    """Fires what is due and tells people; prints what it did as one JSON object."""

    help = "Fire the rungs that are due now, tell people, and print what was done as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep(at=now())
        told = fan_out(at=now())
        self.stdout.write(json.dumps({**swept.as_json(), **told.as_json()}))
