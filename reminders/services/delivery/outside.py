"""Letters to people outside the house that did not arrive: their domain hears of each, so that somebody calls.

A letter that waits for more than a day, because its gateway is down or set up wrongly, is given up: it is no news then.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Coalesce

from reminders import subjects
from reminders.enums import OutboxState
from reminders.letters import TOO_LATE
from reminders.models import OutboxMessage

logger = logging.getLogger(__name__)

LONGEST_WAIT: Final = timedelta(days=1)
MOST: Final = 500
"""Reported in one pass."""


def give_up(at: datetime) -> int:
    """End what has waited longer than LONGEST_WAIT since it was written, or since a person sent it again."""
    rows = OutboxMessage.objects.filter(outsider_id__isnull=False, reported_at__isnull=True, state=OutboxState.QUEUED)
    late = rows.filter(created_at__lt=at - LONGEST_WAIT).alias(since=Coalesce("handled_at", "created_at"))
    return late.filter(since__lt=at - LONGEST_WAIT).update(state=OutboxState.DEAD, error=TOO_LATE)


def report(at: datetime) -> int:
    """Tell the domains; each letter in a transaction with the mark that it was told. Returns how many were."""
    after, done = 0, 0
    for _number in range(MOST):
        row = _next(after)
        if row is None:
            break
        after = row
        try:
            done += _report(row, at)
        except Exception:
            logger.exception("the domain of message %s could not be told that it did not arrive", row)
    return done


def _next(after: int) -> int | None:
    rows = OutboxMessage.objects.filter(outsider_id__isnull=False, reported_at__isnull=True, pk__gt=after)
    rows = rows.filter(state__in=[OutboxState.DEAD, OutboxState.DROPPED])
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _report(pk: int, at: datetime) -> bool:
    """False where another worker is at it."""
    with transaction.atomic():
        rows = OutboxMessage.objects.select_for_update(skip_locked=True, of=("self",)).select_related("event")
        row = rows.filter(pk=pk, reported_at__isnull=True).first()
        if row is None or row.outsider_id is None or row.state not in (OutboxState.DEAD, OutboxState.DROPPED):
            return False
        subject = subjects.find(row.event.subject_kind)
        if subject is not None:
            gave_up = row.state == OutboxState.DEAD or row.handled_at is not None
            subject.undelivered(row.event, row.outsider_id, at, gave_up=gave_up)
        row.reported_at = at
        row.save(update_fields=["reported_at"])
    return True
