"""One pass of delivery, now."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from common.clock import now
from reminders.services.delivery import deliver


class Command(BaseCommand):
    """Sends what waits in the outbox; prints the counts as one JSON object."""

    help = "Send what waits in the outbox now and print the counts as JSON."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(deliver(clock=now).as_json()))
