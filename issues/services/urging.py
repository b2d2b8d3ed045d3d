"""Urging by the clock: numbered 催办单, and urges that nobody answers. Set-based: a handful of statements for any batch.

What a person urges goes through the workflow (issues.services.effects.supervising); both count the same way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from deadlines.calendar import WorkCalendar


class Urged(NamedTuple):
    """A deadline that the clock urges now: the issue's own, or a commitment's that was made on it."""

    deadline_id: int
    issue_id: int
    kind: str
    party_id: int | None
    due_at: datetime


def urged_by_time(rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> dict[int, dict[str, Any]]:
    """Urge for each of these deadlines: number its 催办单, count it, and notice where an earlier urge went unanswered.

    The caller holds the row locks of the issues, writes the events afterwards, and puts into the event of each deadline
    what is returned for its id: ``paper`` (the number of its 催办单), and for an issue that is open ``urges`` (how often
    it was urged by then) and ``supervision`` where that rose. Nothing else writes these columns for it; the issue's
    version stays.
    """
    raise NotImplementedError
