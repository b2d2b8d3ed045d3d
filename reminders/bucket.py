"""How often a channel may be used: a window in Redis that all workers share, by Redis' own clock.

The vendor counts what arrives, we count what leaves, and between the two lie up to SLACK seconds. So the window is that
much longer than the vendor's minute: whatever the network does, no 60 seconds see more than the limit arrive.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import redis
from django.conf import settings

from reminders.channels import KINDS
from reminders.enums import ROBOTS, Channel

if TYPE_CHECKING:
    from reminders.models import DeliveryChannel

logger = logging.getLogger(__name__)

MINUTE: Final = timedelta(seconds=60)
SLACK: Final = timedelta(seconds=13)
"""The longest that a parcel may be under way: 3 seconds to connect, 10 to read (reminders.channels.http)."""
WINDOW: Final = MINUTE + SLACK
ROBOT_PAUSE: Final = timedelta(seconds=3)
"""Between two parcels to one group: what comes meanwhile goes together."""
_SECONDS: Final = 0.5

# A list of the moments at which something left, oldest first. Answers how many may leave now, and if none, for how many
# milliseconds none may. ARGV: window, limit, pause, wanted, and for how long the database knows of something that left
# within the window (0: it does not), for the case that Redis has lost the list.
_TAKE: Final = """
local moment = redis.call('TIME')
local now = moment[1] * 1000 + math.floor(moment[2] / 1000)
local window, limit, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wanted, blind = tonumber(ARGV[4]), tonumber(ARGV[5])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
while oldest and oldest <= now - window do
    redis.call('LPOP', KEYS[1])
    oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
end
if not oldest and blind > 0 then return {0, blind} end
local used = redis.call('LLEN', KEYS[1])
if used >= limit then return {0, oldest + window - now} end
if oldest and pause > 0 then
    local newest = tonumber(redis.call('LINDEX', KEYS[1], -1))
    if newest + pause > now then return {0, newest + pause - now} end
end
local granted = math.min(wanted, limit - used)
if pause > 0 then granted = math.min(granted, 1) end
for number = 1, granted do redis.call('RPUSH', KEYS[1], now) end
redis.call('PEXPIRE', KEYS[1], window)
return {granted, 0}
"""


class BucketAnswer(StrEnum):
    """What the bucket says: there are tokens, there are none yet, or nobody can tell."""

    GRANTED = "granted"
    WAIT = "wait"
    AWAY = "away"


@dataclass(frozen=True)
class Grant:
    """``parcels`` may leave now. Where none may: ``wait`` says for how long."""

    parcels: int
    wait: timedelta = timedelta(0)
    answer: BucketAnswer = BucketAnswer.GRANTED


def limit_of(channel: "DeliveryChannel") -> int | None:
    """Parcels that may leave in any minute: what its kind allows, or less where the channel says so; None: any."""
    own = KINDS[Channel(channel.kind)].per_minute
    given = [limit for limit in (own, channel.per_minute) if limit]
    return min(given) if given else None


def take(channel: "DeliveryChannel", *, at: datetime, wanted: int = 1) -> Grant:
    """Ask for up to ``wanted`` parcels by this channel; a granted one counts as sent, whatever becomes of it.

    A robot takes one at a time, with a pause between two. With Redis away robots wait, for their vendors punish; all
    else goes on, as fast as it can.
    """
    limit = limit_of(channel)
    if limit is None:
        return Grant(wanted)
    kind = KINDS[Channel(channel.kind)]
    pause = ROBOT_PAUSE if channel.is_robot else timedelta(0)
    if kind.per_second and not pause:
        pause = timedelta(seconds=1) / kind.per_second
    blind = timedelta(0)
    if channel.is_robot and channel.last_success_at is not None:
        blind = min(WINDOW, max(timedelta(0), channel.last_success_at + WINDOW - at))
    figures = [_ms(WINDOW), limit, _ms(pause), wanted, _ms(blind)]
    try:
        granted, wait = _script(settings.REDIS_URL)(keys=[key_of(channel)], args=figures)
    except redis.RedisError as error:
        logger.warning("no tokens for channel %s: %s", channel.pk, type(error).__name__)
        if channel.kind in ROBOTS:
            return Grant(0, MINUTE, BucketAnswer.AWAY)
        return Grant(wanted, answer=BucketAnswer.AWAY)
    if granted:
        return Grant(int(granted))
    return Grant(0, timedelta(milliseconds=int(wait)), BucketAnswer.WAIT)


def key_of(channel: "DeliveryChannel") -> str:
    """Where the window is kept: by address, for two channels with one address are one robot to its vendor."""
    address = channel.url or f"{channel.kind}:{channel.pk}"
    return f"govtrack:window:{hashlib.sha256(address.encode()).hexdigest()[:24]}"


def _ms(span: timedelta) -> int:
    return int(span / timedelta(milliseconds=1))


@lru_cache(maxsize=4)
def _script(url: str) -> Any:
    client = redis.Redis.from_url(url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
    return client.register_script(_TAKE)
