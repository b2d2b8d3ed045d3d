"""Thin Celery tasks: the schedule and the nudge after a commit start them. The schedule is in govtrack.celery."""

from celery import shared_task

from common.clock import now
from common.jobs import watched
from files import processing


@shared_task(name="files.prepare")
def prepare() -> dict[str, int]:
    """Make the sizes of the photos that wait. Takes no ids, so a lost or doubled message changes nothing."""
    with watched("prepare_files") as result:
        result.update(processing.prepare_waiting(clock=now))
    return result


@shared_task(name="files.clean")
def clean() -> dict[str, int]:
    """Delete what belongs to nothing."""
    at = now()
    with watched("clean_files") as result:
        result.update(unclaimed=processing.forget_unclaimed(at), strays=processing.forget_strays(at))
    return result
