"""``manage.py seal_journal``: what the schedule does every night, at once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from common.clock import now
from journal import sealing


class Command(BaseCommand):
    help = "Seals the journal as it stands and brings the seals to SEAL_TO, a file or mailto:ADDRESS."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SEAL_TO:
            raise CommandError("SEAL_TO is not set: a seal that stays in the database proves nothing.")
        at = now()
        made = sealing.seal(at)
        try:
            sent = sealing.send(settings.SEAL_TO, at)
        except (sealing.SealError, OSError) as error:
            raise CommandError(f"{error} (the seal is kept and goes with the next run)") from error
        said = f"sealed {made.events} events" if made else "nothing new to seal"
        self.stdout.write(f"{said}; {sent} seals brought to {settings.SEAL_TO}")
