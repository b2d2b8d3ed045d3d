"""The heartbeat of worker and beat (see `govtrack.heartbeats`)."""

import logging
from typing import Any

from celery import bootsteps
from celery.exceptions import OperationalError
from celery.signals import beat_init, before_task_publish, worker_ready

from govtrack import heartbeats
from govtrack.celery import app
from reminders.services.watchdog import schedule_ran

NAME = "govtrack.heartbeat"
QUIET_LOGGERS = ("celery.worker.strategy", "celery.app.trace", "celery.beat")


@app.task(name=NAME, ignore_result=True, expires=heartbeats.STALE_SECONDS)
def heartbeat(*, origin: heartbeats.Part) -> None:
    """Prove that tasks are done. `origin` says who sent it: the beat's own are the schedule's sign of life too."""
    heartbeats.record("worker")
    if origin == "beat":
        schedule_ran()


class WorkerHeartbeat(bootsteps.StartStopStep):
    """Sends the worker its own heartbeat task; starts anew with every connection to the broker."""

    requires = ("celery.worker.consumer.tasks:Tasks",)
    timer: Any = None

    def start(self, parent: Any) -> None:
        """Begin to send."""
        self.timer = parent.timer.call_repeatedly(heartbeats.INTERVAL_SECONDS, send_heartbeat)

    def stop(self, parent: Any) -> None:
        """Send no more."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def send_heartbeat() -> None:
    """Send one heartbeat task, without a retry: the next one follows soon."""
    try:
        heartbeat.apply_async(kwargs={"origin": "worker"}, queue=heartbeats.QUEUE, retry=False)
    except OperationalError:
        return


@worker_ready.connect
def _worker_is_up(**_kwargs: Any) -> None:
    heartbeats.record("worker")


@beat_init.connect
def _beat_is_up(**_kwargs: Any) -> None:
    heartbeats.record("beat")


@before_task_publish.connect(sender=NAME)
def _beat_sent_one(body: Any = None, **_kwargs: Any) -> None:
    """Runs in the process that sends: only the beat's own sending is the beat's sign of life."""
    keywords = body[1] if isinstance(body, tuple) else {}
    if keywords.get("origin") == "beat":
        heartbeats.record("beat")


def _not_a_heartbeat(record: logging.LogRecord) -> bool:
    """Leave the heartbeat's comings and goings out of the logs; its failures stay."""
    return record.levelno > logging.INFO or NAME not in record.getMessage()


for _name in QUIET_LOGGERS:
    logging.getLogger(_name).addFilter(_not_a_heartbeat)

app.steps["consumer"].add(WorkerHeartbeat)
app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "heartbeat": {
        "task": NAME,
        "schedule": float(heartbeats.INTERVAL_SECONDS),
        "kwargs": {"origin": "beat"},
        "options": {"queue": heartbeats.QUEUE, "expires": heartbeats.STALE_SECONDS},
    },
}
