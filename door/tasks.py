"""The schedule's work at the door. The schedule is in govtrack.celery."""

from celery import shared_task

from common.clock import now
from common.jobs import watched
from door import drafts


@shared_task(name="door.clean")
def clean() -> dict[str, int]:
    """Delete what residents typed and did not send within a day."""
    with watched("clean_door") as result:
        result.update(drafts=drafts.purge(now()))
    return result
