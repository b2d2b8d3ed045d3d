"""Rows of the outbox for tests of delivery: events that really happened, messages as the fan-out would write them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from issues.models import Issue
from journal.models import Event
from journal.services import Entry, record_many
from reminders.enums import PERSONAL_CHANNELS, Channel, Mode
from reminders.models import DeliveryChannel, OutboxMessage
from reminders.services.outlets import email_channel
from tests.support.cast import NOW, World


def channel(world: World, kind: Channel, url: str = "http://127.0.0.1:9/", **given: object) -> DeliveryChannel:
    """A way out of the sub-district, or of an organisation of it; the installation's own for e-mail."""
    if kind is Channel.EMAIL:
        return email_channel(NOW)
    values: dict[str, object] = {"subdistrict": world.area, "kind": kind, "name": f"{kind} 群", "url": url}
    return DeliveryChannel.objects.create(**(values | given))


def events(issue: Issue, count: int, kind: str = "urge", at: datetime = NOW) -> list[Event]:
    """So many events of one kind on the issue, unread by anybody."""
    entries = [Entry(subject_kind="issue", subject_id=issue.pk, kind=kind, at=at) for _number in range(count)]
    with transaction.atomic():
        ids = record_many(entries, readers_of=())
    return list(Event.objects.filter(pk__in=ids).order_by("pk"))


def queue(
    via: DeliveryChannel,
    told: Sequence[Event],
    *,
    to: User | None = None,
    mode: Mode = Mode.IMMEDIATE,
    at: datetime = NOW,
    loud: bool = False,
) -> list[OutboxMessage]:
    """A message of each event by this channel, due at ``at``."""
    assert (to is not None) is (via.kind in PERSONAL_CHANNELS)
    rows = [
        OutboxMessage(
            event=event,
            recipient=to,
            via=via,
            channel=via.kind,
            mode=mode,
            loud=loud,
            created_at=NOW,
            next_attempt_at=at,
        )
        for event in told
    ]
    return OutboxMessage.objects.bulk_create(rows)


def states() -> dict[str, int]:
    """How many messages stand where."""
    found: dict[str, int] = {}
    for state in OutboxMessage.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
