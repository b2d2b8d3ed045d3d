"""Signs of life of worker and beat: one Redis key each, holding the unix time of the last sign.

The worker's key is written by a task that travels through the broker, so it proves that tasks are done, not merely
that a process exists. The beat's key is written by the beat itself when it sends that task. A worker also sends itself
the task, so that a stopped beat does not make the worker look dead.
"""

import time
from typing import Literal

import redis
from django.conf import settings

Part = Literal["worker", "beat"]
PARTS: tuple[Part, ...] = ("worker", "beat")
INTERVAL_SECONDS = 10
KEEP_SECONDS = 120
STALE_SECONDS = 45
QUEUE = "heartbeat"
TIMEOUT = 0.3


def connect() -> "redis.Redis":
    """A connection that gives up after ``TIMEOUT`` seconds: nobody waits for a sign of life."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)


def key(part: Part) -> str:
    """The Redis key of a part."""
    return f"govtrack:heartbeat:{part}"


def record(part: Part) -> None:
    """Write the sign of life. Redis being away is no error here: /readyz says so."""
    try:
        with connect() as client:
            client.set(key(part), repr(time.time()), ex=KEEP_SECONDS)
    except redis.RedisError:
        return


def forget() -> None:
    """Remove all signs of life: their processes have ended. Redis being away is no error here."""
    try:
        with connect() as client:
            client.delete(*[key(part) for part in PARTS])
    except redis.RedisError:
        return


def ages(client: "redis.Redis") -> dict[Part, float | None]:
    """Seconds since the last sign of each part; None where there is none. Raises redis.RedisError."""
    now = time.time()
    values = client.mget([key(part) for part in PARTS])
    return {
        part: None if value is None else max(0.0, now - float(value)) for part, value in zip(PARTS, values, strict=True)
    }
