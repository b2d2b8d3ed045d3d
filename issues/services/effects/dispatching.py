"""Who works on it: dispatch, return, reassignment, outside bodies, acknowledging, assigning."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import OF_DEPARTMENT
from communities.models import Department, DepartmentKind, Membership
from deadlines import services as deadlines
from deadlines.arithmetic import remaining
from deadlines.calendar import MINUTES_PER_DAY
from deadlines.limits import working_days
from issues.enums import Action, DepartmentRole, Status, Turn
from issues.models import IssueDepartment
from issues.policies import RETURNS_UNTIL_SUPERVISOR
from issues.services.effects.base import Change
from issues.services.errors import InvalidFields
from issues.workflow import Party, cancel, start


def dispatch(change: Change) -> None:
    hand_to(change, change.find_department())


def assign_final(change: Change) -> None:
    """指定承办: cannot be returned; may add time when less than a third of the handling time is left (改派顺延)."""
    extra = change.values.get("extra_days")
    if extra:
        _add_days(change, extra)
    hand_to(change, change.find_department())
    change.set(assigned_final=True)


def _add_days(change: Change, extra: int) -> None:
    handle = change.clocks.running("handle")
    if handle is None or not handle.is_running:
        raise InvalidFields({"extra_days": _("办理时限没有在计时")})
    left = remaining(handle.due_at, change.at, working_days(1), change.clocks.calendar)
    whole = change.clocks.calendar.working_minutes_between(handle.counted_from, handle.due_at)
    minutes = 0 if left.overdue else left.days * MINUTES_PER_DAY + left.hours * 60 + left.minutes
    if minutes * 3 >= whole:
        raise InvalidFields({"extra_days": _("办理时限还剩三分之一以上，不能顺延")})
    deadlines.extend(change.clocks.rows, {"handle", "co_reply"}, change.at, working_days(extra), change.clocks.calendar)


def reassign(change: Change) -> None:
    """The old lead stays accountable until the new one acknowledges."""
    issue, department = change.issue, change.find_department()
    if department.pk == issue.lead_department_id:
        raise InvalidFields({"department": _("请选择另一个单位")})
    change.facts["previous"] = issue.lead_department_id
    change.lead_part.update(current=False)
    change.set(returned_from_id=issue.returned_from_id or issue.lead_department_id)
    hand_to(change, department)


def hand_to(change: Change, department: Department) -> None:
    """Make ``department`` the lead, to be acknowledged. Raises InvalidFields."""
    issue = change.issue
    if department.kind == DepartmentKind.EXTERNAL:
        raise InvalidFields({"department": _("外单位没有系统账号，请用“转交外单位”")})
    if department.kind == DepartmentKind.COMMUNITY_TEAM and department.community_id != issue.community_id:
        raise InvalidFields({"department": _("不能派给其他社区自办")})
    _lead(change, department)
    change.set(dispatched_at=change.at, acknowledged_at=None, deemed=False)
    if issue.returned_from_id is None:
        change.hands_over = True
        change.hold(department.pk)
    change.move(Status.DISPATCHED, Turn.DEPARTMENT)


def _lead(change: Change, department: Department, acknowledged_at: datetime | None = None) -> None:
    issue = change.issue
    IssueDepartment.objects.bulk_create(
        [
            IssueDepartment(
                issue=issue,
                department=department,
                role=DepartmentRole.LEAD,
                current=True,
                dispatched_at=change.at,
                acknowledged_at=acknowledged_at,
            )
        ],
        update_conflicts=True,
        unique_fields=["department", "issue"],
        update_fields=["role", "current", "dispatched_at", "acknowledged_at", "returned_at", "answered_at"],
    )
    if department.pk in issue.co_department_ids:
        change.set(
            co_department_ids=[pk for pk in issue.co_department_ids if pk != department.pk],
            co_waiting_ids=[pk for pk in issue.co_waiting_ids if pk != department.pk],
        )
        change.more_clocks += cancel("co_reply")
        change.clocks.only_of["co_reply"] = department.pk
    change.set(lead_department=department, officer=None)
    change.facts["department"] = department.pk


def transfer_out(change: Change) -> None:
    """转交外单位: the clerk follows it up and records what that body says."""
    department = change.find_department()
    if department.kind != DepartmentKind.EXTERNAL:
        raise InvalidFields({"department": _("请选择外单位；街道部门请用“派单”")})
    change.hold(department.pk)
    _lead(change, department, acknowledged_at=change.at)
    change.set(dispatched_at=change.at, acknowledged_at=change.at, returned_from=None, deemed=False)
    change.hands_over = True
    change.move(Status.IN_PROGRESS, Turn.COMMUNITY)


def acknowledge(change: Change) -> None:
    """Signed for, or deemed so by time (视为签收); from here on the lead is accountable."""
    issue = change.issue
    if issue.returned_from_id is not None and issue.lead_department_id is not None:
        change.hold(issue.lead_department_id)
    change.set(acknowledged_at=change.at, returned_from=None, deemed=change.by_time)
    if change.by_time:
        change.facts["deemed"] = True
    head = Party.LEAD_HEAD in change.who
    if issue.officer_id is None and not head and change.by.user is not None:
        change.set(officer=change.by.user)
        change.facts["officer"] = change.by.user_id
    change.lead_part.update(acknowledged_at=change.at)
    change.hands_over = True
    change.facts["department"] = issue.lead_department_id
    change.move(Status.IN_PROGRESS, Turn.DEPARTMENT)


def assign(change: Change) -> None:
    """Locked: whoever leaves just now either hands this over too, or is no longer to be chosen."""
    member = (
        Membership.objects.filter(
            department=change.issue.lead_department,
            user__username__iexact=change.values["officer"],
            role__in=OF_DEPARTMENT,
            ended_at__isnull=True,
            user__is_active=True,
        )
        .select_related("user")
        .select_for_update(of=("self", "user"), no_key=True)
        .first()
    )
    if member is None:
        raise InvalidFields({"officer": _("请选择本部门的承办人")})
    change.set(officer=member.user)
    change.facts["officer"] = member.user_id


def give_back(change: Change) -> None:
    """退单: nothing stops, and the returner stays 首接单位 until the next acknowledges."""
    issue = change.issue
    department_id = issue.lead_department_id
    if change.values.get("suggested_department"):
        change.facts["suggested_department"] = change.find_department("suggested_department").pk
    change.lead_part.update(current=False, returned_at=change.at)
    change.facts["department"] = department_id
    change.set(
        returned_from_id=issue.returned_from_id or department_id,
        lead_department=None,
        officer=None,
        deemed=False,
        return_count=issue.return_count + 1,
    )
    change.facts["returns"] = issue.return_count
    decided_by_supervisor = issue.return_count >= RETURNS_UNTIL_SUPERVISOR
    if decided_by_supervisor:
        change.not_started.add("dispatch")
        change.more_clocks += start("return_decision")
    change.move(Status.ACCEPTED, Turn.SUPERVISOR if decided_by_supervisor else Turn.COMMUNITY)


EFFECTS: Final = {
    Action.DISPATCH: dispatch,
    Action.TRANSFER_OUT: transfer_out,
    Action.ACKNOWLEDGE: acknowledge,
    Action.ASSIGN: assign,
    Action.RETURN: give_back,
    Action.ASSIGN_FINAL: assign_final,
    Action.REASSIGN: reassign,
}
