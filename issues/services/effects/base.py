"""One action under way, and what several effects share.

An effect works on the locked row in memory and names the columns it changed; ``issues.services.actions`` writes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from commitments.enums import CommitmentClock
from communities.actors import Actor
from communities.models import Category, Department
from deadlines.rules import RuleChoice
from files.models import StoredFile
from issues.enums import (
    ABOUT_WORK,
    ASKED,
    FOR_SUPERVISOR,
    SUBJECT,
    RequestKind,
    RequestState,
    Status,
    Supervision,
    Turn,
)
from issues.fields import Code, Codes, Text, field_of
from issues.models import Holding, Issue, IssueDepartment, Request
from issues.policies import needs_director
from issues.services.clocks import Clocks
from issues.services.errors import InvalidFields
from issues.workflow import ClockEffect, Effect, Party, Row, start
from journal.services import Entry
from papers import services as papers
from papers.enums import DraftKind
from papers.models import Draft

STOP_EVERYTHING = ClockEffect(Effect.STOP_ALL)


@dataclass
class Change:
    """One action under way: the locked issue, the table's row, the cleaned fields, and what comes of it.

    ``typed`` is what the values were before they were cleaned. ``group`` holds the other issues that are locked with
    it: its master, and those who joined it. ``also`` are events that the action brings about on them.
    """

    issue: Issue
    row: Row
    by: Actor
    who: frozenset[Party]
    at: datetime
    values: dict[str, Any]
    clocks: Clocks
    requests: list[Request] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)
    typed: Mapping[str, Any] = field(default_factory=dict)
    group: dict[int, Issue] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    limits: dict[str, RuleChoice] | None = None
    more_clocks: list[ClockEffect] = field(default_factory=list)
    without_clocks: set[str] = field(default_factory=set)
    not_started: set[str] = field(default_factory=set)
    hands_over: bool = False
    visible: bool = False
    was_dispatched: bool = False
    also: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visible = self.row.visible
        self.was_dispatched = self.issue.dispatched_at is not None
        for name, value in self.values.items():
            match field_of(self.row.action, name):
                case Text():
                    self.texts[name] = value
                case Code() | Codes():
                    continue
                case _:
                    self.facts[name] = value.isoformat() if isinstance(value, date) else value
        if self.files:
            self.facts["attachments"] = [file.pk for file in self.files]

    @property
    def by_time(self) -> bool:
        """Whether nobody did this but the clock."""
        return Party.TIME in self.who

    def set(self, **columns: Any) -> None:
        """Set columns of the issue and remember which."""
        for name, value in columns.items():
            setattr(self.issue, name, value)
            self.columns.add(name)

    def move(self, status: Status, turn: Turn) -> None:
        """The new status, which must be one of the row's targets, and whose move it is then."""
        if status not in (self.row.targets or (self.issue.status,)):
            raise AssertionError(f"{self.row.action} does not lead to {status}")
        if status not in (Status.IN_PROGRESS, Status.SUSPENDED):
            self.lapse(ABOUT_WORK)
        self.issue.status, self.issue.turn = status, turn

    def end(self, status: Status) -> None:
        """The issue is over: nobody's move, all clocks stopped by the row, nothing left to decide.

        A document about a promise waits on for its signature, as the promise lives on.
        """
        about_promise = {row.kind for row in self.drafts if row.deadline_kind in CommitmentClock.values}
        self.lapse(kind for kind in ASKED if kind not in about_promise)
        if about_promise:
            self.clocks.outliving.add("signature")
        self.move(status, Turn.NOBODY)
        self.set(closed_at=self.at, suspended_at=None)
        self.release()

    @property
    def working_turn(self) -> Turn:
        """Whose move it is while it is worked on: for a body without accounts the community's, who follows it up."""
        lead = self.issue.lead_department
        return Turn.COMMUNITY if lead is not None and lead.is_external else Turn.DEPARTMENT

    # Departments

    @property
    def lead_part(self) -> "QuerySet[IssueDepartment]":
        """The lead department's row of this issue."""
        if self.issue.lead_department_id is None:
            return IssueDepartment.objects.none()
        return IssueDepartment.objects.filter(issue=self.issue, department_id=self.issue.lead_department_id)

    def find_department(self, name: str = "department") -> Department:
        """The organisation that the field names. Raises InvalidFields."""
        department = Department.objects.filter(
            subdistrict_id=self.issue.subdistrict_id, code=self.values[name], retired_at__isnull=True
        ).first()
        if department is None:
            raise InvalidFields({name: _("请选择单位")})
        return department

    def hold(self, department_id: int) -> None:
        """From now on this department is accountable; whoever was before is released."""
        self.release()
        self.hold_again(department_id)

    def hold_again(self, department_id: int) -> None:
        """This department is accountable once more, and nobody has been since its reply."""
        Holding.objects.create(issue=self.issue, department_id=department_id, since_at=self.at)

    def release(self) -> None:
        """Nobody is accountable any more; late is who held it when the handling limit passed."""
        if not self.was_dispatched:
            return
        missed = [
            row.due_at
            for row in self.clocks.rows
            if row.kind == "handle" and row.paused_at is None and row.due_at <= self.at
        ]
        late = Q(pk__in=[])
        for due_at in missed:
            late |= Q(since_at__lt=due_at)
        Holding.objects.filter(issue=self.issue, until_at__isnull=True).update(
            until_at=Greatest(F("since_at"), Value(self.at)), late=Case(When(late, then=True), default=False)
        )

    # Requests, and drafts for signature

    def ask(self, kind: RequestKind, **words: Any) -> None:
        """Put a request that somebody else decides; this event tells it."""
        if self.by.user is None:
            raise AssertionError("a request is put by a member of staff")
        given = {"department_id": self.issue.lead_department_id, **words}
        asked = Request.objects.create(issue=self.issue, kind=kind, asked_at=self.at, asked_by=self.by.user, **given)
        self.requests.append(asked)
        self._set_asks([*self.issue.asks, kind.value])
        self.facts["request"] = kind.value

    def open_request(self, kind: str) -> Request:
        """The request of this kind that waits; the policy has made sure that there is one."""
        return next(row for row in self.requests if row.kind == kind)

    def decide(self, request: Request, state: RequestState) -> None:
        """Grant or refuse a request."""
        request.state, request.decided_at, request.decided_by = state, self.at, self.by.user
        request.save(update_fields=["state", "decided_at", "decided_by"])
        self.decided(request.kind)
        self._await_decision()

    def decided(self, kind: str) -> None:
        """What waited is decided; this event tells it."""
        self._set_asks([one for one in self.issue.asks if one != kind])
        self.facts["request"] = kind

    def _await_decision(self) -> None:
        """The decision's clock goes on for what still waits, from when that was asked."""
        waiting = [row.asked_at for row in self.requests if row.kind in FOR_SUPERVISOR and row.kind in self.issue.asks]
        if waiting:
            self.clocks.began["extension_decision"] = min(waiting)
            self.more_clocks += start("extension_decision")

    @property
    def supervised(self) -> papers.Supervised:
        """The issue as its papers know it."""
        issue = self.issue
        return papers.Supervised(SUBJECT, issue.pk, issue.subdistrict_id, issue.subdistrict.area)

    def drawn_up(self, draft: Draft) -> None:
        """This draft waits from now on; the caller says which event tells it."""
        self.drafts.append(draft)
        self._set_asks([*self.issue.asks, draft.kind])

    def lapse(self, kinds: Iterable[str]) -> None:
        """What of these kinds nobody decided lapses; its clock ends."""
        gone = [str(kind) for kind in kinds if kind in self.issue.asks]
        if not gone:
            return
        self._end(gone)
        self._set_asks([kind for kind in self.issue.asks if kind not in gone])
        self.facts["lapsed"] = [*self.facts.get("lapsed", []), *gone]
        if FOR_SUPERVISOR & set(gone):
            self.more_clocks.append(ClockEffect(Effect.CANCEL, "extension_decision"))
            self._await_decision()
        drafts = set(DraftKind.values)
        if drafts & set(gone) and not drafts & set(self.issue.asks):
            self.more_clocks.append(ClockEffect(Effect.CANCEL, "signature"))

    def _end(self, gone: Collection[str]) -> None:
        if not set(RequestKind.values).isdisjoint(gone):
            rows = Request.objects.filter(issue=self.issue, kind__in=gone, state=RequestState.OPEN)
            rows.update(state=RequestState.LAPSED)
        papers.lapse(row for row in self.drafts if row.kind in gone)

    def _set_asks(self, asks: list[str]) -> None:
        direction = bool(set(asks) - FOR_SUPERVISOR)
        if not direction and RequestKind.SUSPENSION in asks:
            direction = needs_director(self.issue, self.open_request(RequestKind.SUSPENSION))
        self.set(asks=asks, asks_supervisor=bool(FOR_SUPERVISOR & set(asks)), asks_direction=direction)


def classify(change: Change) -> None:
    """Set the category that was given; the issue must have one then. Raises InvalidFields."""
    issue = change.issue
    if "category" in change.values:
        change.set(category=find_category(change))
    if issue.category_id is None:
        raise InvalidFields({"category": _("必填")})
    change.facts["category"] = issue.category_id


def find_category(change: Change) -> Category:
    """The category that the field names. Raises InvalidFields."""
    category = (
        Category.objects.filter(
            subdistrict_id=change.issue.subdistrict_id, code=change.values["category"], retired_at__isnull=True
        )
        .select_related("department")
        .first()
    )
    if category is None:
        raise InvalidFields({"category": _("请选择类别")})
    return category


def raise_supervision(change: Change, to: Supervision) -> None:
    """Supervision goes up to ``to``, never down."""
    order = list(Supervision)
    if order.index(to) > order.index(Supervision(change.issue.supervision)):
        change.set(supervision=to)
        change.facts["supervision"] = to.value
