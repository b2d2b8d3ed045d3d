"""What each action does to the issue besides its status's clocks. One function per action, in a dictionary.

An effect works on the locked row in memory and names the columns it changed; ``issues.services.actions`` writes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from common.clock import local
from communities.models import Category, Department, DepartmentKind, Membership
from deadlines.rules import RuleChoice
from issues.actors import Actor
from issues.enums import (
    SUBJECT,
    DepartmentRole,
    Solved,
    Status,
    Supervision,
    Turn,
    Verdict,
)
from issues.models import Issue, IssueDepartment
from issues.policies import RETURNS_UNTIL_SUPERVISOR
from issues.services.clocks import Clocks, level_of, redo_limits
from issues.services.errors import InvalidFields
from issues.workflow import Clock, Effect, Party, Row, start, stop
from journal.models import Event

UNREACHABLE_TRIES = 3
"""Call-backs that must have failed, on at least two days and in different half-days, before an issue closes."""

TEXT_FIELDS = frozenset({"note", "reason", "basis"})


@dataclass
class Change:
    """One action under way: the locked issue, the table's row, the cleaned fields, and what comes of it."""

    issue: Issue
    row: Row
    by: Actor
    who: frozenset[Party]
    at: datetime
    values: dict[str, Any]
    clocks: Clocks
    columns: set[str] = field(default_factory=set)
    facts: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    limits: dict[str, RuleChoice] | None = None
    more_clocks: list[Clock] = field(default_factory=list)
    without_clocks: set[str] = field(default_factory=set)
    new_party_id: int | None = None
    visible: bool = False

    def __post_init__(self) -> None:
        self.visible = self.row.visible
        closed = {"reason"} if self.row.action in ("reject", "return") else set()
        for name, value in self.values.items():
            if name in TEXT_FIELDS - closed:
                self.texts[name] = value
            elif name not in ("department", "officer", "category", "suggested_department"):
                self.facts[name] = value

    def set(self, **columns: Any) -> None:
        """Set columns of the issue and remember which."""
        for name, value in columns.items():
            setattr(self.issue, name, value)
            self.columns.add(name)

    def move(self, status: Status, turn: Turn) -> None:
        """The new status, which must be one of the row's targets, and whose move it is then."""
        if self.row.targets and status not in self.row.targets:
            raise AssertionError(f"{self.row.action} does not lead to {status}")
        self.issue.status, self.issue.turn = status, turn

    def end(self, status: Status) -> None:
        """The issue is over: nobody's move, all clocks stopped by the row."""
        self.move(status, Turn.NOBODY)
        self.set(closed_at=self.at)

    @property
    def lead_part(self) -> "QuerySet[IssueDepartment]":
        """The lead department's row of this issue."""
        if self.issue.lead_department_id is None:
            return IssueDepartment.objects.none()
        return IssueDepartment.objects.filter(issue=self.issue, department_id=self.issue.lead_department_id)

    def after_clocks(self) -> None:
        """Hand the department's clocks to the one that is accountable from now on."""
        if self.new_party_id is not None:
            self.clocks.hand_over(self.new_party_id)


def _contact(change: Change) -> None:
    if change.values["result"] != "reached":
        change.without_clocks |= {"respond"}
        return
    change.more_clocks += stop("callback")


def _classify(change: Change) -> None:
    """Set the category that was given; the issue must have one then."""
    issue = change.issue
    if "category" in change.values:
        category = (
            Category.objects.filter(
                subdistrict_id=issue.subdistrict_id, code=change.values["category"], retired_at__isnull=True
            )
            .select_related("department")
            .first()
        )
        if category is None:
            raise InvalidFields({"category": _("请选择类别")})
        change.set(category=category)
    if issue.category_id is None:
        raise InvalidFields({"category": _("必填")})
    change.facts["category"] = issue.category_id


def _accept(change: Change) -> None:
    issue = change.issue
    _classify(change)
    if change.values.get("level"):
        change.set(level_set=True, level=change.values["level"])
    else:
        change.set(level=level_of(issue, issue.level if issue.level_set else ""))
    change.set(accepted_at=change.at, accepted_by=change.by.user)
    change.facts["level"] = issue.level
    change.move(Status.ACCEPTED, Turn.COMMUNITY)


def _reject(change: Change) -> None:
    change.end(Status.REJECTED)


def _answer_now(change: Change) -> None:
    _classify(change)
    verdict = change.values.get("verdict") or (Verdict.NO_REPORTER if change.issue.contact_id is None else "")
    change.set(outcome="explained", verdict=verdict, solved=change.values.get("solved", ""))
    change.facts |= {"outcome": "explained", "verdict": verdict}
    change.end(Status.CLOSED)


def _find_department(change: Change, name: str = "department") -> Department:
    department = Department.objects.filter(
        subdistrict_id=change.issue.subdistrict_id, code=change.values[name], retired_at__isnull=True
    ).first()
    if department is None:
        raise InvalidFields({name: _("请选择单位")})
    return department


def _dispatch(change: Change) -> None:
    issue = change.issue
    department = _find_department(change)
    if department.kind == DepartmentKind.EXTERNAL:
        raise InvalidFields({"department": _("外单位没有系统账号，不能直接派单")})
    if department.kind == DepartmentKind.COMMUNITY_TEAM and department.community_id != issue.community_id:
        raise InvalidFields({"department": _("不能派给其他社区自办")})
    IssueDepartment.objects.bulk_create(
        [
            IssueDepartment(
                issue=issue, department=department, role=DepartmentRole.LEAD, current=True, dispatched_at=change.at
            )
        ],
        update_conflicts=True,
        unique_fields=["department", "issue"],
        update_fields=["role", "current", "dispatched_at", "acknowledged_at", "returned_at"],
    )
    change.set(lead_department=department, officer=None, dispatched_at=change.at, acknowledged_at=None)
    change.facts["department"] = department.pk
    if issue.returned_from_id is None:
        change.new_party_id = department.pk
    change.move(Status.DISPATCHED, Turn.DEPARTMENT)


def _acknowledge(change: Change) -> None:
    issue = change.issue
    change.set(acknowledged_at=change.at, returned_from=None)
    head = Party.LEAD_HEAD in change.who
    if issue.officer_id is None and not head and change.by.user is not None:
        change.set(officer=change.by.user)
        change.facts["officer"] = change.by.user_id
    change.lead_part.update(acknowledged_at=change.at)
    change.new_party_id = issue.lead_department_id
    change.facts["department"] = issue.lead_department_id
    change.move(Status.IN_PROGRESS, Turn.DEPARTMENT)


def _assign(change: Change) -> None:
    member = (
        Membership.objects.filter(
            department=change.issue.lead_department,
            user__username__iexact=change.values["officer"],
            role__in=[Role.OFFICER, Role.HEAD],
            ended_at__isnull=True,
            user__is_active=True,
        )
        .select_related("user")
        .first()
    )
    if member is None:
        raise InvalidFields({"officer": _("请选择本部门的承办人")})
    change.set(officer=member.user)
    change.facts["officer"] = member.user_id


def _return(change: Change) -> None:
    issue = change.issue
    department_id = issue.lead_department_id
    if change.values.get("suggested_department"):
        change.facts["suggested_department"] = _find_department(change, "suggested_department").pk
    change.lead_part.update(current=False, returned_at=change.at)
    change.facts["department"] = department_id
    change.set(
        returned_from_id=issue.returned_from_id or department_id,
        lead_department=None,
        officer=None,
        return_count=issue.return_count + 1,
    )
    change.facts["returns"] = issue.return_count
    decided_by_supervisor = issue.return_count >= RETURNS_UNTIL_SUPERVISOR
    if decided_by_supervisor:
        change.without_clocks.add("dispatch")
        change.more_clocks += start("return_decision")
    change.move(Status.ACCEPTED, Turn.SUPERVISOR if decided_by_supervisor else Turn.COMMUNITY)


def _progress(change: Change) -> None:
    change.visible = bool(change.values.get("visible_to_resident"))
    if change.values.get("first_report"):
        change.more_clocks += stop("first_report")
    if change.clocks.running("note"):
        change.more_clocks += stop("note") + start("note")


def _reply(change: Change) -> None:
    change.set(
        outcome=change.values["outcome"],
        verdict="",
        solved="",
        replied_at=change.at,
        replied_by=change.by.user,
        call_attempts=0,
    )
    change.facts["department"] = change.issue.lead_department_id
    change.move(Status.REPLIED, Turn.COMMUNITY)


def _verify_pass(change: Change) -> None:
    issue = change.issue
    change.set(verified_at=change.at, verified_by=change.by.user)
    if issue.contact_id is not None and not issue.verdict:
        change.move(Status.FOLLOW_UP, Turn.COMMUNITY)
        return
    change.without_clocks.add("follow_up")
    change.more_clocks.append(STOP_EVERYTHING)
    if not issue.verdict:
        change.set(verdict=Verdict.NO_REPORTER)
        change.facts["verdict"] = Verdict.NO_REPORTER.value
    change.end(Status.CLOSED)


def _again(change: Change) -> None:
    """Back to the department that had it, with the short clock."""
    issue = change.issue
    change.limits = redo_limits(issue)
    change.set(replied_at=None, replied_by=None, verified_at=None, verified_by=None)
    if issue.acknowledged_at is None:
        change.set(acknowledged_at=change.at)
    change.facts["department"] = issue.lead_department_id
    change.move(Status.IN_PROGRESS, Turn.DEPARTMENT)


def _redo(change: Change) -> None:
    issue = change.issue
    change.set(redo_count=issue.redo_count + 1)
    change.facts["redo"] = issue.redo_count
    if Party.REPORTER in change.who:
        change.set(
            verdict=change.values.get("verdict") or Verdict.DISSATISFIED,
            solved=change.values.get("solved") or Solved.NO,
        )
        change.facts |= {"verdict": issue.verdict, "solved": issue.solved}
    if issue.redo_count >= 2:
        _raise_supervision(change, Supervision.URGED)
    _again(change)


def _record_follow_up(change: Change) -> None:
    if Party.REPORTER in change.who and change.by.user is None:
        _verdict_by_resident(change)
    else:
        _verdict_by_call(change)


def _verdict_by_resident(change: Change) -> None:
    """A confirmation. Dissatisfaction and "not solved" are objections and go through redo."""
    verdict, solved = change.values["verdict"], change.values["solved"]
    if solved == Solved.NO or verdict not in (Verdict.SATISFIED, Verdict.FAIRLY):
        raise InvalidFields({"verdict": _("没有解决或不满意的，请说明哪里没解决，将退回重办")})
    change.set(verdict=verdict, solved=solved)
    if change.issue.status == Status.FOLLOW_UP:
        change.end(Status.CLOSED)


def _verdict_by_call(change: Change) -> None:
    values, issue = change.values, change.issue
    verdict, solved = values["verdict"], values.get("solved", "")
    if verdict == Verdict.DISSATISFIED and not values.get("reason"):
        raise InvalidFields({"reason": _("不满意须填写原因")})
    if verdict == Verdict.NO_REPORTER and issue.contact_id is not None:
        raise InvalidFields({"verdict": _("留有联系方式的须回访")})
    if verdict in (Verdict.SATISFIED, Verdict.FAIRLY, Verdict.DISSATISFIED) and not solved:
        raise InvalidFields({"solved": _("请填写是否解决")})
    if verdict == Verdict.UNREACHABLE:
        change.without_clocks.add("respond")
        change.set(call_attempts=issue.call_attempts + 1)
        change.facts["attempt"] = issue.call_attempts
        ends = _tried_enough(change)
    else:
        ends = verdict == Verdict.NO_REPORTER or (verdict != Verdict.DISSATISFIED and solved != Solved.NO)
    if verdict != Verdict.UNREACHABLE or ends:
        change.set(verdict=verdict, solved=solved)
    if ends:
        change.more_clocks += [*stop("follow_up"), STOP_EVERYTHING]
        change.end(Status.CLOSED)


def _tried_enough(change: Change) -> bool:
    """Three failed calls on at least two days and in both halves of a day, this one included."""
    events = Event.objects.of(SUBJECT, change.issue.pk).of_kinds(["record_follow_up"])
    since = change.issue.verified_at or change.issue.created_at
    failed = events.filter(data__verdict=Verdict.UNREACHABLE.value, at__gte=since).values_list("at", flat=True)
    tries = [local(at) for at in [*failed, change.at]]
    days = {at.date() for at in tries}
    halves = {at.hour < 13 for at in tries}
    return len(tries) >= UNREACHABLE_TRIES and len(days) >= 2 and len(halves) == 2


def _close_explained(change: Change) -> None:
    change.end(Status.CLOSED)


def _reopen(change: Change) -> None:
    change.set(reopen_count=change.issue.reopen_count + 1, closed_at=None, verdict="", solved="")
    change.facts["reopened"] = change.issue.reopen_count
    change.lead_part.update(current=True)
    _again(change)


def _withdraw(change: Change) -> None:
    change.end(Status.WITHDRAWN)


def _raise_supervision(change: Change, to: Supervision) -> None:
    order = list(Supervision)
    if order.index(to) > order.index(Supervision(change.issue.supervision)):
        change.set(supervision=to)
        change.facts["supervision"] = to.value


def _urge(change: Change) -> None:
    change.set(urge_count=change.issue.urge_count + 1)
    change.facts["urges"] = change.issue.urge_count
    _raise_supervision(change, Supervision.URGED)


def _request_callback(change: Change) -> None:
    if change.clocks.running("callback"):
        change.without_clocks.add("callback")


def _comment(change: Change) -> None:
    change.visible = Party.REPORTER in change.who or bool(change.values.get("visible_to_resident"))


STOP_EVERYTHING = Clock(Effect.STOP_ALL)

EFFECTS: dict[str, Callable[[Change], None]] = {
    "contact": _contact,
    "accept": _accept,
    "reject": _reject,
    "answer_now": _answer_now,
    "dispatch": _dispatch,
    "acknowledge": _acknowledge,
    "assign": _assign,
    "return": _return,
    "progress": _progress,
    "reply": _reply,
    "verify_pass": _verify_pass,
    "redo": _redo,
    "record_follow_up": _record_follow_up,
    "close_explained": _close_explained,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "urge": _urge,
    "request_callback": _request_callback,
    "comment": _comment,
}
