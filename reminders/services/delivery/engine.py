"""Delivery by one channel: claim, commit, send, record, over and over until nothing is left or it must wait."""

import logging
from datetime import datetime, timedelta
from typing import Final

from celery.exceptions import SoftTimeLimitExceeded

from deadlines.services import load_calendar
from reminders import bucket
from reminders.channels import open_sender
from reminders.channels.base import Clock, DeliveryError, Sender, Trouble
from reminders.circuit import OPENING
from reminders.enums import Channel, OutboxState
from reminders.models import DeliveryChannel, OutboxMessage
from reminders.services import circuits
from reminders.services.delivery import claims
from reminders.services.delivery.claims import Claim
from reminders.services.delivery.parcels import Batch, Load
from reminders.services.delivery.recording import DeliveryResult, Record, Retry

logger = logging.getLogger(__name__)

BATCH: Final = 200
BATCH_TIME: Final = timedelta(minutes=1)
"""What is not sent by then is put back."""
PASS_SECONDS: Final = 120.0
NOTED_EVERY: Final = timedelta(seconds=5)
"""How often a channel's success is written where nothing depends on it."""


def deliver_channel(
    channel_id: int, *, clock: Clock, batch: int = BATCH, seconds: float = PASS_SECONDS
) -> DeliveryResult:
    """Send what may be sent now by one channel; after so many ``seconds`` nothing more is claimed.

    ``clock`` tells the time, which passes while the other side is slow.
    """
    result = DeliveryResult()
    run = _Run(channel_id, clock, batch, result)
    try:
        until = clock() + timedelta(seconds=seconds)
        going = True
        while going and clock() <= until:
            going = run.one_claim()
        result.more = going
    finally:
        run.close()
    return result


class _Run:
    """One pass over one channel, over one connection to the other side as long as that lasts."""

    def __init__(self, channel_id: int, clock: Clock, batch: int, result: DeliveryResult) -> None:
        self._channel_id = channel_id
        self._clock = clock
        self._batch = batch
        self._result = result
        self._record = Record(result)
        self._calendar = load_calendar()
        self._sender: Sender | None = None
        self._noted_at: datetime | None = None

    def close(self) -> None:
        """Write what is known and give up the connection."""
        try:
            self._record.flush()
        finally:
            self._hang_up()

    def one_claim(self) -> bool:
        """Claim once and send it; False where there is nothing more to do now."""
        at = self._clock()
        heads = self._allowed(at)
        if not heads:
            return False
        claim = claims.claim(self._channel_id, at=at, heads=heads, calendar=self._calendar)
        if claim is None:
            return False
        self._result.claimed += len(claim.rows)
        return self._send_all(claim)

    def _allowed(self, at: datetime) -> int:
        """How many heads may be claimed: a batch, or what the channel's limit leaves (each may be a parcel)."""
        channel = DeliveryChannel.objects.filter(pk=self._channel_id).first()
        if channel is None or channel.is_open(at):
            return 0
        if bucket.limit_of(channel) is None:
            return self._batch
        due = OutboxMessage.objects.filter(
            via_id=channel.pk, state=OutboxState.QUEUED, next_attempt_at__lte=at
        ).order_by()[: self._batch]
        waiting = due.count()
        grant = bucket.take(channel, at=at, wanted=waiting) if waiting else bucket.Grant(0)
        if waiting and not grant.parcels:
            self._result.held = str(grant.answer)
        return grant.parcels

    def _send_all(self, claim: Claim) -> bool:
        """Send a claim's parcels; False where the channel cannot be used any more and the pass should end."""
        channel, until = claim.channel, self._clock() + BATCH_TIME
        found = Batch(channel, claim.rows).sort(claim.rows)
        loads = found.loads
        retry = Retry(self._calendar, not claim.probing, not claims.disturbs(Channel(channel.kind)))
        for row, reason in found.refused:
            self._record.dropped(row, reason, self._clock())
        for row, error in found.broken:
            self._record.failed([row], DeliveryError(Trouble.LATER, error), self._clock(), retry)
        for number, load in enumerate(loads):
            if self._clock() > until:
                self._put_back(loads[number:])
                break
            trouble = self._send(channel, load)
            at = self._clock()
            if trouble is None:
                self._record.sent(load.rows, at)
            else:
                self._record.failed(load.rows, trouble, at, retry)
                if trouble.trouble in OPENING:
                    self._fail(channel, trouble, loads[number + 1 :])
                    return False
            self._note(channel, at, probing=claim.probing)
        self._record.flush()
        if claim.probing and not loads:
            circuits.give_back(channel.pk, at=self._clock())
        return True

    def _send(self, channel: DeliveryChannel, load: Load) -> DeliveryError | None:
        """Hand one parcel over; what went wrong, None where it was accepted."""
        if self._sender is None:
            self._sender = open_sender(channel, clock=self._clock)
        try:
            self._sender.send(load.parcel)
        except DeliveryError as trouble:
            return trouble
        except SoftTimeLimitExceeded:
            return DeliveryError(Trouble.AWAY, "too slow")
        except Exception as error:
            # one parcel that an adapter cannot make anything of must not keep the others waiting
            logger.exception("parcel %s could not be handed over by channel %s", load.parcel.id, channel.pk)
            return DeliveryError(Trouble.LATER, type(error).__name__)
        return None

    def _note(self, channel: DeliveryChannel, at: datetime, *, probing: bool) -> None:
        """Write outcomes, and that the channel works. A robot's window is found again by its last success."""
        written = self._record.flush_if_due(at, at_once=channel.kind != Channel.EMAIL)
        stale = self._noted_at is None or at - self._noted_at >= NOTED_EVERY
        if probing or channel.is_robot or (written and stale):
            circuits.note_success(channel.pk, at=at)
            self._noted_at = at

    def _fail(self, channel: DeliveryChannel, trouble: DeliveryError, rest: list[Load]) -> None:
        """The channel waits; what was not tried goes back."""
        logger.warning("channel %s cannot be used: %s %s", channel.pk, trouble.trouble, trouble.words)
        self._result.held = str(trouble.trouble)
        self._record.flush()
        circuits.note_failure(channel, trouble, at=self._clock())
        self._put_back(rest)
        self._hang_up()

    def _put_back(self, loads: list[Load]) -> None:
        self._result.claimed -= claims.put_back([row for load in loads for row in load.rows])

    def _hang_up(self) -> None:
        if self._sender is not None:
            self._sender.close()
        self._sender = None
