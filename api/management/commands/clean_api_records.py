"""Delete what the API keeps only for a while."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from api.tasks import clean


class Command(BaseCommand):
    """Prints the numbers of deleted rows as JSON."""

    help = "Delete idempotency records of more than 30 days and expired rate counts."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run once."""
        self.stdout.write(json.dumps(clean()))
