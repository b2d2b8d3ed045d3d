"""One synthetic issue as it passes through the workflow: its columns, clocks, departments and events, in memory.

It does what issues.services does, without rows to lock and without a statement; a test walks a sample of seeded issues
through the real services and compares every column.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from deadlines import arithmetic
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.enums import DeadlineState
from deadlines.limits import Due, Limit, Unit
from deadlines.rules import RuleChoice, effective_level, redo_choice
from issues.clock_specs import OF_COMMUNITY, OF_OFFICE, SIDE
from issues.enums import DepartmentRole, Kind, Status, Turn, VerdictVia
from issues.policies import SAMPLE_EVERY
from issues.services.clocks import DEPARTMENT_KINDS
from issues.services.creation import ON_THE_LINE
from issues.workflow import CREATE, ClockEffect, Effect, rows_of
from seeds.load.records import Clocking, RunningClock, SeedEvent, SeedHolding, SeedPart, SeedPromise, SeedRequest
from seeds.load.reference import CategoryRef, CommunityRef, SeedActor

_CO_REPLY_WITHOUT_HANDLE: Final = Limit.parse("5wd")
_DAYS: Final = Limit.parse("30d")
_RUNNING: Final = DeadlineState.RUNNING.value
_PAUSED: Final = DeadlineState.PAUSED.value
_MET, _LATE, _CANCELLED = DeadlineState.MET.value, DeadlineState.LATE.value, DeadlineState.CANCELLED.value


@dataclass(frozen=True, slots=True)
class Does:
    """What a row of the table does to clocks."""

    starts: tuple[str, ...]
    stops: frozenset[str]
    cancels: frozenset[str]
    pauses: frozenset[str]
    ends_all: bool


def _effects_of(clocks: Iterable[ClockEffect]) -> Does:
    listed = list(clocks)

    def kinds(effect: Effect) -> list[str]:
        return [clock.kind for clock in listed if clock.effect is effect]

    return Does(
        tuple(kinds(Effect.START)),
        frozenset(kinds(Effect.STOP)),
        frozenset(kinds(Effect.CANCEL)),
        frozenset(kinds(Effect.PAUSE)),
        any(clock.effect is Effect.STOP_ALL for clock in listed),
    )


_ACTIONS: Final = (
    "accept",
    "acknowledge",
    "add_department",
    "answer_now",
    "co_reply",
    "contact",
    "dispatch",
    "fulfil",
    "grant_suspension",
    "merge",
    "progress",
    "publish",
    "record_follow_up",
    "redo",
    "reject",
    "reply",
    "request_extension",
    "request_suspension",
    "return",
    "supervise",
    "transfer_out",
    "verify_pass",
    "withdraw",
)
_EFFECTS: Final = {action: _effects_of(rows_of(action)[0].clocks) for action in _ACTIONS}
_VISIBLE: Final = {action: rows_of(action)[0].visible for action in _ACTIONS}


class Ledger:
    """The issue's columns (as the model names them) and what belongs to it."""

    answered_by: int | None = None

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
        serial: int = 1,
        first_file_id: int = 0,
        commitment_id: int = 0,
    ) -> None:
        self.serial, self._next_file_id, self._commitment_id = serial, first_file_id, commitment_id
        self.clocking, self.community = clocking, community
        self.kind, self.source, self.category, self.contact_id = kind, source, category, contact_id
        self.level_set = bool(level)
        self.level = effective_level(level or None, category.override if category else None, kind)
        self.status: str = Status.SUBMITTED.value
        self.turn: str = Turn.COMMUNITY.value
        self.version = 1
        self._before = ""
        self.outcome = self.verdict = self.solved = self.verdict_via = ""
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
        self.events: list[SeedEvent] = []
        self.parts: dict[int, SeedPart] = {}
        self.acted: dict[int, datetime] = {}
        self.external = False
        self.asks: list[str] = []
        self.co_ids: list[int] = []
        self.co_waiting_ids: list[int] = []
        self.untold = False
        self.suspended_at: datetime | None = None
        self.suspension_count = 0
        self.master_id: int | None = None
        self.persons = 1
        self.reporters = {contact_id}
        self.published_at: datetime | None = None
        self.published_by: int | None = None
        self.public_title = self.public_text = ""
        self.holdings: list[SeedHolding] = []
        self.requests: list[SeedRequest] = []
        self.promised: SeedPromise | None = None
        self.files: list[tuple[int, datetime, int | None]] = []
        self._fixed: dict[str, RunningClock] = {}

    def create(self, at: datetime, by: SeedActor, title: str) -> None:
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
            "confidential": self.kind == Kind.REPORT,
        }
        self.events.append(SeedEvent(CREATE.action, at, by, visible=CREATE.visible, data=data, texts={"title": title}))

    # The actions. Each names what issues.services.effects does to the columns.

    def contact(self, at: datetime, by: SeedActor, note: str) -> None:
        """The reporter was called back."""
        self._done(
            "contact",
            at,
            by,
            {"channel": "phone", "result": "reached"},
            {"note": note},
            more_stops={"callback", "inform"},
        )

    def accept(self, at: datetime, by: SeedActor, category: CategoryRef) -> None:
        """Accepted under this category."""
        self.category = category
        if not self.level_set:
            self.level = effective_level(None, category.override, self.kind)
        self.accepted_at, self.accepted_by = at, by.pk
        self._move(Status.ACCEPTED, Turn.COMMUNITY)
        self._done("accept", at, by, {"category": category.pk, "level": self.level})

    def reject(self, at: datetime, by: SeedActor, reason: str, note: str) -> None:
        """Not accepted."""
        self._end(Status.REJECTED, at)
        self._done("reject", at, by, {"reason": reason}, {"note": note})

    def withdraw(self, at: datetime, by: SeedActor) -> None:
        """Withdrawn by who reported it."""
        self._end(Status.WITHDRAWN, at)
        self._done("withdraw", at, by, {})

    def answer_now(
        self, at: datetime, by: SeedActor, category: CategoryRef, *, verdict: str, solved: str, note: str
    ) -> None:
        """Answered and closed at once; ``verdict`` and ``solved`` "" where nobody said."""
        self.category = category
        given = {key: value for key, value in (("verdict", verdict), ("solved", solved)) if value}
        self.outcome, self.solved = "explained", solved
        self.verdict = verdict or ("" if self.contact_id is not None else "no_reporter")
        self.verdict_via = VerdictVia.DESK.of(self.verdict, solved)
        self.answered_by = by.pk
        self._end(Status.CLOSED, at)
        facts = {**given, "category": category.pk, "outcome": "explained", "verdict": self.verdict}
        self._done("answer_now", at, by, facts, {"note": note})

    def dispatch(self, at: datetime, by: SeedActor, department_id: int) -> None:
        """Sent to this department."""
        self.parts[department_id] = SeedPart(at)
        self.lead_id, self.officer_id = department_id, None
        if self.returned_from_id is None:
            self._hold(department_id, at)
        self.dispatched_at, self.acknowledged_at = at, None
        self._move(Status.DISPATCHED, Turn.DEPARTMENT)
        owed_by = department_id if self.returned_from_id is None else None
        self._done("dispatch", at, by, {"department": department_id}, owed_by=owed_by)

    def transfer_out(self, at: datetime, by: SeedActor, department_id: int) -> None:
        """Passed to a body outside; the community follows it up."""
        self._hold(department_id, at)
        part = self.parts[department_id] = SeedPart(at)
        self.lead_id, self.officer_id, self.external = department_id, None, True
        self.dispatched_at = self.acknowledged_at = part.acknowledged_at = at
        self._move(Status.IN_PROGRESS, Turn.COMMUNITY)
        self._done("transfer_out", at, by, {"department": department_id}, owed_by=self.community.team_id)

    def send_back(self, at: datetime, by: SeedActor, basis: str) -> None:
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

    def acknowledge(self, at: datetime, by: SeedActor) -> None:
        """Signed for by an officer, whose it is from now on."""
        self.acknowledged_at = at
        if self.returned_from_id is not None and self.lead_id is not None:
            self._hold(self.lead_id, at)
        self.returned_from_id = None
        facts: dict[str, Any] = {}
        if self.officer_id is None:
            self.officer_id = facts["officer"] = by.pk
        department_id = self.lead_id or 0
        self.parts[department_id].acknowledged_at = at
        facts["department"] = department_id
        self._move(Status.IN_PROGRESS, Turn.DEPARTMENT)
        self._done("acknowledge", at, by, facts, owed_by=department_id)

    def progress(self, at: datetime, by: SeedActor, note: str) -> None:
        """A note that the resident sees; it begins the next month of a project, the next week of an outside body."""
        running = {clock.kind for clock in self.clocks if clock.state == _RUNNING}
        again = tuple(kind for kind in ("note", "tracking", "progress") if kind in running)
        self._done(
            "progress",
            at,
            by,
            {"visible_to_resident": True},
            {"note": note},
            visible=True,
            more_stops=again,
            more_starts=again,
        )

    def add_department(self, at: datetime, by: SeedActor, department_id: int) -> None:
        """Another department is to help."""
        self.parts[department_id] = SeedPart(at, DepartmentRole.CO.value)
        self.co_ids.append(department_id)
        self.co_waiting_ids.append(department_id)
        self._clock("co_reply", self._co_clock(at, department_id))
        self._done("add_department", at, by, {"department": department_id})

    def _co_clock(self, at: datetime, department_id: int) -> RunningClock:
        handle = self.running("handle")
        if handle is None:
            choice, due = RuleChoice(_CO_REPLY_WITHOUT_HANDLE, "default:co_reply"), None
        else:
            limit = handle.choice.limit
            choice = RuleChoice(limit, f"co:{handle.choice.reason}"[:60])
            due = arithmetic.co_department_due(handle.due_at, at, limit, self.clocking.calendar)
        return RunningClock("co_reply", choice, at, department_id, self.clocking, due)

    def co_reply(self, at: datetime, by: SeedActor, department_id: int, note: str) -> None:
        """What the helping department says."""
        self.parts[department_id].answered_at = at
        self.co_waiting_ids.remove(department_id)
        self._done("co_reply", at, by, {"department": department_id}, {"note": note})

    def request_extension(self, at: datetime, by: SeedActor, days: int, reason: str) -> bool:
        """More time is asked for; False where the rules allow none now."""
        handle = self.running("handle")
        allowance = self.clocking.extension(self.level if self.level_set else "", self.category, self.kind)
        if handle is None or at > handle.due_at or not allowance.times:
            return False
        if allowance.total is not None and days > allowance.total.amount:
            return False
        self._ask("extension", at, by, reason).days = days
        self._done("request_extension", at, by, {"days": days, "request": "extension"}, {"reason": reason})
        return True

    def suspend(self, at: datetime, by: SeedActor, supervisor: SeedActor, until: date, interim: str) -> None:
        """A deferral is asked for, and granted a minute later."""
        request = self._ask("suspension", at, by)
        request.reason, request.until, request.interim = "funding", until, interim
        facts: dict[str, Any] = {"reason": "funding", "until": until.isoformat(), "request": "suspension"}
        self._done("request_suspension", at, by, facts, {"interim_answer": interim})
        at += timedelta(minutes=1)
        request.decided_at, request.decided_by = at, supervisor.pk
        self.asks.remove("suspension")
        self.suspended_at, self.suspension_count = at, 1
        due = Due(max(at_clock(until, DAY_CLOSES), at + timedelta(minutes=1)), estimated=False)
        self._clock(
            "suspension_review",
            RunningClock("suspension_review", RuleChoice(_DAYS, "until"), at, self.lead_id, self.clocking, due),
        )
        self._move(Status.SUSPENDED, Turn.DEPARTMENT)
        facts = {**facts, "suspensions": 1}
        self._done("grant_suspension", at, supervisor, facts, {"interim_answer": interim})

    def supervise(self, at: datetime, by: SeedActor, note: str) -> None:
        """An order is drafted for a signature, about no missed limit; not where one was missed."""
        if any(clock.state == _LATE or (clock.state == _RUNNING and clock.due_at < at) for clock in self.clocks):
            return
        self._ask("order", at, by, note)
        if self.turn == Turn.COMMUNITY.value:
            self.requests[-1].department_id = self.community.team_id
        self._done("supervise", at, by, {"kind": "order", "request": "order"}, {"note": note})

    def publish(self, at: datetime, by: SeedActor, title: str, text: str) -> None:
        """Shown on the community's page."""
        self.published_at, self.published_by = at, by.pk
        self.public_title, self.public_text = title, text
        self._done("publish", at, by, {}, {"title": title, "text": text})

    def merge(self, at: datetime, by: SeedActor, master_id: int) -> None:
        """Joins another matter."""
        self.master_id = master_id
        was = self.status
        self._end(Status.MERGED, at)
        self._done("merge", at, by, {"master": master_id, "was": was})

    def is_joined(self, at: datetime, by: SeedActor, issue_id: int, contact_id: int | None) -> None:
        """Another person's matter joins this one: an event of this one too."""
        self.reporters.add(contact_id)
        self.persons += 1
        self.version += 1
        self.changed_at = at
        data = {
            "status": self.status,
            "version": self.version,
            "issue": issue_id,
            "persons": self.persons,
            "persons_before": self.persons - 1,
            "joined_count": self.persons - 1,
        }
        self.events.append(SeedEvent("join", at, by, visible=False, data=data, texts={}))

    def reply(self, at: datetime, by: SeedActor, outcome: str, note: str, due_on: date | None = None) -> None:
        """The answer: with a photo where a solution can be seen, with a promise where it is planned."""
        facts: dict[str, Any] = {"outcome": outcome, "department": self.lead_id}
        if outcome == "solved" and self.category is not None and self.category.physical:
            self.files.append((self._next_file_id, at, by.pk))
            facts["attachments"] = [self._next_file_id]
            self._next_file_id += 1
        if due_on is not None:
            self.promised = self._promise(at, by, note, due_on)
            facts |= {"due_on": due_on.isoformat(), "commitment": self.promised.pk}
        self.outcome = outcome
        self.verdict = self.solved = self.verdict_via = ""
        self.replied_at, self.replied_by = at, by.pk
        self._release(at)
        self._move(Status.REPLIED, Turn.SUPERVISOR if self.sampled else Turn.COMMUNITY)
        self._done("reply", at, by, facts, {"note": note})

    def fulfil(self, at: datetime, by: SeedActor, note: str) -> None:
        """What was promised with the reply was done."""
        made = self.promised
        if made is not None:
            made.ended_at, made.evidence = at, note
            made.clock.end(at, _MET)
            skip = () if self.closed_at is not None else ("inform",)
            self._done("fulfil", at, by, {"kept": [made.pk]}, {"note": note}, skip=skip)

    def _promise(self, at: datetime, by: SeedActor, text: str, due_on: date) -> SeedPromise:
        limit = Limit(max(1, (due_on - at.date()).days), Unit.DAYS)
        due = Due(at_clock(due_on, DAY_CLOSES), estimated=False)
        clock = RunningClock("fulfil", RuleChoice(limit, "commitment"), at, self.lead_id, self.clocking, due)
        return SeedPromise(self._commitment_id, text, clock, by.pk)

    @property
    def sampled(self) -> bool:
        """As ``issues.policies.is_sampled``."""
        return self.lead_id is not None and self.lead_id == self.community.team_id and self.serial % SAMPLE_EVERY == 0

    def verify_pass(self, at: datetime, by: SeedActor, check: str, note: str) -> None:
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

    def redo(self, at: datetime, by: SeedActor, reason: str) -> None:
        """Sent back to the department by the community, with the short clock; the first time."""
        self.redo_count += 1
        if self.lead_id is not None:
            self._hold(self.lead_id, at)
        self.replied_at = self.replied_by = self.verified_at = self.verified_by = None
        self._move(Status.IN_PROGRESS, Turn.DEPARTMENT)
        facts = {"redo": self.redo_count, "department": self.lead_id}
        self._done("redo", at, by, facts, {"reason": reason}, skip={"tracking"}, short=True)

    def record_follow_up(self, at: datetime, by: SeedActor, verdict: str, solved: str) -> None:
        """A call-back after which the issue closes."""
        self.verdict, self.solved, self.verdict_via = verdict, solved, VerdictVia.CALL.of(verdict, solved)
        self._end(Status.CLOSED, at)
        facts = {"verdict": verdict, "solved": solved, "via": self.verdict_via}
        self._done("record_follow_up", at, by, facts, more_stops={"follow_up"}, end_all=True)

    # What every action does

    def _limits(self, *, short: bool = False) -> Mapping[str, RuleChoice]:
        limits = self.clocking.limits(self.level if self.level_set else "", self.category, self.kind)
        return {**limits, "handle": redo_choice(limits["handle"])} if short and "handle" in limits else limits

    def running(self, kind: str) -> RunningClock | None:
        """The clock of this kind that runs."""
        return next((clock for clock in self.clocks if clock.kind == kind and clock.state == _RUNNING), None)

    def _clock(self, kind: str, clock: RunningClock) -> None:
        """Remember a clock with a date of its own until the action starts it."""
        self._fixed[kind] = clock

    def _hold(self, department_id: int, at: datetime) -> None:
        self._release(at)
        self.holdings.append(SeedHolding(department_id, at))

    def _release(self, at: datetime) -> None:
        held = self.holdings[-1] if self.holdings else None
        if held is None or held.until_at is not None:
            return
        held.until_at = at
        dues = [clock.due_at for clock in self.clocks if clock.kind == "handle" and clock.paused_at is None]
        held.late = any(held.since_at < due <= at for due in dues)

    def _ask(self, kind: str, at: datetime, by: SeedActor, text: str = "") -> SeedRequest:
        self.requests.append(SeedRequest(kind, at, by.pk, self.lead_id, text))
        self.asks.append(kind)
        return self.requests[-1]

    def _start(self, kind: str, choice: RuleChoice, at: datetime) -> None:
        """A new clock. Who stayed anonymous is not told anything; who waits to be told already goes on waiting."""
        if kind == "inform" and (self.contact_id is None or self.running(kind) is not None):
            return
        by_community = kind in OF_COMMUNITY or self.external or self.lead_id is None
        party_id = self.community.team_id if by_community else self.lead_id
        if kind in OF_OFFICE:
            party_id = None
        self.clocks.append(RunningClock(kind, choice, at, party_id, self.clocking))

    def _move(self, status: Status, turn: Turn) -> None:
        self._before = self.status
        self.status, self.turn = status.value, turn.value

    def _end(self, status: Status, at: datetime) -> None:
        self._move(status, Turn.NOBODY)
        self.closed_at = at
        self._release(at)

    def _done(
        self,
        action: str,
        at: datetime,
        by: SeedActor,
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
        does = _EFFECTS[action]
        stops = does.stops.union(more_stops).difference(skip)
        if by.pk is None:
            stops |= {"inform"}
        self._stop(at, stops, does.cancels, end_all or does.ends_all, staying=does.starts)
        if does.pauses:
            self._pause(at, does.pauses)
        if does.starts or more_starts:
            limits = self._limits(short=short)
            for kind in does.starts + more_starts:
                if kind in self._fixed:
                    self.clocks.append(self._fixed.pop(kind))
                elif kind in limits and kind not in skip:
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
        untold = self.running("inform") is not None
        if untold != self.untold:
            self.untold = facts["untold"] = untold
        data = {**moved, "version": self.version, **facts}
        seen = _VISIBLE[action] if visible is None else visible
        self.events.append(SeedEvent(action, at, by, visible=seen, data=data, texts=texts or {}))

    def _stop(
        self, at: datetime, kinds: frozenset[str], cancelled: frozenset[str], everything: bool, staying: Iterable[str]
    ) -> None:
        """``everything`` ends but what is ``staying``, because the same action starts it."""
        for clock in self.clocks:
            if clock.state == _RUNNING:
                if clock.kind in kinds:
                    clock.end(at, _MET)
                elif clock.kind in cancelled or (everything and clock.kind not in staying):
                    clock.end(at, _CANCELLED)

    def _pause(self, at: datetime, kinds: frozenset[str]) -> None:
        for clock in self.clocks:
            if clock.state == _RUNNING and clock.kind in kinds:
                clock.pause(at, self.clocking.calendar)

    def _copy_governing(self) -> None:
        running = [clock for clock in self.clocks if clock.state == _RUNNING and clock.kind not in SIDE]
        self.due = min(running, key=_due_at, default=None)
        if self.due is not None:
            self.due_working, self.due_estimated = self.due.choice.limit.is_working, self.due.estimated

    @property
    def missed_at(self) -> datetime | None:
        """The earliest due time that was missed, once no clock runs."""
        late = (clock for clock in self.clocks if clock.state == _LATE and clock.kind not in SIDE)
        return min((clock.due_at for clock in late), default=None)


def _due_at(clock: RunningClock) -> datetime:
    return clock.due_at
