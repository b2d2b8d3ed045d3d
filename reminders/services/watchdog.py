"""Keeping the record of the periodic jobs: a row for each, and one for the schedule itself."""

import logging
from typing import Any, Final

from django.db import Error as DatabaseError

from common.clock import now
from common.jobs import watched
from reminders.models import Watchdog

__all__ = ["SCHEDULE", "WatchdogRecorder", "schedule_ran", "watched"]

logger = logging.getLogger(__name__)

SCHEDULE: Final = "schedule"
"""The row of the schedule: when a task that beat itself had sent was last done by a worker."""

LONGEST_ERROR: Final = 120


class WatchdogRecorder:
    """Writes the rows (registered with ``common.jobs``).

    A run that fails leaves ``failed_at`` after its start; one that died, or is still at it, neither end.
    """

    def started(self, job: str) -> None:
        """Two statements at the first run, one at every other."""
        Watchdog.objects.update_or_create(job=job, defaults={"started_at": now()})

    def finished(self, job: str, result: dict[str, Any]) -> None:
        """The last good end and what it did; an earlier failure stays on record with its time."""
        Watchdog.objects.filter(job=job).update(finished_at=now(), result=result)

    def failed(self, job: str, error: Exception) -> None:
        """What kind of error it was: never its words, which may name anybody."""
        try:
            Watchdog.objects.filter(job=job).update(failed_at=now(), error=type(error).__name__[:LONGEST_ERROR])
        except DatabaseError:
            logger.warning("the failure of %s could not be noted", job)


def schedule_ran() -> None:
    """Note that the schedule runs and its tasks are done. The database being away is no error here: others say so.

    Since when it has run first stays as its start.
    """
    at = now()
    try:
        Watchdog.objects.update_or_create(
            job=SCHEDULE, defaults={"finished_at": at}, create_defaults={"started_at": at, "finished_at": at}
        )
    except DatabaseError:
        logger.warning("the sign of life of the schedule could not be noted")
