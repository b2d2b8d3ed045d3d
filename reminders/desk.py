"""What the supervision desk lists of every kind of subjects beside the lists that a domain's own page has there."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from reminders import subjects
from reminders.subjects import DeskRow

MOST: Final = 50


def on_desk(view: str, *, areas: Collection[int], at: datetime) -> list[DeskRow]:
    """What the domains put on a list of the desk, what is due first coming first; at most MOST of each domain."""
    found = [row for subject in subjects.every() for row in subject.on_desk(view, areas=areas, at=at, most=MOST)]
    return sorted(found, key=lambda row: row.due_at)
