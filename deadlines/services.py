"""Writing what is due. The caller holds the subject's row lock and has loaded the subject's deadlines.

Each function changes the rows it is given and writes them with one statement (none where nothing changed). Some take
``later``: the caller goes on changing and writes all that was returned with ``write``. Nothing is journalled here: the
floor that owns the subject says what happened.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from deadlines import arithmetic, planning
from deadlines.calendar import WorkCalendar
from deadlines.enums import DeadlineKind, DeadlineState
from deadlines.limits import Due, Limit, Unit, working_days
from deadlines.models import Deadline
from deadlines.reference import forget, install_default_rules, load_calendar, load_rules, refresh_calendar
from deadlines.rules import RuleChoice

__all__ = [
    "bring_forward",
    "cancel",
    "extend",
    "forget",
    "governing",
    "hand_over",
    "install_default_rules",
    "load_calendar",
    "load_rules",
    "pause",
    "prepare",
    "reclassify",
    "recount",
    "refresh_calendar",
    "reinstate",
    "replan",
    "restart",
    "resume",
    "start",
    "start_many",
    "stop",
    "write",
]

AT_ONCE: Final = timedelta(minutes=1)

OUTSIDE: Final = "external:"
"""Before the rule of a deadline that ends earlier than the rule says, because somebody outside allows no more."""

_WRITTEN: Final = {
    "state": "text",
    "party_id": "bigint",
    "estimated": "boolean",
    "counted_from": "timestamptz",
    "rule": "text",
    "limit": "text",
    "soon_at": "timestamptz",
    "due_at": "timestamptz",
    "stopped_at": "timestamptz",
    "paused_at": "timestamptz",
    "remaining": "integer",
    "extended": "integer",
    "extensions": "smallint",
    "next_rung_at": "timestamptz",
    "next_rung": "text",
    "fired": "smallint",
    "calendar_version": "integer",
}


def prepare(
    *,
    subject_kind: str,
    subject_id: int,
    subdistrict_id: int,
    kind: str,
    limit: Limit,
    rule: str,
    at: datetime,
    calendar: WorkCalendar,
    party_id: int | None = None,
    not_after: datetime | None = None,
    due: Due | None = None,
) -> Deadline:
    """A running deadline, not saved yet, its rung planned. ``not_after``: an outside due time that wins if earlier.

    An outside due time that is past makes it due at once: a minute after the start, so that its ladder begins.
    ``due``: a date that somebody fixed (a commitment, a review, a co-department's part) in place of the one that the
    limit gives; the limit then only says how its time is counted. ValueError where the limit is ``none``.
    """
    due = due or limit.due(at, calendar)
    due_at = due.due_at if not_after is None else max(at + AT_ONCE, min(due.due_at, not_after))
    deadline = Deadline(
        subject_kind=subject_kind,
        subject_id=subject_id,
        subdistrict_id=subdistrict_id,
        kind=kind,
        party_id=party_id,
        rule=rule,
        limit=str(limit),
        estimated=due.estimated,
        started_at=at,
        counted_from=at,
        soon_at=arithmetic.soon_at(at, due_at, limit, calendar),
        due_at=due_at,
        original_due_at=due_at,
        calendar_version=calendar.version,
    )
    planning.plan(deadline, calendar, at)
    return deadline


def start_many(rows: Iterable[Deadline]) -> list[Deadline]:
    """Insert prepared deadlines with one statement; none where there are none."""
    return Deadline.objects.bulk_create(list(rows))


def start(
    *,
    subject_kind: str,
    subject_id: int,
    subdistrict_id: int,
    kind: str,
    limit: Limit,
    rule: str,
    at: datetime,
    calendar: WorkCalendar,
    party_id: int | None = None,
    not_after: datetime | None = None,
) -> Deadline:
    """``prepare`` and insert one deadline."""
    row = prepare(
        subject_kind=subject_kind,
        subject_id=subject_id,
        subdistrict_id=subdistrict_id,
        kind=kind,
        limit=limit,
        rule=rule,
        at=at,
        calendar=calendar,
        party_id=party_id,
        not_after=not_after,
    )
    return start_many([row])[0]


def stop(
    deadlines: Iterable[Deadline], kinds: Collection[str] | None, at: datetime, *, later: bool = False
) -> list[Deadline]:
    """End the open deadlines of these kinds (None: all) as met or late; returns those that ended.

    A paused one is judged by the moment of its pause.
    """
    ended = _open(deadlines, kinds)
    for row in ended:
        late = (row.paused_at or at) > row.due_at
        _end(row, DeadlineState.LATE if late else DeadlineState.MET, at)
    return ended if later else write(ended)


def cancel(
    deadlines: Iterable[Deadline], kinds: Collection[str] | None, at: datetime, *, later: bool = False
) -> list[Deadline]:
    """End the open deadlines of these kinds (None: all) because nobody owes them any more; returns those that ended.

    One that was overdue already ends as late: what was missed stays missed.
    """
    ended = _open(deadlines, kinds)
    for row in ended:
        late = (row.paused_at or at) > row.due_at
        _end(row, DeadlineState.LATE if late else DeadlineState.CANCELLED, at)
    return ended if later else write(ended)


def pause(
    deadlines: Iterable[Deadline],
    kinds: Collection[str] | None,
    at: datetime,
    calendar: WorkCalendar,
    *,
    later: bool = False,
) -> list[Deadline]:
    """Pause the running deadlines of these kinds (None: all); each keeps what is left. Returns those that paused."""
    paused = [row for row in _open(deadlines, kinds) if row.is_running]
    for row in paused:
        row.state = DeadlineState.PAUSED
        row.paused_at = at
        row.remaining = arithmetic.pause(row.due_at, at, row.time_limit, calendar).amount
        planning.plan(row, calendar, at)
    return paused if later else write(paused)


def resume(
    deadlines: Iterable[Deadline],
    kinds: Collection[str] | None,
    at: datetime,
    calendar: WorkCalendar,
    *,
    at_least: Limit | None = None,
    later: bool = False,
) -> list[Deadline]:
    """Let the paused deadlines of these kinds (None: all) run on with what they kept. Returns those that run again.

    ``at_least``: none of them is due earlier than this after ``at`` (unless it was overdue at the pause).
    """
    resumed = [row for row in _open(deadlines, kinds) if not row.is_running]
    for row in resumed:
        _resume(row, at, calendar, at_least)
    return resumed if later else write(resumed)


def extend(
    deadlines: Iterable[Deadline], kinds: Collection[str], at: datetime, by: Limit, calendar: WorkCalendar
) -> list[Deadline]:
    """Give the running deadlines of these kinds more working days; returns those that were extended.

    ValueError where one is paused (what it keeps is not a due time) or where ``by`` is not in working days.
    """
    if by.unit is not Unit.WORKING_DAYS:
        raise ValueError("time is added in working days, whatever the limit is counted in")
    extended = _open(deadlines, kinds)
    for row in extended:
        if not row.is_running:
            raise ValueError("a paused deadline is not extended")
        due = arithmetic.extend(row.due_at, by, calendar)
        row.extended += by.amount
        row.extensions += 1
        counted_by = row.calendar_version
        _retime(row, due.due_at, row.estimated or due.estimated, at, calendar)
        row.calendar_version = counted_by
    return write(extended)


def bring_forward(
    deadlines: Iterable[Deadline], kinds: Collection[str], not_after: datetime, at: datetime, calendar: WorkCalendar
) -> list[Deadline]:
    """Let no running deadline of these kinds be due later than ``not_after``; returns those that moved."""
    earliest = max(not_after, at + AT_ONCE)
    moved = [row for row in _open(deadlines, kinds) if row.is_running and row.due_at > earliest]
    for row in moved:
        _retime(row, earliest, row.estimated, at, calendar)
    return write(moved)


def reclassify(
    deadlines: Iterable[Deadline],
    choices: Mapping[str, RuleChoice],
    at: datetime,
    calendar: WorkCalendar,
    *,
    not_after: datetime | None = None,
) -> list[Deadline]:
    """Count the running deadlines whose rule is another one now by that rule, from when they began to count.

    ``not_after``: an outside due time that wins if earlier, as it did when they began. What was extended stays added; a
    paused deadline keeps what it had. Returns those that changed.
    """
    changed: list[Deadline] = []
    for row in _open(deadlines, choices.keys()):
        choice = choices[row.kind]
        if not row.is_running or (row.limit, row.rule.removeprefix(OUTSIDE)) == (str(choice.limit), choice.reason):
            continue
        due = choice.limit.due(row.counted_from, calendar)
        due_at, rule = due.due_at, choice.reason
        if not_after is not None and _counts_outside(row, not_after, due_at):
            due_at, rule = max(not_after, row.counted_from + AT_ONCE), f"{OUTSIDE}{rule}"
        if row.extended:
            due_at = arithmetic.extend(due_at, working_days(row.extended), calendar).due_at
        row.limit, row.rule = str(choice.limit), rule
        _retime(row, due_at, due.estimated, at, calendar)
        changed.append(row)
    return write(changed)


def reinstate(
    deadlines: Iterable[Deadline], stopped_at: datetime, at: datetime, calendar: WorkCalendar
) -> list[Deadline]:
    """Take back that nobody owed them any more: those that ended so at ``stopped_at`` run on, due when they were."""
    again = [row for row in deadlines if row.stopped_at == stopped_at and row.state != DeadlineState.MET]
    for row in again:
        row.state, row.stopped_at = DeadlineState.RUNNING, None
        planning.plan(row, calendar, at)
    return write(again)


def recount(
    deadlines: Iterable[Deadline],
    at: datetime,
    old: WorkCalendar,
    new: WorkCalendar,
    *,
    caps: Mapping[int, datetime] | None = None,
    capped: Collection[str] = (),
) -> list[tuple[Deadline, datetime]]:
    """Recompute running deadlines after a change of the calendar from ``old`` to ``new``.

    Returns those whose due time moved, with the one before. All that changed is written with one statement.

    What is overdue keeps its due time; the rungs that are still to come follow the new calendar all the same. One that
    was counted by ``new`` already (its ``calendar_version``) is left alone, so that doing it twice moves nothing twice.
    ``caps``: by subject, an outside due time that wins if earlier, for deadlines of the kinds ``capped``; what it cut
    short stays as it is, unless the rule itself ends earlier now.
    """
    moved: list[tuple[Deadline, datetime]] = []
    touched: list[Deadline] = []
    for row in deadlines:
        if not row.is_running or (new.version and row.calendar_version >= new.version):
            continue
        due_before, touches = row.due_at, row.calendar_version != new.version
        before = (row.due_at, row.estimated, row.next_rung_at, row.next_rung)
        if row.time_limit.is_working and not row.is_overdue(at):
            cap = caps.get(row.subject_id) if caps and row.kind in capped else None
            due = _recounted(row, at, old, new, cap)
            _retime(row, due.due_at, due.estimated, at, new)
        else:
            planning.plan(row, new, at)
            row.calendar_version = new.version
        if touches or (row.due_at, row.estimated, row.next_rung_at, row.next_rung) != before:
            touched.append(row)
        if row.due_at != due_before:
            moved.append((row, due_before))
    write(touched)
    return moved


def _recounted(row: Deadline, at: datetime, old: WorkCalendar, new: WorkCalendar, cap: datetime | None) -> Due:
    """The due time under the new calendar, where somebody outside may allow no more than ``cap``."""
    limit = row.time_limit
    if row.rule.startswith(OUTSIDE):
        own = limit.due(row.counted_from, new)
        if row.extended:
            own = arithmetic.extend(own.due_at, working_days(row.extended), new)
        if own.due_at >= row.due_at or own.due_at <= at:
            return Due(row.due_at, row.estimated)
        row.rule = row.rule.removeprefix(OUTSIDE)
        return own
    due = arithmetic.recount(row.due_at, at, limit, old, new)
    if cap is not None and row.due_at <= cap < due.due_at:
        row.rule = f"{OUTSIDE}{row.rule}"
        return Due(cap, due.estimated)
    return due


def restart(
    deadlines: Iterable[Deadline],
    *,
    subject_kind: str,
    subject_id: int,
    subdistrict_id: int,
    kind: str,
    choice: RuleChoice,
    at: datetime,
    calendar: WorkCalendar,
    party_id: int | None = None,
) -> Deadline:
    """End the open deadline of this kind, if any (``cancel``), and start a new one: redo, reopening, reassignment."""
    cancel(deadlines, {kind}, at)
    return start(
        subject_kind=subject_kind,
        subject_id=subject_id,
        subdistrict_id=subdistrict_id,
        kind=kind,
        limit=choice.limit,
        rule=choice.reason,
        at=at,
        calendar=calendar,
        party_id=party_id,
    )


def hand_over(
    deadlines: Iterable[Deadline], kinds: Collection[str], party_id: int | None, *, later: bool = False
) -> list[Deadline]:
    """Let the open deadlines of these kinds be owed by another organisation; returns those that changed."""
    changed = [row for row in _open(deadlines, kinds) if row.party_id != party_id]
    for row in changed:
        row.party_id = party_id
    return changed if later else write(changed)


def replan(deadlines: Iterable[Deadline], at: datetime, calendar: WorkCalendar) -> list[Deadline]:
    """Ask the ladder again for the next rung of the running deadlines, as after an edit of the ladder."""
    rows = [row for row in deadlines if row.is_running]
    for row in rows:
        planning.plan(row, calendar, at)
    return write(rows)


def governing(deadlines: Iterable[Deadline], kinds: Collection[str] | None = None) -> Deadline | None:
    """The running deadline (of these kinds, or of all) that is due first; None where none runs."""
    running = [row for row in _open(deadlines, kinds) if row.is_running]
    return min(running, key=lambda row: (row.due_at, row.pk or 0, row.kind), default=None)


def write(rows: Sequence[Deadline]) -> list[Deadline]:
    """Write what these functions change, for all rows, with one UPDATE; no statement for no rows."""
    if not rows:
        return []
    typed = ", ".join(f"%s::{kind}" for kind in _WRITTEN.values())
    values = ", ".join([f"(%s::bigint, {typed})"] * len(rows))
    columns = ", ".join(f'"{name}"' for name in _WRITTEN)
    assignments = ", ".join(f'"{name}" = v."{name}"' for name in _WRITTEN)
    parameters = [value for row in rows for value in (row.pk, *(getattr(row, name) for name in _WRITTEN))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE deadlines_deadline AS d SET {assignments} "  # noqa: S608 (names and placeholders only)
            f"FROM (VALUES {values}) AS v (id, {columns}) WHERE d.id = v.id",
            parameters,
        )
    return list(rows)


def _counts_outside(row: Deadline, not_after: datetime, due_at: datetime) -> bool:
    """Whether an outside due time holds for a deadline that is counted anew: not if it was past before that began."""
    began_by_rule = row.kind == DeadlineKind.HANDLE and row.counted_from == row.started_at
    return not_after < due_at and (not_after > row.counted_from or began_by_rule)


def _open(deadlines: Iterable[Deadline], kinds: Collection[str] | None) -> list[Deadline]:
    return [row for row in deadlines if row.is_open and (kinds is None or row.kind in kinds)]


def _end(row: Deadline, state: DeadlineState, at: datetime) -> None:
    row.state = state
    row.stopped_at = at
    row.paused_at = row.remaining = row.next_rung_at = None
    row.next_rung = ""


def _resume(row: Deadline, at: datetime, calendar: WorkCalendar, at_least: Limit | None) -> None:
    if row.paused_at is None or row.remaining is None:
        raise ValueError("only a paused deadline is resumed")
    left = arithmetic.Left(row.remaining, overdue=row.paused_at > row.due_at)
    limit, until = row.time_limit, max(at, row.paused_at)  # a clock that was put right may end a pause before it began
    due = arithmetic.resume(left, until, limit, calendar, at_least=at_least)
    row.counted_from = arithmetic.moved_start(row.counted_from, row.paused_at, until, limit, calendar)
    row.state = DeadlineState.RUNNING
    row.paused_at = row.remaining = None
    _retime(row, due.due_at, row.estimated or due.estimated, at, calendar)


def _retime(row: Deadline, due_at: datetime, estimated: bool, at: datetime, calendar: WorkCalendar) -> None:
    row.due_at, row.estimated = due_at, estimated
    row.soon_at = arithmetic.soon_at(row.counted_from, due_at, row.time_limit, calendar)
    row.calendar_version = calendar.version
    planning.plan(row, calendar, at)
