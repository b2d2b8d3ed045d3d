"""The state of each channel: how it is doing, when it may be tried, and who is told when it stays down.

Each change is one UPDATE of one row, so that workers who see the same outage at once do not overwrite each other.
"""

from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from communities.models import SubDistrict
from journal import services as journal
from journal.services import Entry
from reminders import circuit
from reminders.channels.base import DeliveryError
from reminders.enums import OFFICE
from reminders.models import DeliveryChannel

CHANNEL_DOWN: Final = "channel_down"
"""The alarm's kind; ``data``: channel (id), kind, since."""

_WAITING: Final = """
SELECT c.id FROM reminders_deliverychannel c WHERE c.retired_at IS NULL AND c.alarmed_at IS NULL
    AND c.failing_from <= %(since)s AND EXISTS (
        SELECT 1 FROM reminders_outboxmessage o
        WHERE o.via_id = c.id AND o.state = 'queued' AND o.next_attempt_at <= %(at)s)
ORDER BY c.id
"""


def note_success(channel_id: int, *, at: datetime) -> None:
    """A parcel was accepted, or refused for what it was: the channel works, its circuit closes."""
    DeliveryChannel.objects.filter(pk=channel_id).update(
        failures=0, open_until_at=None, failing_from=None, alarmed_at=None, last_success_at=at
    )


def note_failure(channel: DeliveryChannel, trouble: DeliveryError, *, at: datetime) -> None:
    """The channel itself failed: nothing is tried until ``open_until_at``, then one parcel."""
    wait = circuit.channel_pause(trouble.trouble, channel.pk, channel.failures + 1, trouble.retry_after)
    rows = DeliveryChannel.objects.filter(pk=channel.pk)
    rows.update(
        # of several workers who met the same failure one counts: the others had read the same number
        failures=channel.failures + 1,
        open_until_at=at + wait,
        failing_from=Coalesce(F("failing_from"), at),
        last_error_at=at,
        last_error=f"{trouble.trouble}: {trouble.words}"[:200],
    )


def lease(channel_id: int, *, at: datetime) -> None:
    """Somebody tries a channel that failed: the others wait until that is known, or the one who tries is gone."""
    DeliveryChannel.objects.filter(pk=channel_id).update(open_until_at=at + circuit.PROBE_LEASE)


def give_back(channel_id: int, *, at: datetime) -> None:
    """The try came to nothing, for there was nothing to send: the next one may begin."""
    DeliveryChannel.objects.filter(pk=channel_id, failures__gt=0).update(open_until_at=at)


def close(channel_id: int) -> None:
    """Forget the failures: the channel was set up anew, or a test went through. What waits is tried again."""
    DeliveryChannel.objects.filter(pk=channel_id).update(
        failures=0, open_until_at=None, failing_from=None, alarmed_at=None
    )


def alarm(*, at: datetime) -> int:
    """Tell of channels that have failed for ALARM_AFTER while messages wait, once an outage; returns how many.

    A channel of the whole installation is every sub-district's affair.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"since": at - circuit.ALARM_AFTER, "at": at})
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    with transaction.atomic():
        rows = DeliveryChannel.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True)
        down = [row for row in rows if circuit.wants_alarm(at, row.failing_from, row.alarmed_at)]
        DeliveryChannel.objects.filter(pk__in=[row.pk for row in down]).update(alarmed_at=at)
        areas = list(SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk").values_list("pk", flat=True))
        journal.record_many(
            [
                _entry(row, area, at)
                for row in down
                for area in (areas if row.subdistrict_id is None else [row.subdistrict_id])
            ]
        )
    return len(down)


def _entry(channel: DeliveryChannel, subdistrict_id: int, at: datetime) -> Entry:
    since = channel.failing_from or at
    return Entry(
        subject_kind=OFFICE,
        subject_id=subdistrict_id,
        kind=CHANNEL_DOWN,
        at=at,
        data={"channel": channel.pk, "kind": channel.kind, "since": since.isoformat()},
    )
