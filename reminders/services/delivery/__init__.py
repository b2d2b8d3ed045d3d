"""Delivery of the outbox: claim, commit, send, record; each channel by itself, so that a slow one holds nobody up.

A claim is a committed row before the first byte leaves, so nothing is sent inside a transaction. A worker that dies
between the other side's acceptance and our record leaves a claim behind; it is returned after STUCK_AFTER and the
message goes out again under the same id: at least once, and a repeat can be recognised.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from deadlines.services import load_calendar
from reminders.channels.base import Clock
from reminders.enums import Channel
from reminders.services import circuits
from reminders.services.delivery import claims, outside
from reminders.services.delivery.claims import STUCK_AFTER
from reminders.services.delivery.engine import BATCH, PASS_SECONDS, deliver_channel
from reminders.services.delivery.recording import DeliveryResult

__all__ = [
    "STUCK_AFTER",
    "DeliveryResult",
    "WaitingChannel",
    "deliver",
    "deliver_channel",
    "hand_out",
    "prepare",
    "waiting",
]

CAP: Final = 2000
"""Waiting messages are counted no further than this."""
PER_WORKER: Final = 250
"""E-mails for each of the workers that send them at once."""
MOST_WORKERS: Final = 4
SENDING_NOW: Final = timedelta(minutes=1)
"""Somebody who claimed no longer ago is still at it."""

_WAITING: Final = """
SELECT c.id, c.kind, c.name, (
        SELECT count(*) FROM (SELECT 1 FROM reminders_outboxmessage AS o
            WHERE o.via_id = c.id AND o.state = 'queued' AND o.next_attempt_at <= %(at)s LIMIT %(cap)s) AS due),
    (SELECT count(*) FROM reminders_outboxmessage AS o
        WHERE o.via_id = c.id AND o.state = 'claimed' AND o.claimed_at > %(recent)s)
FROM reminders_deliverychannel AS c WHERE c.open_until_at IS NULL OR c.open_until_at <= %(at)s ORDER BY c.id
"""


@dataclass(frozen=True)
class WaitingChannel:
    """A channel that may be used, and how many messages may leave by it now (at most CAP).

    ``claimed``: messages that somebody is sending.
    """

    channel_id: int
    kind: str
    name: str
    due: int
    claimed: int

    @property
    def label(self) -> str:
        """How results are told apart: the kind, and which of its kind."""
        return f"{self.kind} {self.channel_id}"

    @property
    def workers(self) -> int:
        """How many more should send by it: mail servers take several at once, all else one after the other."""
        busy = -(-self.claimed // BATCH)
        wanted = min(MOST_WORKERS, 1 + self.due // PER_WORKER) if self.kind == Channel.EMAIL else 1
        return max(0, wanted - busy)


def prepare(at: datetime) -> int:
    """Before a pass: return stuck claims (the number is returned), leave the night in peace, tell of dead channels.

    And tell the domains which letters did not arrive.
    """
    returned = claims.return_stuck(at)
    claims.put_off(at, load_calendar())
    outside.give_up(at)
    outside.report(at)
    circuits.alarm(at=at)
    return returned


def waiting(at: datetime) -> list[WaitingChannel]:
    """The channels with something to send whose circuit is not open. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"at": at, "cap": CAP, "recent": at - SENDING_NOW})
        found = [WaitingChannel(*row) for row in cursor.fetchall()]
    return [row for row in found if row.due]


def hand_out(*, clock: Clock, start: Callable[[int], bool]) -> dict[str, Any]:
    """Have a worker ``start`` each channel with something to send; by itself send what nobody took.

    Returns, by channel, the number of messages that wait, or what became of them.
    """
    at = clock()
    figures: dict[str, Any] = {"returned": prepare(at), "channels": {}}
    left: list[WaitingChannel] = []
    for found in waiting(at):
        figures["channels"][found.label] = {"due": found.due, "workers": found.workers}
        started = sum(start(found.channel_id) for _number in range(found.workers))
        if found.workers and not started:
            left.append(found)
    for found in left:
        figures["channels"][found.label] |= deliver_channel(found.channel_id, clock=clock).as_json()
    return figures


def deliver(*, clock: Clock, batch: int = BATCH) -> DeliveryResult:
    """Send everything that may be sent now, one channel after the other. ``clock`` tells the time.

    What the command does, and the worker where it cannot hand out the work.
    """
    result = DeliveryResult()
    result.returned = prepare(clock())
    until = clock() + timedelta(seconds=PASS_SECONDS)
    for found in waiting(clock()):
        if clock() > until:
            break
        result.add(found.label, deliver_channel(found.channel_id, clock=clock, batch=batch))
    return result
