"""The schedule's work on meetings."""

from celery import shared_task

from common.clock import now
from common.jobs import watched
from meetings.services.recurring import plan_all


@shared_task(name="meetings.plan")
def plan_series() -> None:
    """Plan the next quarter of every series. Takes no ids, so a lost or doubled message changes nothing."""
    with watched("plan_meetings") as result:
        result["planned"] = plan_all(at=now())
