"""What the supervision desk lists of every kind of subjects beside the lists that a domain's own page has there."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from reminders import subjects
from reminders.subjects import DeskRow

MOST: Final = 50
OVERDUE: Final = "overdue"


def on_desk(view: str, *, areas: Collection[int], at: datetime) -> list[DeskRow]:
    """What the domains put on a list of the desk, what is due first coming first; at most MOST of each domain."""
    found = [row for subject in subjects.every() for row in subject.on_desk(view, areas=areas, at=at, most=MOST)]
    if view == OVERDUE:
        found += _late(areas, at)
    return sorted(found, key=lambda row: row.due_at)


def _late(areas: Collection[int], at: datetime) -> list[DeskRow]:
    """The overdue clocks of the kinds that stand there as they are; one statement for all, one for each kind met."""
    asked = {subject.kind: subject for subject in subjects.every() if subject.late_on_desk}
    running = Deadline.objects.filter(subject_kind__in=sorted(asked), subdistrict_id__in=sorted(areas))
    late = running.filter(state=DeadlineState.RUNNING, due_at__lte=at).select_related("party").order_by("due_at", "id")
    clocks: defaultdict[str, list[Deadline]] = defaultdict(list)
    for clock in late[: MOST * len(asked)]:
        clocks[clock.subject_kind].append(clock)
    return [row for kind, rows in clocks.items() for row in asked[kind].late_rows(rows[:MOST])]
