"""One synthetic issue as it passes through the workflow: its columns, clocks, departments and events, in memory.

It does what issues.services does, without rows to lock and without a statement; a test walks a sample of seeded issues
through the real services and compares every column.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from deadlines import arithmetic
from deadlines.calendar import WorkCalendar
from deadlines.enums import DeadlineState
from deadlines.limits import Due, Limit, Unit
from deadlines.rules import RuleChoice, effective_level, redo_choice
from issues.enums import Status, Turn
from issues.seeding.reference import CategoryRef, CommunityRef, Person, Reference
from issues.services.clocks import COMMUNITY_KINDS, DEPARTMENT_KINDS
from issues.services.creation import ON_THE_LINE
from issues.workflow import CREATE, Clock, Effect, rows_of

_RUNNING: Final = DeadlineState.RUNNING.value
_MET, _LATE, _CANCELLED = DeadlineState.MET.value, DeadlineState.LATE.value, DeadlineState.CANCELLED.value


class Clocking:
    """Due times and rule choices of one sub-district, remembered."""

    def __init__(self, reference: Reference) -> None:
        self.calendar: WorkCalendar = reference.calendar
        self._rules = reference.rules
        self._dues: dict[tuple[Limit, int], Due] = {}
        self._limits: dict[tuple[str, str, str, str], dict[str, RuleChoice]] = {}

    def due(self, limit: Limit, at: datetime) -> Due:
        """When the limit ends."""
        if limit.unit is not Unit.WORKING_DAYS:
            return limit.due(at, self.calendar)
        key = (limit, at.toordinal())
        found = self._dues.get(key)
        if found is None:
            found = self._dues[key] = limit.due(at, self.calendar)
        return found

    def limits(self, level: str, category: CategoryRef | None, kind: str) -> dict[str, RuleChoice]:
        """As ``issues.services.clocks.limits_of``; ``level`` is what a person set, or ""."""
        code, override = (category.code, category.override) if category else ("", "")
        key = (level, override, kind, code)
        found = self._limits.get(key)
        if found is None:
            found = self._rules.limits_for(level or None, override or None, kind, category_code=code)
            self._limits[key] = found
        return found


class RunningClock:
    """One deadline."""

    __slots__ = ("choice", "due_at", "estimated", "kind", "party_id", "soon_at", "started_at", "state", "stopped_at")

    def __init__(self, kind: str, choice: RuleChoice, at: datetime, party_id: int | None, clocking: Clocking) -> None:
        due = clocking.due(choice.limit, at)
        self.kind, self.choice, self.started_at, self.party_id = kind, choice, at, party_id
        self.due_at, self.estimated = due.due_at, due.estimated
        self.soon_at = arithmetic.soon_at(at, due.due_at, choice.limit, clocking.calendar)
        self.state: str = _RUNNING
        self.stopped_at: datetime | None = None

    def end(self, at: datetime, state: str) -> None:
        """Stop in ``state``, late where the due time is past."""
        self.state = _LATE if at > self.due_at else state
        self.stopped_at = at


class Happening:
    """One event of the journal."""

    __slots__ = ("action", "at", "data", "person", "texts", "visible")

    def __init__(
        self,
        action: str,
        at: datetime,
        person: Person,
        *,
        visible: bool,
        data: dict[str, Any],
        texts: Mapping[str, str],
    ) -> None:
        self.action, self.at, self.person = action, at, person
        self.visible, self.data, self.texts = visible, data, texts


class Part:
    """A department's part in the issue."""

    __slots__ = ("acknowledged_at", "current", "dispatched_at", "returned_at")

    def __init__(self, at: datetime) -> None:
        self.dispatched_at, self.current = at, True
        self.acknowledged_at: datetime | None = None
        self.returned_at: datetime | None = None


def _effects_of(clocks: Iterable[Clock]) -> tuple[tuple[str, ...], frozenset[str], bool]:
    listed = list(clocks)
    return (
        tuple(clock.kind for clock in listed if clock.effect is Effect.START),
        frozenset(clock.kind for clock in listed if clock.effect is Effect.STOP),
        any(clock.effect is Effect.STOP_ALL for clock in listed),
    )


_ACTIONS: Final = (
    "accept",
    "acknowledge",
    "answer_now",
    "contact",
    "dispatch",
    "progress",
    "record_follow_up",
    "redo",
    "reject",
    "reply",
    "return",
    "verify_pass",
    "withdraw",
)
_EFFECTS: Final = {action: _effects_of(rows_of(action)[0].clocks) for action in _ACTIONS}
_VISIBLE: Final = {action: rows_of(action)[0].visible for action in _ACTIONS}


class Ledger:
    """The issue's columns (as the model names them) and what belongs to it."""

    def __init__(
        self,
        clocking: Clocking,
        community: CommunityRef,
        *,
        kind: str,
        source: str,
        category: CategoryRef | None,
        level: str,
        contact_id: int | None,
    ) -> None:
        self.clocking, self.community = clocking, community
        self.kind, self.source, self.category, self.contact_id = kind, source, category, contact_id
        self.level_set = bool(level)
        self.level = effective_level(level or None, category.override if category else None, kind)
        self.status: str = Status.SUBMITTED.value
        self.turn: str = Turn.COMMUNITY.value
        self.version = 1
        self._before = ""
        self.outcome = self.verdict = self.solved = ""
        self.lead_id: int | None = None
        self.officer_id: int | None = None
        self.returned_from_id: int | None = None
        self.return_count = self.redo_count = 0
        self.logged_by: int | None = None
        self.created_at: datetime
        self.changed_at: datetime
        self.accepted_at: datetime | None = None
        self.dispatched_at: datetime | None = None
        self.acknowledged_at: datetime | None = None
        self.replied_at: datetime | None = None
        self.verified_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.accepted_by: int | None = None
        self.replied_by: int | None = None
        self.verified_by: int | None = None
        self.due: RunningClock | None = None
        self.due_working, self.due_estimated = True, False
        self.clocks: list[RunningClock] = []
        self.events: list[Happening] = []
        self.parts: dict[int, Part] = {}
        self.acted: dict[int, datetime] = {}

    def create(self, at: datetime, by: Person, title: str) -> None:
        """Log it, with its first clocks."""
        self.created_at = self.changed_at = at
        self.logged_by = by.pk
        on_the_line = self.source in ON_THE_LINE and by.pk is not None
        limits = self._limits()
        for clock in reversed(CREATE.clocks):
            if clock.kind in limits and (clock.kind != "respond" or self.contact_id is not None):
                self._start(clock.kind, limits[clock.kind], at)
                if clock.kind == "respond" and on_the_line:
                    self.clocks[-1].end(at, _MET)
        self._copy_governing()
        data = {
            "to": self.status,
            "version": 1,
            "source": self.source,
            "kind": self.kind,
            "level": self.level,
            "category": self.category.pk if self.category else None,
            "community": self.community.pk,
            "contacted": on_the_line,
        }
        self.events.append(Happening(CREATE.action, at, by, visible=CREATE.visible, data=data, texts={"title": title}))

    # The actions. Each names what issues.services.effects does to the columns.

    def contact(self, at: datetime, by: Person, note: str) -> None:
        """The reporter was called back."""
        self._done(
            "contact", at, by, {"channel": "phone", "result": "reached"}, {"note": note}, more_stops={"callback"}
        )

    def accept(self, at: datetime, by: Person, category: CategoryRef) -> None:
        """Accepted under this category."""
        self.category = category
        if not self.level_set:
            self.level = effective_level(None, category.override, self.kind)
        self.accepted_at, self.accepted_by = at, by.pk
        self._move(Status.ACCEPTED, Turn.COMMUNITY)
        self._done("accept", at, by, {"category": category.pk, "level": self.level})

    def reject(self, at: datetime, by: Person, reason: str, note: str) -> None:
        """Not accepted."""
        self._end(Status.REJECTED, at)
        self._done("reject", at, by, {"reason": reason}, {"note": note})

    def withdraw(self, at: datetime, by: Person) -> None:
        """Withdrawn by who reported it."""
        self._end(Status.WITHDRAWN, at)
        self._done("withdraw", at, by, {})

    def answer_now(
        self, at: datetime, by: Person, category: CategoryRef, *, verdict: str, solved: str, note: str
    ) -> None:
        """Answered and closed at once; ``verdict`` and ``solved`` "" where nobody said."""
        self.category = category
        given = {key: value for key, value in (("verdict", verdict), ("solved", solved)) if value}
        self.outcome, self.solved = "explained", solved
        self.verdict = verdict or ("" if self.contact_id is not None else "no_reporter")
        self._end(Status.CLOSED, at)
        facts = {**given, "category": category.pk, "outcome": "explained", "verdict": self.verdict}
        self._done("answer_now", at, by, facts, {"note": note})

    def dispatch(self, at: datetime, by: Person, department_id: int) -> None:
        """Sent to this department."""
        self.parts[department_id] = Part(at)
        self.lead_id, self.officer_id = department_id, None
        self.dispatched_at, self.acknowledged_at = at, None
        self._move(Status.DISPATCHED, Turn.DEPARTMENT)
        owed_by = department_id if self.returned_from_id is None else None
        self._done("dispatch", at, by, {"department": department_id}, owed_by=owed_by)

    def send_back(self, at: datetime, by: Person, basis: str) -> None:
        """Returned by the department (``return``), the first time."""
        department_id = self.lead_id or 0
        part = self.parts[department_id]
        part.current, part.returned_at = False, at
        self.returned_from_id = self.returned_from_id or department_id
        self.lead_id = self.officer_id = None
        self.return_count += 1
        self._move(Status.ACCEPTED, Turn.COMMUNITY)
        facts = {"reason": "not_ours", "department": department_id, "returns": self.return_count}
        self._done("return", at, by, facts, {"basis": basis})

    def acknowledge(self, at: datetime, by: Person) -> None:
        """Signed for by an officer, whose it is from now on."""
        self.acknowledged_at = at
        self.returned_from_id = None
        facts: dict[str, Any] = {}
        if self.officer_id is None:
            self.officer_id = facts["officer"] = by.pk
        department_id = self.lead_id or 0
        self.parts[department_id].acknowledged_at = at
        facts["department"] = department_id
        self._move(Status.IN_PROGRESS, Turn.DEPARTMENT)
        self._done("acknowledge", at, by, facts, owed_by=department_id)

    def progress(self, at: datetime, by: Person, note: str) -> None:
        """A note that the resident sees; it begins the next month of a project."""
        again = any(clock.kind == "note" and clock.state == _RUNNING for clock in self.clocks)
        self._done(
            "progress",
            at,
            by,
            {"visible_to_resident": True},
            {"note": note},
            visible=True,
            more_stops={"note"} if again else (),
            more_starts=("note",) if again else (),
        )

    def reply(self, at: datetime, by: Person, outcome: str, note: str) -> None:
        """The department's answer."""
        self.outcome, self.verdict, self.solved = outcome, "", ""
        self.replied_at, self.replied_by = at, by.pk
        self._move(Status.REPLIED, Turn.COMMUNITY)
        self._done("reply", at, by, {"outcome": outcome, "department": self.lead_id}, {"note": note})

    def verify_pass(self, at: datetime, by: Person, check: str, note: str) -> None:
        """Verified; closed where there is nobody to call."""
        self.verified_at, self.verified_by = at, by.pk
        facts: dict[str, Any] = {"check": check}
        if self.contact_id is not None:
            self._move(Status.FOLLOW_UP, Turn.COMMUNITY)
            self._done("verify_pass", at, by, facts, {"note": note})
            return
        self.verdict = facts["verdict"] = "no_reporter"
        self._end(Status.CLOSED, at)
        self._done("verify_pass", at, by, facts, {"note": note}, skip={"follow_up"}, end_all=True)

    def redo(self, at: datetime, by: Person, reason: str) -> None:
        """Sent back to the department by the community, with the short clock; the first time."""
        self.redo_count += 1
        self.replied_at = self.replied_by = self.verified_at = self.verified_by = None
        self._move(Status.IN_PROGRESS, Turn.DEPARTMENT)
        facts = {"redo": self.redo_count, "department": self.lead_id}
        self._done("redo", at, by, facts, {"reason": reason}, short=True)

    def record_follow_up(self, at: datetime, by: Person, verdict: str, solved: str) -> None:
        """A call-back after which the issue closes."""
        self.verdict, self.solved = verdict, solved
        self._end(Status.CLOSED, at)
        facts = {"verdict": verdict, "solved": solved}
        self._done("record_follow_up", at, by, facts, more_stops={"follow_up"}, end_all=True)

    # What every action does

    def _limits(self, *, short: bool = False) -> Mapping[str, RuleChoice]:
        limits = self.clocking.limits(self.level if self.level_set else "", self.category, self.kind)
        return {**limits, "handle": redo_choice(limits["handle"])} if short and "handle" in limits else limits

    def _start(self, kind: str, choice: RuleChoice, at: datetime) -> None:
        party_id = self.community.team_id if kind in COMMUNITY_KINDS else self.lead_id or self.community.team_id
        self.clocks.append(RunningClock(kind, choice, at, party_id, self.clocking))

    def _move(self, status: Status, turn: Turn) -> None:
        self._before = self.status
        self.status, self.turn = status.value, turn.value

    def _end(self, status: Status, at: datetime) -> None:
        self._move(status, Turn.NOBODY)
        self.closed_at = at

    def _done(
        self,
        action: str,
        at: datetime,
        by: Person,
        facts: dict[str, Any],
        texts: Mapping[str, str] | None = None,
        *,
        visible: bool | None = None,
        more_stops: Iterable[str] = (),
        more_starts: tuple[str, ...] = (),
        skip: Iterable[str] = (),
        end_all: bool = False,
        owed_by: int | None = None,
        short: bool = False,
    ) -> None:
        starts, stops, ends_all = _EFFECTS[action]
        self._stop(at, stops.union(more_stops).difference(skip), end_all or ends_all)
        if starts or more_starts:
            limits = self._limits(short=short)
            for kind in starts + more_starts:
                if kind in limits and kind not in skip:
                    self._start(kind, limits[kind], at)
        if owed_by is not None:
            for clock in self.clocks:
                if clock.state == _RUNNING and clock.kind in DEPARTMENT_KINDS:
                    clock.party_id = owed_by
        self._copy_governing()
        self.version += 1
        self.changed_at = at
        if by.pk is not None:
            self.acted[by.pk] = at
        moved = {"from": self._before, "to": self.status} if self._before else {"status": self.status}
        self._before = ""
        data = {**moved, "version": self.version, **facts}
        seen = _VISIBLE[action] if visible is None else visible
        self.events.append(Happening(action, at, by, visible=seen, data=data, texts=texts or {}))

    def _stop(self, at: datetime, kinds: frozenset[str], everything: bool) -> None:
        for clock in self.clocks:
            if clock.state == _RUNNING:
                if clock.kind in kinds:
                    clock.end(at, _MET)
                elif everything:
                    clock.end(at, _CANCELLED)

    def _copy_governing(self) -> None:
        running = [clock for clock in self.clocks if clock.state == _RUNNING]
        self.due = min(running, key=_due_at, default=None)
        if self.due is not None:
            self.due_working, self.due_estimated = self.due.choice.limit.is_working, self.due.estimated

    @property
    def missed_at(self) -> datetime | None:
        """The earliest due time that was missed, once no clock runs."""
        return min((clock.due_at for clock in self.clocks if clock.state == _LATE), default=None)


def _due_at(clock: RunningClock) -> datetime:
    return clock.due_at
