"""The ladder as this process holds it: read from the database at most once a minute."""

from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Final

from django.db.models import QuerySet

from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from reminders import ladder
from reminders.models import LadderRung

CHECK_AFTER: Final = 60.0
"""Seconds for which nothing is asked of the database."""

_lock = Lock()
_held: dict[int | None, tuple[ladder.RungSet, float]] = {}


def forget() -> None:
    """Drop what this process holds, so that the next read asks the database."""
    with _lock:
        _held.clear()


def load_ladder(subdistrict_id: int | None) -> ladder.RungSet:
    """The ladder of a sub-district: its own, else the installation's, else the product's."""
    held = _held.get(subdistrict_id)
    if held and monotonic() - held[1] < CHECK_AFTER:
        return held[0]
    rows = rungs_of(subdistrict_id).filter(retired_at__isnull=True).order_by("ladder", "rank", "id")
    found = [rung_of(row) for row in rows]
    fallback = ladder.DEFAULT_LADDER if subdistrict_id is None else load_ladder(None)
    rungs = ladder.RungSet(found) if found else fallback
    with _lock:
        _held[subdistrict_id] = (rungs, monotonic())
    return rungs


def rungs_of(subdistrict_id: int | None) -> QuerySet[LadderRung]:
    """The stored rungs of a sub-district, or of the installation."""
    if subdistrict_id is None:
        return LadderRung.objects.filter(subdistrict__isnull=True)
    return LadderRung.objects.filter(subdistrict_id=subdistrict_id)


def rung_of(row: LadderRung) -> ladder.Rung:
    """A stored rung as the ladder's rules read it."""
    return ladder.Rung(
        ladder=row.ladder,
        code=row.code,
        rank=row.rank,
        offset=row.offset,
        roles=tuple(row.roles),
        kinds=frozenset(row.kinds),
        effect=row.effect,
        levels=frozenset(row.levels),
        channels=tuple(row.channels),
        since=row.since_at,
    )


def plan_deadline(deadline: Deadline, calendar: WorkCalendar, at: datetime) -> tuple[datetime, str] | None:
    """The planner that deadlines call in the statement that writes a deadline (``deadlines.planning``).

    A rung whose time has come since the last pass and which has not fired is still the next one: it fires late rather
    than never.
    """
    rungs = load_ladder(deadline.subdistrict_id).of(deadline.kind, deadline.time_limit)
    return ladder.plan(deadline, rungs, calendar, at)
