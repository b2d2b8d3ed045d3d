"""`manage.py rotate_personal_data`: everything encrypted and every look-up hash goes to the newest key."""

from collections import Counter
from time import monotonic
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from common.crypto import UnreadablePersonalData
from common.ownership import as_owner, owns_tables
from common.rotation import left, rotate_all

_SAID_EVERY: Final = 10.0
"""Seconds between two lines of progress."""


class Command(BaseCommand):
    """Re-encrypt and re-hash with the first of PERSONAL_DATA_KEYS; go on where an earlier run was ended."""

    help = (
        "Re-encrypts all personal data and re-hashes what it is found by with the newest of PERSONAL_DATA_KEYS; "
        "restart web, worker and beat with the new key first. Can be ended and run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError with one line."""
        done: Counter[str] = Counter()
        said = monotonic()
        with as_owner():
            if not owns_tables():
                raise CommandError("DATABASE_OWNER_URL is not set: the journal's texts are written by the owner alone.")
            try:
                for batch in rotate_all():
                    done[batch.name] += batch.rows
                    if monotonic() - said > _SAID_EVERY:
                        self.stderr.write(f"{batch.name}: {done[batch.name]}, through {batch.through}")
                        said = monotonic()
                waiting = left()
            except UnreadablePersonalData as error:
                raise CommandError(f"{error}. The key it was written with is not among PERSONAL_DATA_KEYS.") from error
            except DatabaseError as error:
                raise CommandError(f"The database refused: {str(error).strip().splitlines()[0]}. Run again.") from error
        for name, rows in sorted(done.items()):
            self.stdout.write(f"{name}: {rows}")
        if waiting:
            raise CommandError(f"{waiting} values have an older key still: restart what runs, then run this again.")
        self.stdout.write("Everything is on the newest key; the older ones can go.")
