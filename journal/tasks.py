"""Thin Celery tasks of the journal. The schedule is in govtrack.celery."""

from celery import shared_task
from django.conf import settings

from common.clock import now
from common.jobs import watched
from journal import sealing


@shared_task(name="journal.seal")
def seal() -> None:
    """Seal the journal of the day, and bring the seal out of the database where SEAL_TO names a place."""
    at = now()
    with watched("seal_journal") as result:
        made = sealing.seal(at)
        result.update(events=made.events if made else 0)
        if settings.SEAL_TO:
            result.update(sent=sealing.send(settings.SEAL_TO, at))
