"""What a change of the calendar would do to open deadlines, told before anybody confirms it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from django.db.models import Q

from common.clock import local
from deadlines.calendar import at_clock
from deadlines.calendar_changes import DayChange, calendars_with
from deadlines.enums import DeadlineState
from deadlines.models import CalendarChange, Deadline
from deadlines.reckoning import reckon
from reminders import subjects

LOOKED_AT: Final = 2000
"""Deadlines; the rest is not counted beforehand."""
SHOWN: Final = 20
COUNTED: Final = 10_000
"""Subjects that are counted on the page; of more it says that there are more."""


@dataclass(frozen=True)
class Move:
    """One deadline that a change would move."""

    number: str
    kind: str
    was_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class RecountPreview:
    """How many due times would move, and the first of them by date.

    ``capped``: there are more deadlines than were looked at, so it is at least so many.
    """

    moved: int
    capped: bool
    first: tuple[Move, ...]


@dataclass(frozen=True)
class Waiting:
    """How many subjects a recount has still to look at; ``capped``: at least so many."""

    count: int
    capped: bool


def waiting_subjects(change: CalendarChange) -> Waiting:
    """What a change of the calendar that is not finished has before it. One statement, of bounded cost."""
    first_at = at_clock(max(change.first_on, local(change.made_at).date()), time())
    reached = Q(due_at__gte=first_at) | Q(next_rung_at__gte=first_at)
    rows = Deadline.objects.filter(reached, state=DeadlineState.RUNNING, calendar_version__lt=change.pk)
    subjects = rows.values("subject_kind", "subject_id").distinct()[: COUNTED + 1]
    count = subjects.count()
    return Waiting(min(count, COUNTED), count > COUNTED)


def preview(changes: Sequence[DayChange], *, subdistrict_ids: Sequence[int] | None, at: datetime) -> RecountPreview:
    """At most three statements. What is in other sub-districts is counted, but not named (None: all are named)."""
    moving = [change.on for change in changes if change.moves]
    if not moving:
        return RecountPreview(0, False, ())
    first_at = at_clock(max(min(moving), local(at).date()), time())
    working = Deadline.objects.filter(
        state=DeadlineState.RUNNING,
        subject_kind__in=[subject.kind for subject in subjects.every()],
        due_at__gte=max(first_at, at),
    )
    rows = list(working.order_by("id")[: LOOKED_AT + 1])
    old, new = calendars_with(changes)
    moved = []
    for row in rows[:LOOKED_AT]:
        was, due = reckon(row.facts, old), reckon(row.facts, new)
        if due != was and due.due_at != row.due_at:
            moved.append((row, due.due_at))
    moved.sort(key=lambda pair: (pair[0].due_at, pair[0].pk))
    shown = [
        (row, due_at) for row, due_at in moved if subdistrict_ids is None or row.subdistrict_id in set(subdistrict_ids)
    ][:SHOWN]
    numbers = _numbers([row for row, _due_at in shown])
    named = [
        Move(numbers[row.subject_kind, row.subject_id], row.kind, row.due_at, due_at)
        for row, due_at in shown
        if (row.subject_kind, row.subject_id) in numbers
    ]
    return RecountPreview(len(moved), len(rows) > LOOKED_AT, tuple(named))


def _numbers(rows: Sequence[Deadline]) -> dict[tuple[str, int], str]:
    """What names the subjects of these to people. One statement for each kind of subjects."""
    found: dict[tuple[str, int], str] = {}
    for subject in subjects.every():
        ids = {row.subject_id for row in rows if row.subject_kind == subject.kind}
        if ids:
            found |= {(subject.kind, pk): standing.number for pk, standing in subject.standings(ids).items()}
    return found
