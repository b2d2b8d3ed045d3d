"""Keeping the API's own tables small. The schedule is in govtrack.celery."""

from celery import shared_task

from api.idempotency import forget_old
from common import limits
from common.clock import now
from common.jobs import watched


@shared_task(name="api.clean")
def clean() -> dict[str, int]:
    """Delete idempotency records of more than 30 days and counts whose window is over."""
    at = now()
    with watched("clean_api") as result:
        result.update(idempotency_records=forget_old(at), rate_counts=limits.purge(at))
    return result
