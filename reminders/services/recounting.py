"""Counting open deadlines again after a change of the calendar: subject by subject, with an event on each that moved.

It goes through the subjects of running deadlines in batches, each one transaction: the subjects are locked as every
action on one locks it, their deadlines read under the lock, and how far it came is written with what was changed. So
a worker that dies loses nothing and repeats nothing, and the next run goes on where it ended.

A process may still hold the calendar of before for a minute; what it starts or moves meanwhile says so by its
``calendar_version`` and is found by a second pass, without which no recount ends.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any, Final

from django.db import connection, transaction

from common.clock import local
from deadlines import kinds
from deadlines import services as deadlines
from deadlines.calendar import at_clock
from deadlines.calendar_changes import calendars_around
from deadlines.models import CalendarChange, Deadline
from deadlines.subjects import behind, registered
from journal.services import Entry, record_many
from reminders import subjects
from reminders.enums import RECOUNT
from reminders.subjects import SubjectStanding

logger = logging.getLogger(__name__)

BATCH: Final = 200
SETTLES: Final = timedelta(seconds=90)
"""After this no process holds the calendar of before (common.held.CHECK_AFTER is a minute)."""
_SUBJECTS: Final = """
SELECT DISTINCT subject_id FROM deadlines_deadline
WHERE subject_kind = %(kind)s AND subject_id > %(after)s AND state = 'running' AND calendar_version < %(version)s
    AND (due_at >= %(first)s OR next_rung_at >= %(first)s)
ORDER BY subject_id LIMIT %(batch)s
"""


@dataclass
class Recounted:
    """What one run did. ``waiting``: changes of which a pass is still to come."""

    subjects: int = 0
    moved: int = 0
    finished: int = 0
    waiting: int = 0

    def as_json(self) -> dict[str, int]:
        """The figures as the watchdog keeps them."""
        return {
            "subjects": self.subjects, "moved": self.moved, "finished": self.finished, "waiting": self.waiting,
        }  # fmt: skip


def recount_changes(*, clock: Callable[[], datetime], for_seconds: float = 200, batch: int = BATCH) -> Recounted:
    """Work off the changes of the calendar that are not finished, in their order, until done or the time is up.

    One small statement where there is none. Running twice at once does each batch once.
    """
    result, until = Recounted(), monotonic() + for_seconds
    while monotonic() < until:
        waiting = CalendarChange.objects.filter(finished_at__isnull=True).order_by("pk")
        change_id = waiting.values_list("pk", flat=True).first()
        if change_id is None or not _work_on(change_id, clock(), batch, result):
            break
    result.waiting = CalendarChange.objects.filter(finished_at__isnull=True).count() if result.subjects else 0
    return result


def _work_on(change_id: int, at: datetime, batch: int, result: Recounted) -> bool:
    """One batch of one change. False where somebody else works on it, or its second pass has to wait."""
    order = sorted(registered())
    with transaction.atomic():
        rows = CalendarChange.objects.select_for_update(skip_locked=True)
        change = rows.filter(pk=change_id, finished_at__isnull=True).first()
        if change is None:
            return False
        if change.begun_at is None:
            change.begun_at, change.subject_kind, change.subject_id = at, order[0], 0
        ids = _subjects(change, batch)
        if ids:
            moved = _recount(change, ids, at)
            change.subject_id, change.moved = ids[-1], change.moved + moved
            result.subjects, result.moved = result.subjects + len(ids), result.moved + moved
        elif change.subject_kind != order[-1]:
            change.subject_kind, change.subject_id = order[order.index(change.subject_kind) + 1], 0
        elif change.begun_at >= change.made_at + SETTLES:
            change.finished_at = at
            result.finished += 1
        else:
            change.begun_at = None
        change.save(update_fields=["begun_at", "subject_kind", "subject_id", "moved", "finished_at"])
    return change.begun_at is not None or at >= change.made_at + SETTLES


def _subjects(change: CalendarChange, batch: int) -> list[int]:
    """Ids of subjects whose running deadlines, or rungs, reach into the days that changed."""
    first_on = max(change.first_on, local(change.made_at).date())
    asked: dict[str, Any] = {
        "kind": change.subject_kind,
        "after": change.subject_id,
        "version": change.pk,
        "first": at_clock(first_on, time()),
        "batch": batch,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUBJECTS, asked)
        return [row[0] for row in cursor.fetchall()]


def _recount(change: CalendarChange, ids: Sequence[int], at: datetime) -> int:
    """Count one batch again under the locks of its subjects; returns of how many a due time moved."""
    stands_for = behind([(change.subject_kind, pk) for pk in ids])
    standings = _locked(set(stands_for.values()))
    old, new = calendars_around(change)
    there = [pk for pk in ids if stands_for.get((change.subject_kind, pk)) in standings]
    rows = list(Deadline.objects.of_many(change.subject_kind, there).order_by("id"))
    deadlines.recount(rows, at, old, new)
    own = subjects.find(change.subject_kind)
    if own is not None:
        own.follow_recount(rows, at, new)
    by_subject: dict[int, list[tuple[Deadline, datetime]]] = {}
    for row in rows:
        if row.was is not None and row.was.due_at != row.due_at:
            by_subject.setdefault(row.subject_id, []).append((row, row.was.due_at))
    record_many(
        [_entry(stands_for[change.subject_kind, pk], standings, change, found, at) for pk, found in by_subject.items()]
    )
    return len(by_subject)


def _locked(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], SubjectStanding]:
    """The subjects, locked kind by kind in the order of their ids."""
    found: dict[tuple[str, int], SubjectStanding] = {}
    for subject in subjects.every():
        ids = [pk for kind, pk in wanted if kind == subject.kind]
        if ids:
            found |= {(subject.kind, pk): standing for pk, standing in subject.lock(ids, wait=True).items()}
    return found


def _entry(
    subject: tuple[str, int],
    standings: Mapping[tuple[str, int], SubjectStanding],
    change: CalendarChange,
    moved: Sequence[tuple[Deadline, datetime]],
    at: datetime,
) -> Entry:
    data = {
        "status": standings[subject].status,
        "change": change.pk,
        "moved": [
            {
                "clock": row.kind,
                "department": row.party_id,
                "was_at": local(was_at).isoformat(),
                "due_at": local(row.due_at).isoformat(),
            }
            for row, was_at in moved
        ],
    }
    public = kinds.those(lambda spec: spec.public)
    visible = any(row.kind in public for row, _was_at in moved)
    return Entry(subject_kind=subject[0], subject_id=subject[1], kind=RECOUNT, at=at, visible=visible, data=data)
