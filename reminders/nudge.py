"""Waking the worker after a commit: fast when Redis is there, out of the way when it is not.

Losing a nudge loses nothing: the schedule's fan-out finds the same rows within seconds. So it never waits for long, is
never retried, and after a failure this process does not try again for a while.
"""

import logging
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import Any, Final

from celery import Task, current_app
from django.conf import settings
from kombu import Connection
from kombu.pools import producers

logger = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 5.0
_SOCKET_SECONDS: Final = 0.3
_POOL_SECONDS: Final = 0.1
_EXPIRES_SECONDS: Final = 60

_lock = Lock()
_quiet_until = 0.0


@lru_cache(maxsize=1)
def _connection(url: str) -> Connection:
    """The broker with short time-outs; the worker's own connection is more patient."""
    return Connection(
        url,
        connect_timeout=_SOCKET_SECONDS,
        transport_options={
            **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
            "socket_timeout": _SOCKET_SECONDS,
            "socket_connect_timeout": _SOCKET_SECONDS,
            "retry_on_timeout": False,
            "max_retries": 0,
            "interval_start": 0,
        },
    )


def publish(task: "Task[Any, Any]", queue: str, **given: int) -> bool:
    """Send ``task`` once with ``given`` as keywords, without retry. False where the broker does not take it now."""
    global _quiet_until  # noqa: PLW0603 - one switch for the process
    if monotonic() < _quiet_until:
        return False
    try:
        with producers[_connection(current_app.conf.broker_url)].acquire(block=True, timeout=_POOL_SECONDS) as producer:
            task.apply_async(kwargs=given, producer=producer, queue=queue, retry=False, expires=_EXPIRES_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the schedule makes up for it
        with _lock:
            _quiet_until = monotonic() + PAUSE_SECONDS
        logger.warning("the worker could not be woken (%s); the schedule will find the events", type(error).__name__)
        return False
    return True


def wake() -> None:
    """Have the fan-out run now (registered with the journal)."""
    from reminders.tasks import fan_out

    publish(fan_out, "default")


def wake_delivery() -> None:
    """Have the delivery run now."""
    from reminders.tasks import deliver

    publish(deliver, "delivery")


def start_delivery(channel_id: int) -> bool:
    """Have a worker send what waits on one channel. False where the broker did not take it."""
    from reminders.tasks import deliver_channel

    return publish(deliver_channel, "delivery", channel_id=channel_id)


def listen_again() -> None:
    """Forget an earlier failure."""
    global _quiet_until  # noqa: PLW0603
    _quiet_until = 0.0
