"""Retention: what leaders were asked long ago says nothing of persons any more (docs/privacy.md#retention)."""

from datetime import date, datetime, time
from typing import Final

from django.db import transaction

from common.clock import SHANGHAI
from common.masking import anonymous
from files.models import StoredFile
from files.processing import erase
from journal.models import Event
from journal.services import Entry, record_many, redact
from leaders.enums import ANSWER, LEADER_TASK
from leaders.models import LeaderAnswer, LeaderTask

MASKED: Final = "leader_task_masked"
_BATCH: Final = 20


@transaction.atomic
def mask_tasks(*, subdistrict_id: int, before: date, at: datetime) -> int:
    """Take the persons out of the next tasks that ended before that day, the oldest first; how many it were.

    Words and notes are scrubbed of names, rooms and numbers, photos deleted, texts of the journal emptied. What was
    asked of whom for which place, and what was answered, stays, so that no count changes. Whoever works on one keeps it
    until the next time.
    """
    ended = LeaderTask.objects.filter(
        subdistrict_id=subdistrict_id, masked_at__isnull=True, ended_at__lt=datetime.combine(before, time.min, SHANGHAI)
    )
    tasks = list(ended.select_for_update(no_key=True, skip_locked=True).order_by("ended_at", "id")[:_BATCH])
    ids = [task.pk for task in tasks]
    answers = LeaderAnswer.objects.filter(task_id__in=ids)
    for row in answers.exclude(note="").order_by("id"):
        row.note = anonymous(row.note)
        row.save(update_fields=["note"])
    photos = StoredFile.objects.of_many(ANSWER, answers.values_list("pk", flat=True))
    for owner_id, file_id in photos.order_by("id").values_list("owner_id", "pk"):
        erase(owner_kind=ANSWER, owner_id=owner_id or 0, ids=[file_id])
    told = Event.objects.filter(subject_kind=LEADER_TASK, subject_id__in=ids)
    for event in told.prefetch_related("texts_plain").order_by("id"):
        keys = [text.key for text in event.texts_plain.all()]
        if keys:
            redact(event_id=event.pk, keys=keys, reason="", by_id=None, role="system", at=at)
    for task in tasks:
        task.title, task.text, task.reason = anonymous(task.title), anonymous(task.text), anonymous(task.reason)
        task.masked_at = at
        task.save(update_fields=["title", "text", "reason", "masked_at"])
    record_many([Entry(LEADER_TASK, task.pk, MASKED, at) for task in tasks])
    return len(tasks)
