"""Writing what is due. The caller holds the subject's row lock and has loaded the subject's deadlines.

No function moves a date: each changes facts of a deadline, and the date is counted again from all of them
(deadlines.reckoning, docs/rules/time.md). Where it moved, ``Deadline.was`` says what it was before.

Each function changes the rows it is given and writes them with one statement (none where nothing changed). Some take
``later``: the caller goes on changing and writes all that was returned with ``write``. Nothing is journalled here: the
floor that owns the subject says what happened.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from django.db import connection

from deadlines import arithmetic, planning
from deadlines.calendar import WorkCalendar, wall
from deadlines.enums import DeadlineState
from deadlines.limits import Limit, Unit
from deadlines.models import Deadline
from deadlines.planning import Was
from deadlines.reckoning import AT_ONCE, OUTSIDE, reckon
from deadlines.reference import forget, install_default_rules, load_calendar, load_rules, refresh_calendar
from deadlines.rules import RuleChoice, held_rule, redo_choice, rule_within

__all__ = [
    "AT_ONCE",
    "OUTSIDE",
    "cancel",
    "cap",
    "extend",
    "follow_lead",
    "forget",
    "governing_deadline",
    "hand_over",
    "install_default_rules",
    "load_calendar",
    "load_rules",
    "pause",
    "pause_since",
    "prepare",
    "reclassify",
    "recount",
    "refresh_calendar",
    "reinstate",
    "resume",
    "start_many",
    "stop",
    "write",
]

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
    "fixed_due_at": "timestamptz",
    "pauses": "jsonb",
    "caps": "jsonb",
    "fired_before": "jsonb",
}
_JSON: Final = frozenset({"pauses", "caps", "fired_before"})


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
    caps: Mapping[str, datetime] | None = None,
    since: Mapping[str, datetime] | None = None,
    fixed_due_at: datetime | None = None,
    pauses: Sequence[Sequence[Any]] = (),
    began_at: datetime | None = None,
) -> Deadline:
    """A deadline, not saved yet, its rung planned.

    ``caps``: by source, what somebody else allows at most; ``since``: of a source that joined, when (else: now).
    ``fixed_due_at``: a date that somebody fixed (a commitment, a review, a co-department's part) in place of the one
    that the limit gives; the limit then only says how its time is counted. ``began_at``: it counts from before ``at``,
    with ``pauses`` as a clock keeps them; where the last of them is open, it stands still. ValueError where the limit
    is ``none``.
    """
    began_at = began_at or at
    deadline = Deadline(
        subject_kind=subject_kind,
        subject_id=subject_id,
        subdistrict_id=subdistrict_id,
        kind=kind,
        party_id=party_id,
        rule=rule,
        limit=str(limit),
        started_at=began_at,
        counted_from=began_at,
        fixed_due_at=fixed_due_at,
        pauses=[list(one) for one in pauses],
        caps=_caps({}, caps or {}, since or {}, at, 0),
        calendar_version=calendar.version,
    )
    if deadline.pauses and deadline.pauses[-1][1] is None:
        deadline.state, deadline.paused_at = DeadlineState.PAUSED, datetime.fromisoformat(deadline.pauses[-1][0])
    _reckon(deadline, calendar)
    deadline.original_due_at = deadline.due_at
    planning.plan(deadline, calendar, at)
    return deadline


def prepare_by_rule(
    *,
    subject_kind: str,
    subject_id: int,
    subdistrict_id: int,
    kind: str,
    at: datetime,
    calendar: WorkCalendar,
    party_id: int | None,
    began_at: datetime | None = None,
    fixed_due_at: datetime | None = None,
) -> Deadline:
    """A deadline of what must have a date: by the office's rule for its kind (``RuleSet.always_of``), not saved yet."""
    choice = load_rules(subdistrict_id).always_of(kind)
    return prepare(
        subject_kind=subject_kind,
        subject_id=subject_id,
        subdistrict_id=subdistrict_id,
        kind=kind,
        limit=choice.limit,
        rule=choice.reason,
        at=at,
        calendar=calendar,
        party_id=party_id,
        began_at=began_at,
        fixed_due_at=fixed_due_at,
    )


def start_many(rows: Iterable[Deadline]) -> list[Deadline]:
    """Insert prepared deadlines with one statement; none where there are none."""
    return Deadline.objects.bulk_create(list(rows))


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


def pause_since(at: datetime) -> list[Any]:
    """An open pause as a deadline keeps it."""
    return [wall(at).isoformat(), None, ""]


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
        row.pauses = [*row.pauses, pause_since(at)]
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
    """Grant the open deadlines of these kinds more working days; returns those that were extended.

    ValueError where ``by`` is not in working days.
    """
    if by.unit is not Unit.WORKING_DAYS:
        raise ValueError("time is added in working days, whatever the limit is counted in")
    extended = _open(deadlines, kinds)
    for row in extended:
        _note(row, at)
        row.extended += by.amount
        row.extensions += 1
        _settle(row, at, calendar)
    return write(extended)


def cap(
    deadlines: Iterable[Deadline],
    caps: Mapping[str, Mapping[str, datetime]],
    at: datetime,
    calendar: WorkCalendar,
    *,
    since: Mapping[str, datetime] | None = None,
) -> list[Deadline]:
    """Let these be all that somebody else allows at most, by kind of deadline and by source; returns what changed.

    ``since``: from when the date of a source that joined is the case's own, else from now.
    """
    changed: list[Deadline] = []
    for row in _open(deadlines, None):
        wanted = _caps(row.caps, caps.get(row.kind, {}), since or {}, at, row.extended)
        if wanted != row.caps:
            _note(row, at)
            row.caps = wanted
            _settle(row, at, calendar)
            changed.append(row)
    return write(changed)


def reclassify(
    deadlines: Iterable[Deadline], choices: Mapping[str, RuleChoice], at: datetime, calendar: WorkCalendar
) -> list[Deadline]:
    """Count the open deadlines, running or paused, whose rule is another one now by that rule; returns what changed.

    A redo's clock keeps a third of what the original rule gives now. Dates that somebody fixed stay.
    """
    changed: list[Deadline] = []
    for row in _open(deadlines, choices.keys()):
        before = rule_within(row.rule)
        choice = redo_choice(choices[row.kind]) if before.startswith("redo:") else choices[row.kind]
        if row.fixed_due_at is not None or (row.limit, before) == (str(choice.limit), choice.reason):
            continue
        _note(row, at)
        row.limit, row.rule = str(choice.limit), choice.reason
        _settle(row, at, calendar)
        changed.append(row)
    return write(changed)


def follow_lead(deadlines: Iterable[Deadline], at: datetime, calendar: WorkCalendar) -> list[Deadline]:
    """Count the co-departments' parts again from what handling is now; returns what changed.

    A part is fixed by what handling was to be when it began: before later pauses and extensions, which it has itself.
    Where nothing of handling changed it stays, also as a correction of the calendar left it.
    """
    rows = list(deadlines)
    handle = next((row for row in _open(rows, {"handle"}) if row.fixed_due_at is None), None)
    parts = [row for row in _open(rows, {"co_reply"}) if handle and row.rule.startswith("co:")]
    changed: list[Deadline] = []
    for row in parts:
        if handle is None or row.started_at < handle.started_at:
            continue
        rule, limit = f"co:{handle.rule}"[:60], handle.limit
        if handle.was is None and (row.rule, row.limit) == (rule, limit):
            continue
        fixed = _part_due(handle, row, calendar)
        if (row.fixed_due_at, row.rule, row.limit) != (fixed, rule, limit):
            _note(row, at)
            row.fixed_due_at, row.rule, row.limit = fixed, rule, limit
            _settle(row, at, calendar)
            changed.append(row)
    return write(changed)


def _part_due(handle: Deadline, part: Deadline, calendar: WorkCalendar) -> datetime:
    facts = handle.facts
    before = tuple(one for one in facts.pauses if one.to_at is not None and one.to_at <= part.started_at)
    then = replace(facts, pauses=before, extended=max(0, facts.extended - part.extended))
    due = arithmetic.co_department_due(reckon(then, calendar).due_at, part.started_at, facts.limit, calendar)
    return due.due_at


def reinstate(
    deadlines: Iterable[Deadline], stopped_at: datetime, at: datetime, calendar: WorkCalendar
) -> list[Deadline]:
    """Take back that nobody owed them any more: those that ended so at ``stopped_at`` run on, due when they were.

    Of a kind that one organisation owed the last one runs on. A calendar that was corrected meanwhile counts for what
    is not overdue, as if they had never ended.
    """
    ended = [row for row in deadlines if row.stopped_at == stopped_at and row.state != DeadlineState.MET]
    again = list({(row.kind, row.party_id): row for row in sorted(ended, key=attrgetter("pk"))}.values())
    for row in again:
        row.state, row.stopped_at = DeadlineState.RUNNING, None
        if not row.is_overdue(at):
            _note(row, at)
            _settle(row, at, calendar)
        planning.plan(row, calendar, at)
    return write(again)


def recount(
    deadlines: Iterable[Deadline], at: datetime, old: WorkCalendar, new: WorkCalendar
) -> list[tuple[Deadline, datetime]]:
    """Count running deadlines again after a change of the calendar from ``old`` to ``new``.

    Returns those whose due time moved, with the one before. All that changed is written with one statement.

    What is overdue keeps its due time, and what the change does not touch keeps it to the second; the rungs that are
    still to come follow the new calendar all the same. One that was counted by ``new`` already (its
    ``calendar_version``) is left alone. A paused one is counted when it runs on.
    """
    moved: list[tuple[Deadline, datetime]] = []
    touched: list[Deadline] = []
    for row in deadlines:
        if not row.is_running or (new.version and row.calendar_version >= new.version):
            continue
        due_before, touches = row.due_at, row.calendar_version != new.version
        before = (row.due_at, row.estimated, row.next_rung_at, row.next_rung)
        if not row.is_overdue(at) and reckon(row.facts, old) != reckon(row.facts, new):
            _note(row, at)
            _settle(row, at, new)
        else:
            planning.plan(row, new, at)
        row.calendar_version = new.version
        if touches or (row.due_at, row.estimated, row.next_rung_at, row.next_rung) != before:
            touched.append(row)
        if row.due_at != due_before:
            moved.append((row, due_before))
    write(touched)
    return moved


def hand_over(
    deadlines: Iterable[Deadline], kinds: Collection[str], party_id: int | None, *, later: bool = False
) -> list[Deadline]:
    """Let the open deadlines of these kinds be owed by another organisation; returns those that changed."""
    changed = [row for row in _open(deadlines, kinds) if row.party_id != party_id]
    for row in changed:
        row.party_id = party_id
    return changed if later else write(changed)


def governing_deadline(deadlines: Iterable[Deadline], kinds: Collection[str] | None = None) -> Deadline | None:
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
    parameters = [value for row in rows for value in (row.pk, *_values(row))]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE deadlines_deadline AS d SET {assignments} "  # noqa: S608 (names and placeholders only)
            f"FROM (VALUES {values}) AS v (id, {columns}) WHERE d.id = v.id",
            parameters,
        )
    return list(rows)


def _values(row: Deadline) -> list[Any]:
    return [json.dumps(getattr(row, name)) if name in _JSON else getattr(row, name) for name in _WRITTEN]


def _caps(
    present: Mapping[str, Any], caps: Mapping[str, datetime], since: Mapping[str, datetime], at: datetime, extended: int
) -> dict[str, Any]:
    """As a deadline keeps them: what a matter that joined allows since when; what is known already stays."""
    kept: dict[str, Any] = {}
    for source, moment in caps.items():
        text, known = wall(moment).isoformat(), present.get(source)
        if source == OUTSIDE:
            kept[source] = text
        elif known and text in (known, known[0]):
            kept[source] = known
        else:
            kept[source] = [text, wall(since.get(source, at)).isoformat(), extended]
    return kept


def _open(deadlines: Iterable[Deadline], kinds: Collection[str] | None) -> list[Deadline]:
    return [row for row in deadlines if row.is_open and (kinds is None or row.kind in kinds)]


def _end(row: Deadline, state: DeadlineState, at: datetime) -> None:
    row.state = state
    row.stopped_at = at
    row.paused_at = row.remaining = row.next_rung_at = None
    row.next_rung = ""


def _resume(row: Deadline, at: datetime, calendar: WorkCalendar, at_least: Limit | None) -> None:
    if row.paused_at is None:
        raise ValueError("only a paused deadline is resumed")
    _note(row, at)
    ended = [row.pauses[-1][0], wall(at).isoformat(), str(at_least or "")]
    row.pauses = [*row.pauses[:-1], ended]
    row.state, row.paused_at = DeadlineState.RUNNING, None
    _settle(row, at, calendar)


def _note(row: Deadline, at: datetime) -> None:
    """Remember what a deadline was before the action at ``at``; of several changes by it, before the first."""
    if row.was is None or row.was.at != at:
        row.was = Was(at, row.due_at, row.limit, row.rule, row.fired, dict(row.fired_before))


def _settle(row: Deadline, at: datetime, calendar: WorkCalendar) -> None:
    """Count the date of an open deadline again after its facts changed, and what fired with it."""
    _reckon(row, calendar)
    planning.move(row, calendar, at)
    planning.plan(row, calendar, at)


def _reckon(row: Deadline, calendar: WorkCalendar) -> None:
    found = reckon(row.facts, calendar)
    row.due_at, row.estimated, row.remaining = found.due_at, found.estimated, found.remaining
    row.rule = held_rule(rule_within(row.rule), found.held_by, ours=found.ours)
    if row.pauses:
        row.counted_from = found.counted_from
    row.soon_at = min(arithmetic.soon_at(row.counted_from, found.due_at, row.time_limit, calendar), found.due_at)
    row.calendar_version = calendar.version
