"""Delivery of the outbox: claim, commit, send, record.

A claim is a committed row before the first byte leaves, so nothing is sent inside a transaction. A worker that dies
between the server's acceptance and our record leaves a claim behind; it is returned after STUCK_AFTER and the message
goes out again under the same Message-ID: at least once, and a repeat can be recognised.
"""

import logging
import smtplib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import F, QuerySet

from accounts.models import User
from communities.access import load_access
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.enums import OPEN
from issues.models import Issue
from reminders import emails
from reminders.enums import NO_ADDRESS, NO_LONGER_ALLOWED, NO_LONGER_NEEDED, REMIND, OutboxState
from reminders.facts import departments_for, facts_of, issues_for
from reminders.models import OutboxMessage

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BATCH: Final = 50
STUCK_AFTER: Final = timedelta(minutes=3)
"""Longer than a whole batch may take: BATCH_TIME and one slow message."""
BATCH_TIME: Final = timedelta(minutes=1)
PASS_TIME: Final = timedelta(minutes=2)
"""No new batch is begun after this, so that a task stays within its time limit."""
MOST_ATTEMPTS: Final = 12
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(hours=1)

_CLAIM = """
UPDATE reminders_outboxmessage SET state = 'claimed', claimed_at = %s, attempts = attempts + 1 WHERE id = ANY(ARRAY(
    SELECT id FROM reminders_outboxmessage WHERE state = 'queued' AND next_attempt_at <= %s
    ORDER BY next_attempt_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)) RETURNING id
"""


@dataclass
class DeliveryResult:
    """What one pass did. ``returned`` counts stuck claims that were put back, ``postponed`` messages to try again."""

    claimed: int = 0
    sent: int = 0
    dropped: int = 0
    postponed: int = 0
    dead: int = 0
    returned: int = 0

    def as_json(self) -> dict[str, int]:
        """The figures as ``deliver_outbox`` prints them."""
        return asdict(self)


class Unreachable(Exception):  # noqa: N818 - a state of the mail server, not of the message
    """The mail server cannot be used now; the rest of the batch is not tried."""


class Refused(Exception):  # noqa: N818 - what the server said
    """The server refused this message: for good, or for now."""

    def __init__(self, words: str, *, permanent: bool) -> None:
        super().__init__(words)
        self.permanent = permanent


def deliver(*, clock: Clock, batch: int = BATCH) -> DeliveryResult:
    """Send everything that may be sent now. ``clock`` tells the time, which passes while a server is slow."""
    result = DeliveryResult()
    result.returned = _return_stuck(clock())
    until = clock() + PASS_TIME
    going = True
    while going and clock() <= until:
        claimed = _claim(clock(), batch)
        result.claimed += len(claimed)
        going = bool(claimed) and _send_batch(claimed, clock, result)
    return result


def _return_stuck(at: datetime) -> int:
    rows = OutboxMessage.objects.filter(state=OutboxState.CLAIMED, claimed_at__lt=at - STUCK_AFTER)
    return rows.update(state=OutboxState.QUEUED, claimed_at=None, next_attempt_at=at)


def _claim(at: datetime, batch: int) -> list[OutboxMessage]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at, at, batch])
        ids = [row[0] for row in cursor.fetchall()]
    rows = OutboxMessage.objects.filter(pk__in=ids).select_related("event", "recipient")
    return list(rows.order_by("next_attempt_at", "id"))


def _send_batch(claimed: Sequence[OutboxMessage], clock: Clock, result: DeliveryResult) -> bool:
    """Send what was claimed over one connection; False where the server cannot be used and the pass should end."""
    batch = _Batch(claimed)
    until = clock() + BATCH_TIME
    server = mail.get_connection()
    try:
        for position, row in enumerate(claimed):
            if clock() > until:
                _release(claimed[position:], clock(), result)
                return True
            reason = batch.obstacle(row)
            if reason:
                result.dropped += _end(row, OutboxState.DROPPED, clock(), reason)
                continue
            try:
                _send(batch, row, server)
            except Refused as refusal:
                _after_refusal(row, refusal, clock(), result)
            except Unreachable as cause:
                logger.warning("the mail server cannot be used: %s", cause)
                _postpone(row, str(cause), clock(), result)
                _release(claimed[position + 1 :], clock(), result)
                return False
            else:
                result.sent += _end(row, OutboxState.SENT, clock())
        return True
    finally:
        _close(server)


class _Batch:
    """What the messages of a batch are made of, read as it stands now: rights and state are checked again."""

    def __init__(self, rows: Sequence[OutboxMessage]) -> None:
        self.issues = issues_for({row.event.subject_id for row in rows})
        self.departments = departments_for([row.event for row in rows])
        deadlines = {row.event.data.get("deadline") for row in rows if row.event.kind == REMIND}
        running = Deadline.objects.filter(pk__in=deadlines, state=DeadlineState.RUNNING)
        self.running = set(running.values_list("pk", flat=True))
        self._visible: dict[int, set[int]] = {}

    def obstacle(self, row: OutboxMessage) -> str:
        """Why this message must not leave any more, "" where it may."""
        issue = self.issues.get(row.event.subject_id)
        if not row.recipient.email:
            return NO_ADDRESS
        if issue is None or not row.recipient.is_active or not self._may_see(row.recipient, issue.pk):
            return NO_LONGER_ALLOWED
        if row.event.kind == REMIND and row.event.data.get("deadline") not in self.running:
            return NO_LONGER_NEEDED
        if row.event.data.get("commitment") and row.event.kind == REMIND:
            return ""
        if issue.status not in OPEN and row.event.data.get("to", row.event.data.get("status")) in OPEN:
            return NO_LONGER_NEEDED
        return ""

    def _may_see(self, user: User, issue_id: int) -> bool:
        if user.pk not in self._visible:
            rows = Issue.objects.filter(pk__in=list(self.issues)).visible_to(load_access(user))
            self._visible[user.pk] = set(rows.values_list("pk", flat=True))
        return issue_id in self._visible[user.pk]


def _send(batch: _Batch, row: OutboxMessage, server: BaseEmailBackend) -> None:
    """Hand one message to the mail server. Raises Refused, Unreachable."""
    issue = batch.issues[row.event.subject_id]
    message = emails.compose(
        facts=facts_of(row.event, issue, batch.departments),
        outbox_id=row.pk,
        event_id=row.event_id,
        issue_id=issue.pk,
        address=row.recipient.email,
        connection=server,
    )
    try:
        server.open()
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise Refused(_words(code, words), permanent=code >= 500) from error
    except smtplib.SMTPDataError as error:
        raise Refused(_words(error.smtp_code, error.smtp_error), permanent=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        _close(server)
        raise Unreachable(type(error).__name__) from error


def _words(code: int, words: bytes | str) -> str:
    """The server's answer without the address it may repeat."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(word for word in text.split() if '@' not in word)}"[:200]


def _after_refusal(row: OutboxMessage, refusal: Refused, at: datetime, result: DeliveryResult) -> None:
    if refusal.permanent:
        result.dead += _end(row, OutboxState.DEAD, at, str(refusal))
    else:
        _postpone(row, str(refusal), at, result)


def _postpone(row: OutboxMessage, words: str, at: datetime, result: DeliveryResult) -> None:
    """Try again later; after MOST_ATTEMPTS the message is dead."""
    if row.attempts >= MOST_ATTEMPTS:
        result.dead += _end(row, OutboxState.DEAD, at, words)
        return
    result.postponed += _mine(row).update(
        state=OutboxState.QUEUED, claimed_at=None, next_attempt_at=at + pause(row.pk, row.attempts), error=words[:200]
    )


def _release(rows: Sequence[OutboxMessage], at: datetime, result: DeliveryResult) -> None:
    """Put back what was claimed and not tried; it was no attempt."""
    pks = [row.pk for row in rows]
    result.claimed -= OutboxMessage.objects.filter(pk__in=pks, state=OutboxState.CLAIMED).update(
        state=OutboxState.QUEUED, claimed_at=None, next_attempt_at=at, attempts=F("attempts") - 1
    )


def _end(row: OutboxMessage, state: OutboxState, at: datetime, words: str = "") -> int:
    """Record the outcome, unless the claim was taken away from us; returns how many rows changed."""
    sent_at = at if state == OutboxState.SENT else None
    return _mine(row).update(state=state, claimed_at=None, sent_at=sent_at, error=words[:200])


def _mine(row: OutboxMessage) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(pk=row.pk, state=OutboxState.CLAIMED, attempts=row.attempts)


def pause(outbox_id: int, attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failure: doubling, bounded, spread by up to a fifth either way."""
    spread = 0.8 + 0.4 * (zlib.crc32(f"{outbox_id}:{attempts}".encode()) % 1000) / 1000
    doubled: timedelta = FIRST_PAUSE * float(2 ** max(0, attempts - 1))
    return min(doubled, LONGEST_PAUSE) * spread


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (smtplib.SMTPException, OSError) as error:
        logger.info("closing the connection to the mail server failed (%s)", type(error).__name__)
