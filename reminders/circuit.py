"""When to try again: a message that was not taken, a channel that does not answer. Pure: no ORM, no HTTP.

A message waits where only it is at fault, longer each time, and is dead after MOST_ATTEMPTS. A channel waits where the
other side is: its circuit opens, nothing is tried, then a single parcel is (half open); if that is taken the circuit
closes. As long as the channel is at fault no message dies of it.
"""

import zlib
from datetime import datetime, timedelta
from typing import Final

from reminders.channels.base import Trouble

MOST_ATTEMPTS: Final = 12
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Of a message."""

OPENING: Final = frozenset({Trouble.AWAY, Trouble.BUSY, Trouble.SETUP})
"""The other side's troubles: the channel waits."""

PROBE_LEASE: Final = timedelta(seconds=90)
"""For so long nobody else tries a channel that somebody is trying; longer than any one parcel takes."""

ALARM_AFTER: Final = timedelta(minutes=15)
"""A channel that has failed for so long is somebody's business."""

_CHANNEL_PAUSES: Final = {
    Trouble.AWAY: (timedelta(seconds=15), timedelta(minutes=5)),
    Trouble.BUSY: (timedelta(seconds=60), timedelta(minutes=10)),
    Trouble.SETUP: (timedelta(minutes=1), timedelta(minutes=15)),
}
_LONGEST_WISH: Final = timedelta(hours=1)


def pause(key: int, attempts: int) -> timedelta:
    """How long a message waits after its ``attempts``-th failure: doubling, bounded, spread by a fifth either way."""
    return min(_doubled(FIRST_PAUSE, attempts), LONGEST_PAUSE) * _spread(key, attempts)


def channel_pause(trouble: Trouble, key: int, failures: int, retry_after: timedelta | None = None) -> timedelta:
    """How long a channel waits after its ``failures``-th failure in a row.

    Never shorter than the other side asked for (``retry_after``, an hour at most).
    """
    first, longest = _CHANNEL_PAUSES[trouble]
    own = min(_doubled(first, failures), longest) * _spread(key, failures)
    return max(own, min(retry_after or timedelta(0), _LONGEST_WISH))


def gives_up(attempts: int, *, trouble: Trouble, channel_well: bool) -> bool:
    """Whether a message is dead after this failure.

    ``channel_well``: other messages went through before it, so that even a trouble of the channel is its own doing.
    """
    if trouble is Trouble.REFUSED:
        return True
    return attempts >= MOST_ATTEMPTS and (channel_well or trouble not in OPENING)


def wants_alarm(at: datetime, failing_from: datetime | None, alarmed_at: datetime | None) -> bool:
    """Whether people are to be told of a channel that fails since then: once in an outage."""
    return failing_from is not None and alarmed_at is None and at - failing_from >= ALARM_AFTER


def _doubled(first: timedelta, times: int) -> timedelta:
    doubled: timedelta = first * float(2 ** min(max(0, times - 1), 20))
    return doubled


def _spread(key: int, times: int) -> float:
    return 0.8 + 0.4 * (zlib.crc32(f"{key}:{times}".encode()) % 1000) / 1000
