"""Retention: an entry that is old enough says nothing of persons any more (docs/privacy.md#retention)."""

from datetime import date, datetime

from django.db import transaction

from common.masking import anonymous
from journal.models import Event
from journal.services import Entry, record_many, redact
from ledger.enums import ENTRY
from ledger.models import LedgerEntry
from ledger.tellings import MASKED, REVEALED

_BATCH = 100


@transaction.atomic
def mask_entries(*, subdistrict_id: int, before: date, at: datetime) -> int:
    """Take the persons out of the next entries of days before ``before``, the oldest first; how many it were.

    Person and room go; the note is scrubbed of names, rooms and numbers; texts of the journal but the reasons of who
    looked are emptied. Kind, day, place, leader and matter stay, so that no total changes. Whoever works on one keeps
    it until the next time.
    """
    rows = LedgerEntry.objects.filter(subdistrict_id=subdistrict_id, masked_at__isnull=True, on__lt=before)
    entries = list(rows.select_for_update(no_key=True, skip_locked=True).order_by("on", "id")[:_BATCH])
    told = Event.objects.filter(subject_kind=ENTRY, subject_id__in=[entry.pk for entry in entries])
    for event in told.exclude(kind=REVEALED).prefetch_related("texts_plain").order_by("id"):
        keys = [text.key for text in event.texts_plain.all()]
        if keys:
            redact(event_id=event.pk, keys=keys, reason="", by_id=None, role="system", at=at)
    for entry in entries:
        entry.person = entry.room = ""
        entry.note, entry.masked_at = anonymous(entry.note), at
        entry.save(update_fields=["person", "room", "note", "masked_at"])
    record_many([Entry(ENTRY, entry.pk, MASKED, at) for entry in entries])
    return len(entries)
