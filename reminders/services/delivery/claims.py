"""Taking messages out of the outbox, and putting back what was not tried.

A claim is a committed row before the first byte leaves. Messages that leave together are claimed together and carry the
id of their first as ``bundle`` from then on, at every further attempt; what comes later never joins them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from deadlines.calendar import WorkCalendar
from reminders import timing
from reminders.channels import KINDS
from reminders.enums import Channel, OutboxState
from reminders.models import DeliveryChannel, OutboxMessage
from reminders.services import circuits

STUCK_AFTER: Final = timedelta(minutes=3)
"""Longer than a claim may take: BATCH_TIME of the engine and one slow parcel."""
MOST_IN_PARCEL: Final = 200

_HEADS: Final = """
WITH heads AS MATERIALIZED (
    SELECT id, recipient_id, bundle, outsider_id IS NULL AND (%(bundles)s OR mode = 'digest') AS together
    FROM reminders_outboxmessage
    WHERE via_id = %(via)s AND state = 'queued' AND next_attempt_at <= %(at)s
        AND (loud OR NOT CASE WHEN outsider_id IS NULL THEN %(quiet)s ELSE %(night)s END)
    ORDER BY next_attempt_at, id LIMIT %(heads)s FOR UPDATE SKIP LOCKED
), readers AS MATERIALIZED (
    SELECT DISTINCT recipient_id, bundle FROM heads WHERE together OR bundle IS NOT NULL
), chosen AS (
    SELECT id, NULL::bigint AS first FROM heads WHERE NOT together AND bundle IS NULL
    UNION ALL
    SELECT found.id, min(found.id) OVER (PARTITION BY readers.recipient_id, readers.bundle)
    FROM readers CROSS JOIN LATERAL (
        SELECT id FROM reminders_outboxmessage AS other
        WHERE other.via_id = %(via)s AND other.state = 'queued' AND {same_reader}
            AND (other.bundle = readers.bundle OR (readers.bundle IS NULL AND other.bundle IS NULL
                AND other.next_attempt_at <= %(at)s AND (other.loud OR NOT %(quiet)s)
                AND (%(bundles)s OR other.mode = 'digest')))
        ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) AS found
)
UPDATE reminders_outboxmessage AS o
SET state = 'claimed', claimed_at = %(at)s, attempts = attempts + 1, bundle = COALESCE(o.bundle, chosen.first)
FROM chosen WHERE o.id = chosen.id RETURNING o.id
"""
_PERSONAL: Final = _HEADS.format(same_reader="other.recipient_id = readers.recipient_id")
_GROUP: Final = _HEADS.format(same_reader="other.recipient_id IS NULL")

_PUT_BACK: Final = """
UPDATE reminders_outboxmessage SET state = 'queued', claimed_at = NULL, attempts = attempts - 1,
    bundle = CASE WHEN attempts > 1 THEN bundle END
WHERE state = 'claimed' AND (id, attempts) IN (SELECT * FROM unnest(%s::bigint[], %s::int[]))
"""


_LOADED: Final = (
    *("channel", "loud", "bundle", "attempts", "outsider_id"),
    *("event__subject_kind", "event__subject_id", "event__kind", "event__at", "event__actor_role", "event__data"),
    *("recipient__email", "recipient__is_active"),
)


@dataclass(frozen=True)
class Claim:
    """Some messages of one channel, ours until they are stuck. ``channel`` is as it stood when they were taken.

    ``probing``: the channel failed before, and this is the one parcel by which we see whether it works again.
    """

    channel: DeliveryChannel
    rows: list[OutboxMessage]
    probing: bool


def claim(channel_id: int, *, at: datetime, heads: int, calendar: WorkCalendar) -> Claim | None:
    """Take the ``heads`` messages that have waited longest, and what goes with them. None where there is nothing.

    Two workers never take from one channel at the same moment, so that one reader's messages stay together; and only
    one of them tries a channel that failed. Nothing is taken while its circuit is open.
    """
    with transaction.atomic():
        locked = DeliveryChannel.objects.select_for_update(no_key=True, of=("self",))
        channel = locked.filter(pk=channel_id).first()
        if channel is None or channel.is_open(at):
            return None
        probing = channel.failures > 0
        ids = _take(channel, at, 1 if probing else heads, calendar)
        if ids and probing:
            circuits.lease(channel_id, at=at)
    if not ids:
        return None
    return Claim(channel, load(ids, Channel(channel.kind)), probing)


def load(ids: Sequence[int], kind: Channel) -> list[OutboxMessage]:
    """Messages with what delivery asks of them, longest waiting first. One statement."""
    # a telephone's number is decrypted for each row that is read
    columns = (*_LOADED, "recipient__mobile") if kind is Channel.SMS else _LOADED
    rows = OutboxMessage.objects.filter(pk__in=ids).select_related("event", "recipient").only(*columns)
    return list(rows.order_by("next_attempt_at", "id"))


def _take(channel: DeliveryChannel, at: datetime, heads: int, calendar: WorkCalendar) -> list[int]:
    kind = Channel(channel.kind)
    personal = kind in (Channel.EMAIL, Channel.SMS)
    figures: dict[str, Any] = {
        "via": channel.pk,
        "at": at,
        "heads": heads,
        "most": MOST_IN_PARCEL,
        "bundles": KINDS[kind].bundles,
        "night": timing.is_night(at),
        "quiet": disturbs(kind) and timing.is_quiet(at, calendar=calendar),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PERSONAL if personal else _GROUP, figures)
        return [row[0] for row in cursor.fetchall()]


def disturbs(kind: Channel) -> bool:
    """Whether a message of this kind reaches a person's ears; another system does not sleep."""
    return kind is not Channel.WEBHOOK


def put_back(rows: list[OutboxMessage]) -> int:
    """Give back what was claimed and not tried: it was no attempt. Returns how many rows were still ours."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [[row.pk for row in rows], [row.attempts for row in rows]])
        return int(cursor.rowcount)


def return_stuck(at: datetime) -> int:
    """Queue the claims of workers that died. They may have been sent: they keep their bundle, and so their id."""
    rows = OutboxMessage.objects.filter(state=OutboxState.CLAIMED, claimed_at__lt=at - STUCK_AFTER)
    return rows.update(state=OutboxState.QUEUED, claimed_at=None, next_attempt_at=at)


def put_off(at: datetime, calendar: WorkCalendar) -> int:
    """In the quiet, plan what is due and not loud for the morning; returns how many. Nothing at any other time."""
    if not timing.is_quiet(at, calendar=calendar):
        return 0
    rows = OutboxMessage.objects.filter(state=OutboxState.QUEUED, loud=False, next_attempt_at__lte=at)
    rows = rows.exclude(channel=Channel.WEBHOOK)
    morning = timing.allowed_from(at, loud=False, calendar=calendar)
    outside = rows.filter(outsider_id__isnull=False) if timing.is_night(at) else rows.none()
    put = outside.update(next_attempt_at=timing.after_night(at))
    return put + rows.filter(outsider_id__isnull=True).update(next_attempt_at=morning)
