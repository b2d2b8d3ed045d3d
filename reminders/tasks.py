"""Thin Celery tasks: the schedule and the nudge start them, the services do the work.

Their queues stand in the routes of the Celery application.
"""

from typing import Final

from celery import shared_task

from common.clock import now
from reminders import nudge
from reminders.services import delivery, replanning
from reminders.services import sweep as sweeping
from reminders.services.fan_out import fan_out as fan_out_events
from reminders.services.recounting import recount_changes
from reminders.services.shift_alarm import alarm_empty_shifts
from reminders.services.watchdog import watched

DELIVERY_SECONDS: Final = (165, 175)
"""Soft and hard limit of one channel's task: shorter than a claim takes to be stuck."""
TURN_SECONDS: Final = 20.0
"""Then the next task gets the worker, and the channel its next turn."""


@shared_task(name="reminders.sweep")
def sweep() -> None:
    """Fire what is due on the ladder."""
    with watched("sweep") as result:
        result.update(sweeping.sweep(at=now()).as_json())


@shared_task(name="reminders.replan")
def replan() -> None:
    """Let open deadlines follow an edit of the ladder."""
    with watched("replan") as result:
        result.update(replanning.replan(at=now()).as_json())


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
    """Have what waits in the outbox sent, each channel by a task of its own; here where there is no broker."""
    with watched("deliver") as result:
        result.update(delivery.hand_out(clock=now, start=nudge.start_delivery))


@shared_task(name="reminders.deliver_channel", soft_time_limit=DELIVERY_SECONDS[0], time_limit=DELIVERY_SECONDS[1])
def deliver_channel(*, channel_id: int) -> None:
    """Send what waits on one channel."""
    with watched(f"deliver {channel_id}") as result:
        done = delivery.deliver_channel(channel_id, clock=now, seconds=TURN_SECONDS)
        result.update(done.as_json())
    if done.more:
        nudge.start_delivery(channel_id)


@shared_task(name="reminders.shift_alarm")
def shift_alarm() -> None:
    """Tell the supervisors which hours before the next opening nobody is on duty."""
    with watched("shift_alarm") as result:
        result.update(alarm_empty_shifts(at=now()))


@shared_task(name="reminders.recount")
def recount() -> None:
    """Count open deadlines again after a change of the calendar."""
    with watched("recount") as result:
        result.update(recount_changes(clock=now).as_json())
