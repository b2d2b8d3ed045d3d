"""How often something may be done: counters in Redis, in the database or in memory while Redis is away.

Two shapes. A ``Bucket`` allows so many hits within a window that begins with the first one (20 reports an hour);
a hit that turned out not to count is given back with ``release``. A ``Tap`` lets requests through at a steady rate
after a burst (20 a second, 300 at once). Every bucket counts on its own; the limits are those of the contract.

Redis decides first, with time-outs of 0.3 seconds; once it fails it is not asked again for some seconds, so that an
outage costs a request at most one time-out. Buckets then count in ``common.models.RateCount``; taps in the memory of
the process, because a row written per request would cost more than the rate protects.
"""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.clock import now
from common.crypto import keyed_digest

logger = logging.getLogger(__name__)

TIMEOUT: Final = 0.3
PAUSE_AFTER_FAILURE: Final = 5.0
_MEMORY_KEYS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may be done; for a bucket, ``left`` more times within its window."""

    left: int = 0

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not be done before ``retry_after`` seconds (at least 1) have passed."""

    retry_after: int

    def __bool__(self) -> bool:
        return False


Answer = Allowed | Denied
ALLOWED: Final = Allowed()

_HIT: Final = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then return {0, redis.call('PTTL', KEYS[1])} end
if redis.call('INCR', KEYS[1]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return {1, tonumber(ARGV[1]) - count - 1}
"""
_RELEASE: Final = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count == 1 then redis.call('DEL', KEYS[1]) elseif count > 1 then redis.call('DECR', KEYS[1]) end
return count
"""
_COUNT: Final = """
return {tonumber(redis.call('GET', KEYS[1]) or '0')}
"""
_TAKE: Final = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local stored = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(stored[1]) or burst, tonumber(stored[2]) or now
left = math.min(burst, left + math.max(0, now - at) * rate / 1000)
local allowed = 0
if left >= 1 then left = left - 1; allowed = 1 end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return {allowed, math.ceil(math.max(0, 1 - left) * 1000 / rate)}
"""


class _Store:
    """The connection to Redis and the memory of its last failure."""

    def __init__(self) -> None:
        self._down_until = 0.0

    def run(self, script: str, key: str, *arguments: float) -> list[int] | None:
        """The script's answer, None while Redis is away."""
        if time.monotonic() < self._down_until:
            return None
        try:
            answer: Any = _script(settings.REDIS_URL, script)(keys=[key], args=list(arguments))
        except (redis.RedisError, OSError) as error:
            self._down_until = time.monotonic() + PAUSE_AFTER_FAILURE
            logger.warning("limits count without Redis for now: %s", type(error).__name__)
            return None
        return answer if isinstance(answer, list) else [int(answer)]

    def forget_failure(self) -> None:
        """Ask Redis again at once."""
        self._down_until = 0.0


_store = _Store()
forget_failure = _store.forget_failure


@lru_cache(maxsize=4)
def _client(url: str) -> "redis.Redis":
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
    )


@lru_cache(maxsize=16)
def _script(url: str, script: str) -> Any:
    return _client(url).register_script(script)


def _redis_key(name: str, key: str) -> str:
    return f"{getattr(settings, 'LIMITS_PREFIX', 'govtrack')}:limit:{name}:{key}"


def _hidden(key: str) -> str:
    return keyed_digest(key)


def hit(bucket: str, key: str, limit: int, window: int) -> Answer:
    """Count one for ``key``; Denied, and not counted, where ``limit`` within ``window`` seconds is used up."""
    hidden = _hidden(key)
    answer = _store.run(_HIT, _redis_key(bucket, hidden), limit, window * 1000)
    if answer is None:
        return _hit_database(bucket, hidden, limit, window, now())
    return Allowed(answer[1]) if answer[0] else Denied(max(1, math.ceil(answer[1] / 1000)))


def release(bucket: str, key: str) -> None:
    """Take back one hit that turned out not to count."""
    hidden = _hidden(key)
    if _store.run(_RELEASE, _redis_key(bucket, hidden)) is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE common_ratecount SET count = count - 1 WHERE bucket = %s AND key = %s AND count > 0",
                [bucket, hidden],
            )


_UPSERT: Final = """
INSERT INTO common_ratecount AS kept (bucket, key, count, expires_at) VALUES (%(bucket)s, %(key)s, 1, %(expires)s)
ON CONFLICT (bucket, key) DO UPDATE SET
    count = CASE WHEN kept.expires_at <= %(now)s THEN 1 ELSE kept.count + 1 END,
    expires_at = CASE WHEN kept.expires_at <= %(now)s THEN excluded.expires_at ELSE kept.expires_at END
WHERE kept.expires_at <= %(now)s OR kept.count < %(limit)s
RETURNING count
"""


def _hit_database(bucket: str, key: str, limit: int, window: int, at: datetime) -> Answer:
    values: dict[str, str | int | datetime] = {
        "bucket": bucket,
        "key": key,
        "limit": limit,
        "now": at,
        "expires": at + timedelta(seconds=window),
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        counted = cursor.fetchone()
        if counted:
            return Allowed(limit - counted[0])
        cursor.execute("SELECT expires_at FROM common_ratecount WHERE bucket = %s AND key = %s", [bucket, key])
        row = cursor.fetchone()
    left = (row[0] - at).total_seconds() if row else 1
    return Denied(max(1, math.ceil(left)))


def purge(at: datetime) -> int:
    """Delete counts whose window is over; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM common_ratecount WHERE expires_at <= %s", [at])
        return int(cursor.rowcount)


def count_used(bucket: str, key: str) -> int:
    """How many hits ``key`` has now, without counting one."""
    hidden = _hidden(key)
    answer = _store.run(_COUNT, _redis_key(bucket, hidden))
    if answer is not None:
        return int(answer[0])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count FROM common_ratecount WHERE bucket = %s AND key = %s AND expires_at > %s",
            [bucket, hidden, now()],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


class _MemoryTaps:
    """Taps of this process, the least recently used forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taps: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, rate: float, burst: int, at: float) -> Answer:
        """One request of ``key`` at the monotonic time ``at``."""
        with self._lock:
            left, last = self._taps.pop(key, (float(burst), at))
            left = min(burst, left + max(0.0, at - last) * rate)
            answer: Answer = ALLOWED if left >= 1 else Denied(max(1, math.ceil((1 - left) / rate)))
            self._taps[key] = (left - 1 if answer else left, at)
            if len(self._taps) > _MEMORY_KEYS:
                self._taps.popitem(last=False)
        return answer


_memory = _MemoryTaps()


@dataclass(frozen=True, slots=True)
class Bucket:
    """``limit`` hits within ``window`` seconds for each key."""

    name: str
    limit: int
    window: int

    def hit(self, key: str) -> Answer:
        """Count one; see ``hit``."""
        return hit(self.name, key, self.limit, self.window)

    def release(self, key: str) -> None:
        """Take one back; see ``release``."""
        release(self.name, key)

    def used(self, key: str) -> int:
        """How many hits it has; see ``count_used``."""
        return count_used(self.name, key)


@dataclass(frozen=True, slots=True)
class Tap:
    """``rate`` requests a second for each key, ``burst`` at once after a pause."""

    name: str
    rate: float
    burst: int

    def take(self, key: str) -> Answer:
        """Let one request of ``key`` through, or say when to come again."""
        answer = _store.run(_TAKE, _redis_key(self.name, key), self.rate, self.burst)
        if answer is None:
            return _memory.take(f"{self.name}:{key}", self.rate, self.burst, time.monotonic())
        return ALLOWED if answer[0] else Denied(max(1, math.ceil(answer[1] / 1000)))


def hit_all(hits: Sequence[tuple[Bucket, str]]) -> Answer:
    """Count one in each bucket or, where one of them denies, in none; ``left`` is that of the fullest bucket."""
    taken: list[tuple[Bucket, str]] = []
    left: list[int] = []
    for bucket, key in hits:
        answer = bucket.hit(key)
        if isinstance(answer, Denied):
            release_all(taken)
            return answer
        taken.append((bucket, key))
        left.append(answer.left)
    return Allowed(min(left, default=0))


def release_all(hits: Sequence[tuple[Bucket, str]]) -> None:
    """Take one back in each bucket."""
    for bucket, key in hits:
        bucket.release(key)


_HOUR: Final = 3600

PUBLIC_CREATE_PER_NETWORK: Final = Bucket("create-network", 20, _HOUR)
PUBLIC_CREATE_PER_PHONE: Final = Bucket("create-phone", 5, _HOUR)
QUESTIONS_PER_NETWORK: Final = Bucket("question-network", 20, _HOUR)
GUESTS_PER_NETWORK: Final = Bucket("guest-network", 300, _HOUR)
UNPROVEN_PER_NETWORK: Final = Bucket("unproven-network", 6, _HOUR)
UNPROVEN_GUESTS_PER_NETWORK: Final = Bucket("unproven-guest-network", 60, _HOUR)
CHALLENGES_SPENT: Final = Bucket("challenge-spent", 1, 7 * 24 * _HOUR)
WRONG_TAIL: Final = Bucket("proof-tail", 5, 24 * _HOUR)
WRONG_PHONE: Final = Bucket("proof-phone", 5, 24 * _HOUR)
WRONG_PHONE_ANYWHERE: Final = Bucket("proof-phone-anywhere", 20, 24 * _HOUR)
WRONG_PROOF_PER_NETWORK: Final = Bucket("proof-network", 30, _HOUR)
CALLERS: Final = Bucket("callers", 60, _HOUR)
CALLER_AGAIN: Final = Bucket("caller-again", 1, _HOUR)
CALLERS_TOLD: Final = Bucket("callers-told", 1, _HOUR)
PROVEN_NETWORK: Final = Bucket("proof-proven", 1, 30 * 24 * _HOUR)
API_PER_USER: Final = Tap("api-user", 20, 300)


def public_create(*, network: str, phone: str) -> list[tuple[Bucket, str]]:
    """What a report without an account counts in: hit these together before creating."""
    return [(PUBLIC_CREATE_PER_NETWORK, network), (PUBLIC_CREATE_PER_PHONE, phone)]


def proof_buckets(*, network: str, matter: str, whole: bool) -> list[tuple[Bucket, str]]:
    """What an answer to "the phone that was left" counts in: hit before looking, release where it was right.

    Hitting first keeps many guesses at once from passing the count. Last four digits and whole numbers count apart.
    The count over all networks leaves out those from which the right number came before: else a stranger's guesses
    would lock the reporter out.
    """
    here = f"{matter} {network}"
    counted = [(WRONG_PHONE if whole else WRONG_TAIL, here), (WRONG_PROOF_PER_NETWORK, network)]
    if whole and not PROVEN_NETWORK.used(here):
        counted.append((WRONG_PHONE_ANYWHERE, matter))
    return counted


def note_proven(*, network: str, matter: str) -> None:
    """Remember that the reporter of ``matter`` has been at ``network``."""
    PROVEN_NETWORK.hit(f"{matter} {network}")
