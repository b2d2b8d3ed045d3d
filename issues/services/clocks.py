"""Carrying out what the table says about clocks, and copying the governing deadline to the issue's row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.enums import DeadlineState
from deadlines.limits import Limit
from deadlines.models import Deadline
from deadlines.rules import RuleChoice, effective_level, redo_choice
from issues.enums import SUBJECT, Level
from issues.models import Issue
from issues.models.issue import NO_LIMIT
from issues.workflow import Clock, Effect

COMMUNITY_KINDS = frozenset({"respond", "accept", "dispatch", "verify", "follow_up", "callback"})
"""Clocks that the community owes; the others are owed by the lead department."""

DEPARTMENT_KINDS = frozenset({"handle", "first_report"})
"""Clocks that change hands with the lead department."""


@dataclass
class Clocks:
    """The deadlines of one locked issue, and what one action does to them."""

    issue: Issue
    at: datetime
    calendar: WorkCalendar
    team_id: int | None
    rows: list[Deadline]
    limits: Mapping[str, RuleChoice] = field(default_factory=dict)
    _new: list[Deadline] = field(default_factory=list)

    def apply(self, clocks: Iterable[Clock], *, skip: frozenset[str] = frozenset()) -> None:
        """Carry out the effects and write them: ends first, then all starts in one statement."""
        effects = [clock for clock in clocks if clock.kind not in skip]
        stopped = {clock.kind for clock in effects if clock.effect is Effect.STOP}
        if stopped:
            deadlines.stop(self.rows, stopped, self.at)
        if any(clock.effect is Effect.STOP_ALL for clock in effects):
            deadlines.cancel(self.rows, None, self.at)
        self.plan(effects)
        self.save()

    def plan(self, clocks: Iterable[Clock], *, skip: frozenset[str] = frozenset()) -> None:
        """Start clocks without writing them yet; a kind without a limit has no clock."""
        for clock in clocks:
            if clock.effect is Effect.START and clock.kind in self.limits and clock.kind not in skip:
                self._new.append(self._begin(clock.kind, self.limits[clock.kind]))

    def meet_at_once(self, kind: str) -> None:
        """A planned clock that is met in the moment it starts."""
        for row in self._new:
            if row.kind == kind:
                row.state, row.stopped_at = DeadlineState.MET, self.at
                row.next_rung_at, row.next_rung = None, ""

    def save(self) -> None:
        """Write the clocks that were planned, in one statement."""
        for row in self._new:
            row.subject_id = self.issue.pk
        if self._new:
            deadlines.start_many(self._new)
        self.rows += self._new
        self._new = []

    def hand_over(self, department_id: int | None) -> None:
        """Let the department's clocks be owed by the department that is accountable from now on."""
        deadlines.hand_over(self.rows, DEPARTMENT_KINDS, department_id)

    def _begin(self, kind: str, choice: RuleChoice) -> Deadline:
        return deadlines.prepare(
            subject_kind=SUBJECT,
            subject_id=self.issue.pk or 0,
            subdistrict_id=self.issue.subdistrict_id,
            kind=kind,
            limit=choice.limit,
            rule=choice.reason,
            at=self.at,
            calendar=self.calendar,
            party_id=self.team_id if kind in COMMUNITY_KINDS else self.issue.lead_department_id or self.team_id,
        )

    def running(self, kind: str) -> Deadline | None:
        """The open deadline of this kind."""
        open_states = (DeadlineState.RUNNING, DeadlineState.PAUSED)
        return next((row for row in self.rows if row.kind == kind and row.state in open_states), None)

    def copy_governing(self) -> tuple[str, ...]:
        """Set the issue's due columns from the earliest running deadline; returns the names of the columns."""
        issue, governing = self.issue, deadlines.governing([*self.rows, *self._new])
        if governing is None:
            missed = [row.due_at for row in self.rows if row.state == DeadlineState.LATE and row.due_at is not None]
            issue.due_kind, issue.due_at, issue.soon_at = "", None, None
            issue.overdue_at = min(missed, default=None)
            issue.rank_at = NO_LIMIT
        else:
            issue.due_kind, issue.due_at, issue.soon_at = governing.kind, governing.due_at, governing.soon_at
            issue.overdue_at = governing.due_at
            issue.rank_at = governing.due_at or NO_LIMIT
            issue.due_working = Limit.parse(governing.limit).is_working
            issue.due_estimated = governing.estimated
        issue.urgency = 0 if issue.level == Level.CRITICAL else 1
        return (
            "due_kind", "due_at", "soon_at", "overdue_at", "rank_at", "due_working", "due_estimated", "urgency",
        )  # fmt: skip


def limits_of(issue: Issue) -> dict[str, RuleChoice]:
    """The limits of this issue by product.md section 5: its level if a person set it, its category, its kind."""
    category = issue.category
    return deadlines.load_rules(issue.subdistrict_id).limits_for(
        issue.level if issue.level_set else None,
        category.override if category else None,
        issue.kind,
        category_code=category.code if category else "",
    )


def level_of(issue: Issue, level_set_by_person: str) -> str:
    """The level that holds for a new or re-classified issue."""
    return effective_level(level_set_by_person or None, issue.category.override if issue.category else None, issue.kind)


def redo_limits(issue: Issue) -> dict[str, RuleChoice]:
    """As ``limits_of``, with the short handling clock of a redo or a reopening."""
    limits = limits_of(issue)
    return {**limits, "handle": redo_choice(limits["handle"])} if "handle" in limits else limits
