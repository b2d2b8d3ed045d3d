"""Thin Celery tasks: the schedule and the nudge start them, the services do the work.

Their queues stand in the routes of the Celery application.
"""

from celery import shared_task

from common.clock import now
from reminders import nudge
from reminders.services import delivery
from reminders.services import sweep as sweeping
from reminders.services.fan_out import fan_out as fan_out_events
from reminders.services.shift_alarm import alarm_empty_shifts
from reminders.services.watchdog import watched


@shared_task(name="reminders.sweep")
def sweep() -> None:
    """Fire what is due on the ladder."""
    with watched("sweep") as result:
        result.update(sweeping.sweep(at=now()).as_json())


@shared_task(name="reminders.fan_out")
def fan_out() -> None:
    """Tell people what happened; where there are messages to send, have them sent."""
    with watched("fan_out") as result:
        told = fan_out_events(at=now())
        result.update(told.as_json())
    if told.messages:
        nudge.wake_delivery()


@shared_task(name="reminders.deliver")
def deliver() -> None:
    """Send what waits in the outbox."""
    with watched("deliver") as result:
        result.update(delivery.deliver(clock=now).as_json())


@shared_task(name="reminders.shift_alarm")
def shift_alarm() -> None:
    """Tell the supervisors which hours before the next opening nobody is on duty."""
    with watched("shift_alarm") as result:
        result.update(alarm_empty_shifts(at=now()))
