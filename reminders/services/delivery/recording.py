"""What became of claimed messages, written in small batches.

Small, because what a dying worker had not written yet is sent again under the same id; in batches, because one
statement for each message would cost more than sending it. With the database away the writer waits for it: what the
other side has accepted must not be sent twice for a fault of ours.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, connection
from psycopg2.extras import execute_values

from deadlines.calendar import WorkCalendar
from reminders.channels.base import DeliveryError
from reminders.circuit import OPENING, gives_up, pause
from reminders.enums import OutboxState
from reminders.models import OutboxMessage
from reminders.timing import after_night, allowed_from

logger = logging.getLogger(__name__)

MOST_UNWRITTEN: Final = 40
"""E-mails; what goes by other channels is written one by one."""
LONGEST_UNWRITTEN: Final = timedelta(seconds=1)
PATIENCE: Final = 100.0
"""Seconds to wait for the database; less than it takes until a claim counts as stuck."""
_EVERY: Final = 0.5

_RECORD: Final = """
UPDATE reminders_outboxmessage AS o SET state = new.state, claimed_at = NULL, sent_at = new.sent_at, error = new.error,
    next_attempt_at = COALESCE(new.next_attempt_at, o.next_attempt_at)
FROM (VALUES %s) AS new (id, attempts, state, sent_at, error, next_attempt_at)
WHERE o.id = new.id AND o.attempts = new.attempts AND o.state = 'claimed' RETURNING new.state
"""
_TEMPLATE: Final = "(%s::bigint, %s::int, %s, %s::timestamptz, %s, %s::timestamptz)"

_Outcome = tuple[int, int, str, datetime | None, str, datetime | None]


@dataclass
class DeliveryResult:
    """What one pass did, in messages; ``parcels`` is what was accepted at once.

    ``returned`` counts stuck claims that were put back, ``postponed`` messages to try again. ``held`` says why a pass
    ended before its messages did, ``more`` that its time was over.
    """

    claimed: int = 0
    sent: int = 0
    dropped: int = 0
    postponed: int = 0
    dead: int = 0
    returned: int = 0
    parcels: int = 0
    held: str = ""
    more: bool = False
    channels: "dict[str, DeliveryResult]" = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The figures as ``deliver_outbox`` prints them, by channel where there are many."""
        figures: dict[str, object] = {
            "claimed": self.claimed,
            "sent": self.sent,
            "dropped": self.dropped,
            "postponed": self.postponed,
            "dead": self.dead,
            "returned": self.returned,
            "parcels": self.parcels,
        }
        if self.held:
            figures["held"] = self.held
        if self.channels:
            figures["channels"] = {name: result.as_json() for name, result in self.channels.items()}
        return figures

    def add(self, name: str, result: "DeliveryResult") -> None:
        """Take in what happened on one channel."""
        self.channels[name] = result
        for part in ("claimed", "sent", "dropped", "postponed", "dead", "parcels"):
            setattr(self, part, getattr(self, part) + getattr(result, part))


@dataclass(frozen=True)
class Retry:
    """How a failure on one channel is taken. ``channel_well``: it worked until now. ``always``: it never disturbs."""

    calendar: WorkCalendar
    channel_well: bool
    always: bool

    def pause(self, row: OutboxMessage, attempts: int, trouble: DeliveryError) -> timedelta:
        """How long a message waits of its own; while its channel fails it only goes to the end of the queue."""
        if trouble.trouble in OPENING and not self.channel_well:
            return timedelta(0)
        wished = timedelta(0) if trouble.trouble in OPENING else trouble.retry_after or timedelta(0)
        return max(pause(row.bundle or row.pk, attempts), wished)


@dataclass
class Record:
    """Outcomes on their way into the outbox; only of claims that are still ours."""

    result: DeliveryResult
    _waiting: list[_Outcome] = field(default_factory=list)
    _since: datetime | None = None

    def sent(self, rows: Sequence[OutboxMessage], at: datetime) -> None:
        """Accepted by the other side."""
        self.result.parcels += 1
        self._add(rows, OutboxState.SENT, at, sent_at=at)

    def dropped(self, row: OutboxMessage, reason: str, at: datetime) -> None:
        """Not to be sent any more."""
        self._add([row], OutboxState.DROPPED, at, error=reason)

    def failed(self, rows: Sequence[OutboxMessage], trouble: DeliveryError, at: datetime, retry: "Retry") -> None:
        """Not accepted: dead, or to be tried again. Messages of one parcel go on together."""
        words = f"{trouble.trouble}: {trouble.words}"[:200]
        attempts = max(row.attempts for row in rows)
        if gives_up(attempts, trouble=trouble.trouble, channel_well=retry.channel_well):
            self._add(rows, OutboxState.DEAD, at, error=words)
            return
        wait = retry.pause(rows[0], attempts, trouble)
        loud = retry.always or any(row.loud for row in rows)
        next_at = allowed_from(at + wait, loud=loud, calendar=retry.calendar)
        if rows[0].outsider_id is not None:
            next_at = after_night(at + wait)
        self._add(rows, OutboxState.QUEUED, at, error=words, next_attempt_at=next_at)

    def flush_if_due(self, at: datetime, *, at_once: bool = False) -> bool:
        """Write where enough waits, or has waited long enough; returns whether it did."""
        old = self._since is not None and at - self._since >= LONGEST_UNWRITTEN
        if not (at_once or old or len(self._waiting) >= MOST_UNWRITTEN):
            return False
        self.flush()
        return True

    def flush(self) -> None:
        """Write what waits. Raises django.db.OperationalError where the database stays away for PATIENCE seconds."""
        if not self._waiting:
            return
        until = time.monotonic() + PATIENCE
        while True:
            try:
                states = _write(self._waiting)
                break
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block or time.monotonic() > until:
                    raise
                logger.warning("%s outcomes wait for the database", len(self._waiting))
                connection.close()
                time.sleep(_EVERY)
        self._waiting, self._since = [], None
        counted = self.result
        counted.sent += states.count(OutboxState.SENT)
        counted.dropped += states.count(OutboxState.DROPPED)
        counted.dead += states.count(OutboxState.DEAD)
        counted.postponed += states.count(OutboxState.QUEUED)

    def _add(
        self,
        rows: Sequence[OutboxMessage],
        state: OutboxState,
        at: datetime,
        *,
        sent_at: datetime | None = None,
        error: str = "",
        next_attempt_at: datetime | None = None,
    ) -> None:
        self._since = self._since or at
        self._waiting += [(row.pk, row.attempts, state.value, sent_at, error, next_attempt_at) for row in rows]


def _write(outcomes: Sequence[_Outcome]) -> list[str]:
    with connection.cursor() as cursor, connection.wrap_database_errors:
        rows = execute_values(cursor.cursor, _RECORD, outcomes, template=_TEMPLATE, page_size=len(outcomes), fetch=True)
    return [row[0] for row in rows]
