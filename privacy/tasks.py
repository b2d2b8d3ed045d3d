"""The schedule's work on personal information."""

from typing import Final

from celery import shared_task

from common.clock import now
from common.jobs import watched
from privacy.services.retention import run_due

FOR_SECONDS: Final = 40
"""Of every two minutes of the night: what is due meanwhile is done between."""


@shared_task(name="privacy.retain")
def retain() -> None:
    """Go on with the night's retention. Takes no ids, so a lost or doubled message changes nothing."""
    with watched("mask_ended") as result:
        result.update(run_due(clock=now, for_seconds=FOR_SECONDS))
