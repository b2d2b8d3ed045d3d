"""What follows with an issue's clocks that were counted again after a change of the calendar."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from issues.models import Issue
from issues.services.clocks import Clocks

_SHOWN: Final = ("due_kind", "due_at", "soon_at", "overdue_at", "rank_at", "due_estimated")


def follow_recount(rows: Sequence[Deadline], at: datetime, calendar: WorkCalendar) -> None:
    """Co-departments' parts follow, and each issue's row shows its governing deadline as it is now.

    The caller holds the locks of the issues; ``rows`` are all their clocks. A statement to read the issues, one for
    each that looks different.
    """
    clocks: dict[int, list[Deadline]] = {}
    for row in rows:
        clocks.setdefault(row.subject_id, []).append(row)
    for mine in clocks.values():
        _follow_lead(mine, at, calendar)
    for pk, issue in Issue.objects.defer("lexemes", "description").in_bulk(list(clocks)).items():
        _copy_governing(issue, clocks[pk], at, calendar)


def _follow_lead(clocks: Iterable[Deadline], at: datetime, calendar: WorkCalendar) -> None:
    """Co-departments' parts follow the handling that moved; what is overdue keeps its date."""
    found = [row for row in clocks if row.is_running and not row.is_overdue(at)]
    if any(row.kind == "handle" and row.was is not None for row in found):
        deadlines.follow_lead(found, at, calendar)


def _copy_governing(issue: Issue, clocks: list[Deadline], at: datetime, calendar: WorkCalendar) -> None:
    before = {name: getattr(issue, name) for name in _SHOWN}
    columns = set(Clocks(issue, at, calendar, None, clocks).copy_governing())
    moved = any(row.was is not None and row.was.due_at != row.due_at for row in clocks)
    if moved:
        issue.changed_at = at
        columns.add("changed_at")
    if moved or any(getattr(issue, name) != value for name, value in before.items()):
        issue.save(update_fields=columns)
