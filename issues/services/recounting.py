"""Counting open deadlines again after a change of the calendar: issue by issue, with an event on each that moved.

It goes through the subjects of running deadlines in batches, each one transaction: the issues are locked as every
action on an issue locks them, their deadlines read under the lock, and how far it came is written with what was
changed. So a worker that dies loses nothing and repeats nothing, and the next run goes on where it ended.

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

from commitments.enums import SUBJECT as COMMITMENT
from commitments.models import Commitment
from common.clock import local
from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar, at_clock
from deadlines.calendar_changes import calendars_around
from deadlines.models import CalendarChange, Deadline
from issues.enums import SUBJECT
from issues.models import Issue
from issues.services.clocks import Clocks
from journal.services import Entry, record_many

logger = logging.getLogger(__name__)

KIND: Final = "recount"
BATCH: Final = 200
SETTLES: Final = timedelta(seconds=90)
"""After this no process holds the calendar of before (deadlines.reference.CHECK_AFTER is a minute)."""
TOLD_CLOCKS: Final = frozenset({"handle", "first_report"})
"""Clocks whose dates the reporter sees: where one of them moved, the reporter sees the event too."""

_ORDER: Final = (SUBJECT, COMMITMENT)
_SUBJECTS: Final = """
SELECT DISTINCT subject_id FROM deadlines_deadline
WHERE subject_kind = %(kind)s AND subject_id > %(after)s AND state = 'running' AND calendar_version < %(version)s
    AND (due_at >= %(first)s OR next_rung_at >= %(first)s)
ORDER BY subject_id LIMIT %(batch)s
"""
_LOCK: Final = "SELECT id FROM issues_issue WHERE id = ANY(%s) ORDER BY id FOR UPDATE"


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
    with transaction.atomic():
        rows = CalendarChange.objects.select_for_update(skip_locked=True)
        change = rows.filter(pk=change_id, finished_at__isnull=True).first()
        if change is None:
            return False
        if change.begun_at is None:
            change.begun_at, change.subject_kind, change.subject_id = at, _ORDER[0], 0
        ids = _subjects(change, batch)
        if ids:
            moved = _recount(change, ids, at)
            change.subject_id, change.moved = ids[-1], change.moved + moved
            result.subjects, result.moved = result.subjects + len(ids), result.moved + moved
        elif change.subject_kind != _ORDER[-1]:
            change.subject_kind, change.subject_id = _ORDER[_ORDER.index(change.subject_kind) + 1], 0
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
    """Count one batch again under the locks of its issues; returns of how many subjects a due time moved."""
    issue_of = _issues_of(change.subject_kind, ids)
    issues = _locked(sorted(set(issue_of.values())))
    old, new = calendars_around(change)
    subjects = [pk for pk in ids if issue_of.get(pk) in issues]
    rows = list(Deadline.objects.of_many(change.subject_kind, subjects).order_by("id"))
    deadlines.recount(rows, at, old, new)
    if change.subject_kind == SUBJECT:
        _follow_leads(rows, at, new)
    by_subject: dict[int, list[tuple[Deadline, datetime]]] = {}
    for row in rows:
        if row.was is not None and row.was.due_at != row.due_at:
            by_subject.setdefault(row.subject_id, []).append((row, row.was.due_at))
    if change.subject_kind == SUBJECT:
        _copy(issues, rows, new, at, by_subject)
    record_many([_entry(issues[issue_of[subject_id]], change, found, at) for subject_id, found in by_subject.items()])
    return len(by_subject)


def _follow_leads(rows: Iterable[Deadline], at: datetime, calendar: WorkCalendar) -> None:
    """Co-departments' parts follow the handling that moved; what is overdue keeps its date."""
    clocks: dict[int, list[Deadline]] = {}
    for row in rows:
        if row.is_running and not row.is_overdue(at):
            clocks.setdefault(row.subject_id, []).append(row)
    for found in clocks.values():
        if any(row.kind == "handle" and row.was is not None for row in found):
            deadlines.follow_lead(found, at, calendar)


def _issues_of(subject_kind: str, ids: Sequence[int]) -> dict[int, int]:
    """Subject → the issue under whose lock it is written."""
    if subject_kind == SUBJECT:
        return {pk: pk for pk in ids}
    promises = Commitment.objects.filter(pk__in=ids, subject_kind=SUBJECT)
    return dict(promises.values_list("pk", "subject_id"))


def _locked(ids: Sequence[int]) -> dict[int, Issue]:
    """The issues, locked in the order of their ids and read then."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(ids)])
    return Issue.objects.defer("lexemes", "description").in_bulk(list(ids))


def _copy(
    issues: Mapping[int, Issue],
    rows: Iterable[Deadline],
    calendar: WorkCalendar,
    at: datetime,
    moved: Mapping[int, Any],
) -> None:
    """Let each issue's row show its governing deadline as it is now. A statement for each that looks different."""
    clocks: dict[int, list[Deadline]] = {}
    for row in rows:
        clocks.setdefault(row.subject_id, []).append(row)
    for pk, issue in issues.items():
        held = Clocks(issue, at, calendar, None, clocks.get(pk, []))
        before = {name: getattr(issue, name) for name in _SHOWN}
        columns = set(held.copy_governing())
        if pk in moved:
            issue.changed_at = at
            columns.add("changed_at")
        if pk in moved or any(getattr(issue, name) != value for name, value in before.items()):
            issue.save(update_fields=columns)


_SHOWN: Final = ("due_kind", "due_at", "soon_at", "overdue_at", "rank_at", "due_estimated")


def _entry(issue: Issue, change: CalendarChange, moved: Sequence[tuple[Deadline, datetime]], at: datetime) -> Entry:
    data = {
        "status": issue.status,
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
    visible = change.subject_kind == SUBJECT and any(row.kind in TOLD_CLOCKS for row, _was_at in moved)
    return Entry(subject_kind=SUBJECT, subject_id=issue.pk, kind=KIND, at=at, visible=visible, data=data)
