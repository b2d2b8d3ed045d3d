"""Carrying out what the table says about clocks, and copying the governing deadline to the issue's row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.enums import DeadlineState, Level
from deadlines.limits import Limit
from deadlines.models import Deadline
from deadlines.rules import Extension, RuleChoice, effective_level, redo_choice
from issues.clock_specs import OF_COMMUNITY, OF_OFFICE, SIDE
from issues.enums import SUBJECT, Status, Turn
from issues.models import Issue
from issues.models.issue import NO_LIMIT
from issues.workflow import ClockEffect, Effect

BEFORE_REPLY = frozenset(
    {Status.SUBMITTED, Status.NEED_INFO, Status.ACCEPTED, Status.DISPATCHED, Status.IN_PROGRESS, Status.SUSPENDED}
)
"""Where a matter that was accepted is still worked on, or waits to be."""

DEPARTMENT_KINDS = frozenset({"handle", "first_report", "note", "progress"})
"""Clocks that change hands with the lead department."""

WHILE_WAITING = frozenset(
    {"more_info", "suspension_review", "extension_decision", "signature", "urge_reply", "inform", "sample"}
)
"""Clocks of a wait, a request, an urge or a check, that being merged has ended for good."""

_ASKED_OF = {Turn.SUPERVISOR.value: "return_decision", Turn.COMMUNITY.value: "accept"}
"""An urge is answered by whose move it is: as a clock of theirs, the lead department's where there is none."""

CAPPED_KINDS = frozenset({"respond", "accept", "dispatch", "acknowledge", "first_report", "handle"})
"""Clocks that end no later than what the hotline allows (the earlier wins)."""

REVIEWS = frozenset({"more_info", "suspension_review"})
"""Waits that end no later than an outside time still to come, so that it does not pass in silence."""

SINCE = "since"
"""Beside the dates of a matter that joined: when it did."""

FROM_ACCEPTANCE = ("handle", "first_report", "note")
"""Clocks that begin with the acceptance, under a rule that has them."""


@dataclass(frozen=True)
class Fixed:
    """A clock whose date somebody set, or that another organisation owes, in place of what the rules give.

    ``due_at``: that date, None where the limit gives it.
    """

    due_at: datetime | None
    rule: str
    limit: Limit
    party_id: int | None


@dataclass
class Clocks:
    """The deadlines of one locked issue, and what one action does to them."""

    issue: Issue
    at: datetime
    calendar: WorkCalendar
    team_id: int | None
    rows: list[Deadline]
    limits: Mapping[str, RuleChoice] = field(default_factory=dict)
    fixed: dict[str, Fixed] = field(default_factory=dict)
    only_of: dict[str, int] = field(default_factory=dict)
    began: dict[str, datetime] = field(default_factory=dict)
    at_least: Limit | None = None
    reinstated_at: datetime | None = None
    outliving: set[str] = field(default_factory=set)
    _new: list[Deadline] = field(default_factory=list)

    def apply(
        self, clocks: Iterable[ClockEffect], *, skip: frozenset[str] = frozenset(), hands_over: bool = False
    ) -> None:
        """Carry out the effects: all that changes is written with one statement, then all that starts with another.

        ``hands_over``: the department's clocks are owed by whoever is accountable from now on.

        ``only_of`` narrows ends of a kind to the clocks of one organisation; ``began`` is from when a clock counts that
        starts again; ``at_least`` is what a clock has left
        when it runs on. The end of everything leaves those ``outliving`` it, and those that begin with it: one that
        runs already goes on.
        """
        effects = [clock for clock in clocks if clock.kind not in skip]
        kinds = {effect: {clock.kind for clock in effects if clock.effect is effect} for effect in Effect}
        meant = [row for row in self.rows if self.only_of.get(row.kind, row.party_id) == row.party_id]
        changed: list[Deadline] = []
        if kinds[Effect.STOP]:
            changed += deadlines.stop(meant, kinds[Effect.STOP], self.at, later=True)
        if kinds[Effect.STOP_ALL]:
            staying = self.outliving | kinds[Effect.START]
            ending = [row for row in self.rows if row.kind not in staying]
            changed += deadlines.cancel(ending, None, self.at, later=True)
        if kinds[Effect.CANCEL]:
            changed += deadlines.cancel(meant, kinds[Effect.CANCEL], self.at, later=True)
        if kinds[Effect.PAUSE]:
            changed += deadlines.pause(self.rows, kinds[Effect.PAUSE], self.at, self.calendar, later=True)
        if kinds[Effect.RESUME]:
            changed += deadlines.resume(
                self.rows, kinds[Effect.RESUME], self.at, self.calendar, at_least=self.at_least, later=True
            )
        if hands_over:
            changed += deadlines.hand_over(self.rows, DEPARTMENT_KINDS, self.accountable_id(), later=True)
        deadlines.write(list({row.pk: row for row in changed}.values()))
        if kinds[Effect.REINSTATE] and self.reinstated_at is not None:
            kept = [row for row in self.rows if row.kind not in WHILE_WAITING]
            deadlines.reinstate(kept, self.reinstated_at, self.at, self.calendar)
            self.recap()
        self.plan(effects)
        self.save()

    def plan(self, clocks: Iterable[ClockEffect], *, skip: frozenset[str] = frozenset()) -> None:
        """Start clocks without writing them yet. A kind without a limit has no clock, one that is open goes on."""
        for clock in clocks:
            if clock.effect is not Effect.START or clock.kind in skip or self._is_planned(clock.kind):
                continue
            if clock.kind in self.fixed:
                self._new.append(self._begin_fixed(clock.kind, self.fixed[clock.kind]))
            elif clock.kind in self.limits and self.running(clock.kind) is None:
                self._new.append(self._begin(clock.kind, self.limits[clock.kind]))

    def _is_planned(self, kind: str) -> bool:
        return any(row.kind == kind for row in self._new)

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

    def move_to_team(self, team_id: int | None) -> None:
        """Let another community's team owe what this one's owed, for itself or because it was its move.

        What the team does as the department that leads stays with it.
        """
        issue, before, leads = self.issue, self.team_id, self.accountable_id()
        kinds = set(OF_COMMUNITY)
        if issue.turn == Turn.COMMUNITY:
            kinds.add("urge_reply")
        if before is not None and before != issue.lead_department_id:
            kinds |= {row.kind for row in self.rows if row.is_open and row.party_id == before} - {"co_reply"}
        if leads == before != issue.lead_department_id:
            kinds |= DEPARTMENT_KINDS
        self.team_id = team_id
        deadlines.hand_over(self.rows, kinds, team_id)

    def recap(self) -> None:
        """Let the open clocks end no later than what the matter's outside time and those who joined it allow now."""
        kinds = {row.kind for row in self.rows if row.is_open}
        caps = {kind: caps_of(self.issue, kind) for kind in kinds}
        deadlines.cap(self.rows, caps, self.at, self.calendar, since=joined_since(self.issue))
        deadlines.follow_lead(self.rows, self.at, self.calendar)

    def reclassify(self, ending: frozenset[str] = frozenset()) -> None:
        """Count by the rules that hold now: other limits, clocks that they have now, and those that they have no more.

        Those that the action ends (``ending``) are judged by the rule that they had.

        A clock that begins with the acceptance counts from there, with the pauses of the work; where it would be past
        already it begins now.
        """
        choices = limits_of(self.issue)
        staying = {kind: choice for kind, choice in choices.items() if kind not in ending}
        deadlines.reclassify(self.rows, staying, self.at, self.calendar)
        deadlines.cancel(self.rows, {*FROM_ACCEPTANCE, "progress"} - set(choices), self.at)
        accepted_at = self._worked_on_since()
        if accepted_at is not None:
            for kind in FROM_ACCEPTANCE:
                if kind in choices and not self._had(kind):
                    self._new.append(self._begin_late(kind, choices[kind], accepted_at))
            self.save()
        deadlines.follow_lead(self.rows, self.at, self.calendar)

    def _worked_on_since(self) -> datetime | None:
        """The acceptance, while the work that began with it goes on; what was answered and deferred begins anew."""
        issue = self.issue
        return issue.accepted_at if issue.replied_at is None and issue.status in BEFORE_REPLY else None

    def _had(self, kind: str) -> bool:
        """Whether such a clock runs or stands still; a first report also where it, or an answer, was given."""
        if any(row.is_open and row.kind == kind for row in self.rows):
            return True
        given = (DeadlineState.MET, DeadlineState.LATE)
        return kind == "first_report" and any(
            row.kind == "verify" or (row.kind == kind and row.state in given) for row in self.rows
        )

    def _begin_late(self, kind: str, choice: RuleChoice, accepted_at: datetime) -> Deadline:
        owed_by, since = self._owed_by(kind), self._still_since(kind)
        still = [deadlines.pause_since(since)] if since else []
        pauses = [*(one for one in self._pauses_since(accepted_at) if one[1] is not None), *still]
        row = self._prepare(kind, choice.limit, choice.reason, owed_by, began_at=accepted_at, pauses=pauses)
        if row.due_at > (since or self.at):
            return row
        still = [deadlines.pause_since(self.at)] if since else []
        return self._prepare(kind, choice.limit, choice.reason, owed_by, pauses=still)

    def _pauses_since(self, accepted_at: datetime) -> Sequence[Any]:
        """The pauses that the work had since it was accepted: those of the clock that knows most of them."""
        rows = [row for row in self.rows if row.kind in FROM_ACCEPTANCE and row.started_at >= accepted_at]
        return max((row.pauses for row in rows), key=len, default=[])

    def _still_since(self, kind: str) -> datetime | None:
        """Since when a clock of this kind stands still where the matter waits; None where it runs."""
        paused = [row.paused_at for row in self.rows if row.kind in FROM_ACCEPTANCE and row.paused_at is not None]
        waits = self.running("more_info")
        match self.issue.status:
            case Status.SUSPENDED:
                return min(paused, default=self.issue.suspended_at)
            case Status.NEED_INFO if kind != "note":
                return min(paused, default=waits.started_at if waits else self.at)
        return None

    def _begin(self, kind: str, choice: RuleChoice) -> Deadline:
        given = {"began_at": self.began[kind]} if kind in self.began else {}
        return self._prepare(kind, choice.limit, choice.reason, self._owed_by(kind), **given)

    def _begin_fixed(self, kind: str, fixed: Fixed) -> Deadline:
        return self._prepare(kind, fixed.limit, fixed.rule, fixed.party_id, fixed_due_at=fixed.due_at)

    def _prepare(self, kind: str, limit: Limit, rule: str, party_id: int | None, **given: Any) -> Deadline:
        return deadlines.prepare(
            subject_kind=SUBJECT,
            subject_id=self.issue.pk or 0,
            subdistrict_id=self.issue.subdistrict_id,
            kind=kind,
            limit=limit,
            rule=rule,
            at=self.at,
            calendar=self.calendar,
            party_id=party_id,
            caps=caps_of(self.issue, kind),
            since=joined_since(self.issue),
            **given,
        )

    def _owed_by(self, kind: str) -> int | None:
        if kind == "urge_reply":
            kind = _ASKED_OF.get(self.issue.turn, kind)
        if kind in OF_OFFICE:
            return None
        if kind in OF_COMMUNITY:
            return self.team_id
        return self.accountable_id()

    def accountable_id(self) -> int | None:
        """Who owes the department's clocks: the lead; for one without accounts the community that follows it up."""
        lead = self.issue.lead_department
        return self.team_id if lead is None or lead.is_external else lead.pk

    def running(self, kind: str) -> Deadline | None:
        """The open deadline of this kind."""
        open_states = (DeadlineState.RUNNING, DeadlineState.PAUSED)
        return next((row for row in self.rows if row.kind == kind and row.state in open_states), None)

    def copy_governing(self) -> tuple[str, ...]:
        """Set the issue's due columns from the earliest running deadline; returns the names of the columns.

        Side clocks do not count, nor does what runs on after the issue has ended.
        """
        main = [row for row in (*self.rows, *self._new) if row.kind not in SIDE]
        issue = self.issue
        governing = deadlines.governing_deadline(main) if issue.is_open else None
        if governing is None:
            missed = [row.due_at for row in main if row.state == DeadlineState.LATE]
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


def caps_of(issue: Issue, kind: str) -> dict[str, datetime]:
    """What somebody else allows a clock of this kind at most, by source."""
    caps = {
        number: datetime.fromisoformat(dates[kind]) for number, dates in issue.joined_dates.items() if kind in dates
    }
    if issue.external_due_at is not None and kind in CAPPED_KINDS | REVIEWS:
        caps[deadlines.OUTSIDE] = issue.external_due_at
    return caps


def joined_since(issue: Issue) -> dict[str, datetime]:
    """From when the dates of those who joined are this matter's own; of those that joined long ago nothing is known."""
    return {
        number: datetime.fromisoformat(dates[SINCE]) for number, dates in issue.joined_dates.items() if SINCE in dates
    }


def limits_of(issue: Issue) -> dict[str, RuleChoice]:
    """The limits of this issue by its level if a person set it, its category, its kind (docs/rules/limits.md)."""
    category = issue.category
    return deadlines.load_rules(issue.subdistrict_id).limits_for(
        issue.level if issue.level_set else None,
        category.override if category else None,
        issue.kind,
        category_code=category.code if category else "",
    )


def allowance_of(issue: Issue) -> Extension:
    """How often and by how much the handling limit of this issue may be extended."""
    category = issue.category
    return deadlines.load_rules(issue.subdistrict_id).extension_for(
        issue.level if issue.level_set else None, category.override if category else None, issue.kind
    )


def level_of(issue: Issue, level_set_by_person: str) -> str:
    """The level that holds for a new or re-classified issue."""
    return effective_level(level_set_by_person or None, issue.category.override if issue.category else None, issue.kind)


def redo_limits(issue: Issue) -> dict[str, RuleChoice]:
    """As ``limits_of``, with the short handling clock of a redo or a reopening."""
    limits = limits_of(issue)
    return {**limits, "handle": redo_choice(limits["handle"])} if "handle" in limits else limits
