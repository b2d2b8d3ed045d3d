"""Work under way: co-departments, progress, time asked for and given, deferral, the reply."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from common.clock import local
from communities.models import Department, DepartmentKind
from deadlines import services as deadlines
from deadlines.arithmetic import co_department_due
from deadlines.calendar import DAY_CLOSES, at_clock
from deadlines.limits import Limit, working_days
from files.services import is_photo_after
from issues.enums import Action, DepartmentRole, Outcome, RequestKind, RequestState, Status, SuspensionReason, Turn
from issues.models import IssueDepartment
from issues.policies import extension_left, is_sampled
from issues.sampling import NO_VERDICT
from issues.services.clocks import Fixed, allowance_of, redo_limits
from issues.services.effects.base import Change
from issues.services.effects.drafting import lapse_about_part
from issues.services.effects.promising import promise, withdraw
from issues.services.errors import InvalidFields
from issues.workflow import start, stop

_DAYS = Limit.parse("30d")
_CO_REPLY_WITHOUT_HANDLE = Limit.parse("5wd")


def add_department(change: Change) -> None:
    """加协办: an own, earlier deadline (docs/rules/limits.md#parts)."""
    issue, department = change.issue, change.find_department()
    if department.kind == DepartmentKind.EXTERNAL:
        raise InvalidFields({"department": _("外单位没有系统账号，不能协办")})
    if department.pk == issue.lead_department_id or department.pk in issue.co_waiting_ids:
        raise InvalidFields({"department": _("该单位已在办理此件")})
    IssueDepartment.objects.bulk_create(
        [
            IssueDepartment(
                issue=issue, department=department, role=DepartmentRole.CO, current=True, dispatched_at=change.at
            )
        ],
        update_conflicts=True,
        unique_fields=["department", "issue"],
        update_fields=["role", "current", "dispatched_at", "answered_at", "waived_at", "returned_at"],
    )
    change.set(
        co_department_ids=[*(pk for pk in issue.co_department_ids if pk != department.pk), department.pk],
        co_waiting_ids=[*issue.co_waiting_ids, department.pk],
    )
    change.facts["department"] = department.pk
    change.clocks.fixed["co_reply"] = _co_reply_clock(change, department.pk)


def _co_reply_clock(change: Change, department_id: int) -> Fixed:
    calendar, handle = change.clocks.calendar, change.clocks.running("handle")
    if handle is None:
        limit = _CO_REPLY_WITHOUT_HANDLE
        return Fixed(None, "default:co_reply", limit, department_id)
    limit = handle.time_limit
    due_at = co_department_due(handle.due_at, change.at, limit, calendar).due_at
    return Fixed(due_at, f"co:{handle.rule}"[:60], limit, department_id)


def waive_department(change: Change) -> None:
    """免协办: also of one that was abolished meanwhile; a document about its part needs no signature any more."""
    waiting = Department.objects.filter(pk__in=change.issue.co_waiting_ids, code=change.values["department"])
    department = waiting.first()
    if department is None:
        change.find_department()
        raise InvalidFields({"department": _("该单位不在待答复的协办单位中")})
    IssueDepartment.objects.filter(issue=change.issue, department=department).update(waived_at=change.at, current=False)
    change.set(co_department_ids=[pk for pk in change.issue.co_department_ids if pk != department.pk])
    _settle(change, department.pk)
    lapse_about_part(change, department.pk)


def co_reply(change: Change) -> None:
    """The answer of the co-department for which this person works."""
    mine = [pk for pk in change.issue.co_waiting_ids if pk in change.by.access.department_ids]
    IssueDepartment.objects.filter(issue=change.issue, department_id=mine[0]).update(answered_at=change.at)
    _settle(change, mine[0])


def _settle(change: Change, department_id: int) -> None:
    change.set(co_waiting_ids=[pk for pk in change.issue.co_waiting_ids if pk != department_id])
    change.facts["department"] = department_id
    change.clocks.only_of["co_reply"] = department_id


def progress(change: Change) -> None:
    """A note, of whoever works on it, begins the count of days without one anew; after the reply only the written
    reply to an order is still noted. The month's note of a project is one that the reporter reads."""
    issue = change.issue
    if issue.status not in (Status.IN_PROGRESS, Status.SUSPENDED):
        change.facts["supervision_reply"] = True
        return
    change.visible = bool(change.values.get("visible_to_resident"))
    if change.values.get("first_report"):
        change.more_clocks += stop("first_report")
    if change.values.get("supervision_reply"):
        change.more_clocks += stop("supervision_reply")
    for kind in ("note", "tracking", "progress"):
        clock = change.clocks.running(kind)
        if clock is not None and clock.is_running and (kind != "note" or change.visible):
            change.more_clocks += stop(kind) + start(kind)
    if issue.status == Status.IN_PROGRESS and change.working_turn is Turn.DEPARTMENT:
        change.more_clocks += start("progress")
    if issue.deemed:
        change.set(deemed=False)


def request_extension(change: Change) -> None:
    days, left = change.values["days"], extension_left(change.issue, change.clocks.rows, allowance_of(change.issue))
    if left is not None and days > left:
        raise InvalidFields({"days": _("最多还可申请 %(left)d 个工作日") % {"left": left}})
    change.ask(RequestKind.EXTENSION, days=days, text=change.values["reason"])


def grant_extension(change: Change) -> None:
    """The handling limit and the co-departments' move by the days that were asked for."""
    request = change.open_request(RequestKind.EXTENSION)
    days = working_days(request.days or 1)
    deadlines.extend(
        [row for row in change.clocks.rows if row.is_running],
        {"handle", "co_reply"},
        change.at,
        days,
        change.clocks.calendar,
    )
    change.decide(request, RequestState.GRANTED)
    change.facts["days"] = request.days


def refuse_extension(change: Change) -> None:
    request = change.open_request(RequestKind.EXTENSION)
    change.decide(request, RequestState.REFUSED)
    change.facts["days"] = request.days


def request_suspension(change: Change) -> None:
    until = change.values["until"]
    if until <= local(change.at).date():
        raise InvalidFields({"until": _("复查日期须在今天之后")})
    change.ask(
        RequestKind.SUSPENSION,
        reason_code=change.values["reason"],
        until_on=until,
        interim_answer=change.values["interim_answer"],
        text=change.values.get("note", ""),
    )


def grant_suspension(change: Change) -> None:
    """挂账: the work's clocks keep what is left; the review date reminds; the resident reads the interim answer."""
    issue, request = change.issue, change.open_request(RequestKind.SUSPENSION)
    change.decide(request, RequestState.GRANTED)
    until = request.until_on or local(change.at).date() + timedelta(days=30)
    change.clocks.fixed["suspension_review"] = Fixed(
        max(at_clock(until, DAY_CLOSES), change.at + deadlines.AT_ONCE),
        "until",
        _DAYS,
        change.clocks.accountable_id(),
    )
    change.facts |= {"until": until.isoformat(), "reason": SuspensionReason(request.reason_code).value}
    change.texts["interim_answer"] = request.interim_answer
    change.set(suspended_at=issue.suspended_at or change.at, suspension_count=issue.suspension_count + 1)
    change.facts["suspensions"] = issue.suspension_count
    change.move(Status.SUSPENDED, change.working_turn)


def refuse_suspension(change: Change) -> None:
    request = change.open_request(RequestKind.SUSPENSION)
    change.decide(request, RequestState.REFUSED)


def endorse(change: Change) -> None:
    """The head of the department stands behind what an officer asks for."""
    kind = next(kind for kind in (RequestKind.EXTENSION, RequestKind.SUSPENSION) if kind in change.issue.asks)
    request = change.open_request(kind)
    request.endorsed_at, request.endorsed_by = change.at, change.by.user
    request.save(update_fields=["endorsed_at", "endorsed_by"])
    change.facts["request"] = request.kind


def resume(change: Change) -> None:
    """What was paused runs on; a matter that was answered before it was deferred gets a redo's clock."""
    if change.issue.replied_at is not None:
        change.limits = redo_limits(change.issue)
        withdraw(change)
        if change.issue.lead_department_id is not None:
            change.hold(change.issue.lead_department_id)
    change.more_clocks += start("handle", "note")
    if change.working_turn is Turn.DEPARTMENT:
        change.more_clocks += start("progress")
    change.lapse((RequestKind.SUSPENSION,))
    change.set(suspended_at=None, replied_at=None, replied_by=None, verified_at=None, verified_by=None)
    change.move(Status.IN_PROGRESS, change.working_turn)


def reply(change: Change) -> None:
    issue, outcome = change.issue, Outcome(change.values["outcome"])
    _check_proof(change, outcome)
    promise(change, outcome)
    if issue.co_waiting_ids:
        change.facts["co_missing"] = list(issue.co_waiting_ids)
    change.set(
        outcome=outcome,
        **NO_VERDICT,
        replied_at=change.at,
        replied_by=change.by.user,
        call_attempts=0,
        co_waiting_ids=[],
        deemed=False,
    )
    change.facts["department"] = issue.lead_department_id
    change.release()
    by_supervisor = outcome == Outcome.NOT_NOW or is_sampled(issue)
    change.move(Status.REPLIED, Turn.SUPERVISOR if by_supervisor else Turn.COMMUNITY)


def _check_proof(change: Change, outcome: Outcome) -> None:
    """Solved in a physical category needs a photo taken after the dispatch (docs/rules/issues.md#answers)."""
    category, since = change.issue.category, change.issue.dispatched_at
    if outcome != Outcome.SOLVED or category is None or not category.physical or since is None:
        return
    if not any(is_photo_after(file, since) for file in change.files):
        raise InvalidFields({"attachments": _("此类诉求答复“已解决”须附派单后拍摄的现场照片")})


EFFECTS: Final = {
    Action.ADD_DEPARTMENT: add_department,
    Action.WAIVE_DEPARTMENT: waive_department,
    Action.CO_REPLY: co_reply,
    Action.PROGRESS: progress,
    Action.REQUEST_EXTENSION: request_extension,
    Action.GRANT_EXTENSION: grant_extension,
    Action.REFUSE_EXTENSION: refuse_extension,
    Action.REQUEST_SUSPENSION: request_suspension,
    Action.GRANT_SUSPENSION: grant_suspension,
    Action.REFUSE_SUSPENSION: refuse_suspension,
    Action.ENDORSE: endorse,
    Action.RESUME: resume,
    Action.REPLY: reply,
}
