"""After the reply: verifying, redoing, calling back, closing, reopening, withdrawing."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from common.clock import local
from files.enums import FileKind
from issues.enums import SUBJECT, Action, Check, Solved, Status, Supervision, Turn, Verdict, VerdictCheck, VerdictVia
from issues.sampling import NO_VERDICT
from issues.services.clocks import redo_limits
from issues.services.effects import joining, sampling
from issues.services.effects.base import STOP_EVERYTHING, Change, raise_supervision
from issues.services.effects.promising import withdraw as take_promise_back
from issues.services.errors import InvalidFields
from issues.workflow import Party, stop
from journal.models import Event

UNREACHABLE_TRIES = 3
"""Call-backs that must have failed, on at least two days and in different half-days, before an issue closes."""

_OBJECT = _("没有解决或不满意的，请说明哪里没解决，将退回重办")
_OBJECT_AFTER = _("工单已办结。没有解决或不满意的，请说明原因，在办结后 15 天内要求重新办理")


def verify_pass(change: Change) -> None:
    issue = change.issue
    if change.values["check"] == Check.SITE and not any(file.kind == FileKind.PHOTO for file in change.files):
        raise InvalidFields({"attachments": _("现场核实须附照片")})
    change.set(verified_at=change.at, verified_by=change.by.user)
    if (issue.contact_id is not None and not issue.verdict) or joining.to_be_called(change):
        change.move(Status.FOLLOW_UP, Turn.COMMUNITY)
        return
    change.without_clocks.add("follow_up")
    change.more_clocks.append(STOP_EVERYTHING)
    if not issue.verdict:
        change.set(verdict=Verdict.NO_REPORTER)
        change.facts["verdict"] = Verdict.NO_REPORTER.value
    change.end(Status.CLOSED)


def _again(change: Change) -> None:
    """Back to the department that had it, with the short clock; what was promised instead is taken back."""
    issue = change.issue
    change.limits = redo_limits(issue)
    change.set(replied_at=None, replied_by=None, verified_at=None, verified_by=None)
    if issue.acknowledged_at is None:
        change.set(acknowledged_at=change.at)
    change.not_started.add("tracking" if change.working_turn is Turn.DEPARTMENT else "progress")
    change.facts["department"] = issue.lead_department_id
    take_promise_back(change)
    joining.forget_verdicts(change)
    if issue.lead_department_id is not None:
        change.hold_again(issue.lead_department_id)
    change.move(Status.IN_PROGRESS, change.working_turn)


def redo(change: Change) -> None:
    issue = change.issue
    change.set(redo_count=issue.redo_count + 1)
    change.facts["redo"] = issue.redo_count
    if Party.REPORTER in change.who:
        _check_own_verdict(change)
        _say(change, _objection(change), change.values.get("solved") or Solved.NO, VerdictVia.WEB)
        change.facts |= {"verdict": issue.verdict, "solved": issue.solved}
    else:
        for name in ("verdict", "solved"):
            change.facts.pop(name, None)
    if issue.redo_count >= 2:
        raise_supervision(change, Supervision.URGED)
    _again(change)


def _objection(change: Change) -> str:
    """How an objection rates the work: as it says. Who says "not solved" has not rated it, who just objects has."""
    return change.values.get("verdict") or ("" if change.values.get("solved") else Verdict.DISSATISFIED)


def record_follow_up(change: Change) -> None:
    if Party.REPORTER in change.row.who:
        _verdict_by_reporter(change)
    elif change.issue.verdict_check == VerdictCheck.DUE:
        _check_by_call(change)
    else:
        _verdict_by_call(change)


def _verdict_by_reporter(change: Change) -> None:
    """A confirmation. Dissatisfaction and "not solved" are objections and go through redo, a joiner's apart."""
    verdict, solved, issue = change.values.get("verdict", ""), change.values["solved"], change.issue
    _check_own_verdict(change)
    joined, objects = issue.status == Status.MERGED, _is_objection(verdict, solved)
    if joined:
        _check_reason(change)
    elif objects or not verdict:
        raise InvalidFields({"verdict": _OBJECT_AFTER if issue.status == Status.CLOSED else _OBJECT})
    before = sampling.Weighed.of(issue)
    _say(change, verdict, solved, VerdictVia.WEB)
    change.facts["verdict"] = verdict
    if not objects:
        sampling.weigh(change, before)
    if joined:
        joining.tell_master(change)
    elif issue.status == Status.FOLLOW_UP:
        _close_if_all_called(change)


def _is_objection(verdict: str, solved: str) -> bool:
    return solved == Solved.NO or verdict == Verdict.DISSATISFIED


def _say(change: Change, verdict: str, solved: str, via: VerdictVia) -> None:
    """What the resident says, and how it came; whether it is checked is asked anew."""
    change.set(**{**NO_VERDICT, "verdict": verdict, "solved": solved, "verdict_via": via.of(verdict, solved)})
    change.facts["via"] = change.issue.verdict_via


def _check_own_verdict(change: Change) -> None:
    """Only a caller finds that nobody answers, or that there is nobody to call."""
    if change.values.get("verdict") in (Verdict.UNREACHABLE, Verdict.NO_REPORTER):
        raise InvalidFields({"verdict": _("请从列出的选项中选择")})


def _check_reason(change: Change) -> None:
    if change.values.get("verdict") == Verdict.DISSATISFIED and not change.values.get("reason"):
        raise InvalidFields({"reason": _("不满意须填写原因")})


def _called(change: Change) -> tuple[str, str]:
    """What the caller noted: the verdict and whether it is solved. Raises InvalidFields."""
    verdict, solved = change.values["verdict"], change.values.get("solved", "")
    _check_reason(change)
    if verdict == Verdict.NO_REPORTER and change.issue.contact_id is not None:
        raise InvalidFields({"verdict": _("留有联系方式的须回访")})
    if verdict in (Verdict.SATISFIED, Verdict.FAIRLY, Verdict.DISSATISFIED) and not solved:
        raise InvalidFields({"solved": _("请填写是否解决")})
    return verdict, solved


def _not_reached(change: Change, since: datetime) -> bool:
    """One more failed call; whether there were enough of them since then."""
    change.without_clocks |= {"respond", "inform"}
    change.set(call_attempts=change.issue.call_attempts + 1)
    change.facts["attempt"] = change.issue.call_attempts
    return _tried_enough(change, since)


def _check_by_call(change: Change) -> None:
    """The supervisor asks whether the verdict by web is the resident's: it stands, or what is said now replaces it."""
    verdict, solved = _called(change)
    if verdict == Verdict.UNREACHABLE:
        enough = _not_reached(change, _sampled_at(change))
        change.facts["counts"] = False
        _settle_check(change, VerdictCheck.UNREACHED if enough else VerdictCheck.DUE)
        return
    objects, known = _is_objection(verdict, solved), change.issue.verdict_known
    if objects and not change.values.get("reason"):
        raise InvalidFields({"reason": _("更正居民评价须填写原因")})
    _say(change, verdict, solved, VerdictVia.CALL if objects else VerdictVia.WEB)
    change.set(verdict_known=known)
    _settle_check(change, VerdictCheck.REPLACED if objects else VerdictCheck.CONFIRMED)
    if change.issue.status == Status.MERGED:
        joining.tell_master(change)


def _settle_check(change: Change, to: VerdictCheck) -> None:
    change.set(verdict_check=to.value)
    change.facts["sample"] = to.value
    if to is VerdictCheck.DUE:
        change.without_clocks.add("sample")
    else:
        change.more_clocks += stop("sample")


def _sampled_at(change: Change) -> datetime:
    """When the verdict came that is checked."""
    said = Event.objects.of(SUBJECT, change.issue.pk).of_kinds(["record_follow_up"]).filter(data__has_key="known")
    return said.order_by("-seq").values_list("at", flat=True)[0]


def _verdict_by_call(change: Change) -> None:
    issue, (verdict, solved) = change.issue, _called(change)
    counts = True
    if verdict == Verdict.UNREACHABLE:
        counts = change.facts["counts"] = _not_reached(change, issue.verified_at or issue.created_at)
    if counts:
        _say(change, verdict, solved, VerdictVia.CALL)
    if issue.status == Status.MERGED:
        joining.tell_master(change)
    elif counts and (verdict != Verdict.DISSATISFIED and solved != Solved.NO):
        _close_if_all_called(change)


def _close_if_all_called(change: Change) -> None:
    """Close it, or wait for those who joined and must be called too."""
    waiting = joining.still_to_call(change)
    if waiting:
        change.facts["still_to_call"] = waiting
        return
    if joining.someone_objects(change):
        change.set(turn=Turn.SUPERVISOR)
        return
    change.more_clocks += [*stop("follow_up"), STOP_EVERYTHING]
    change.end(Status.CLOSED)


def _tried_enough(change: Change, since: datetime) -> bool:
    """Three failed calls on at least two days and in both halves of a day, this one included."""
    events = Event.objects.of(SUBJECT, change.issue.pk).of_kinds(["record_follow_up"])
    failed = events.filter(data__verdict=Verdict.UNREACHABLE.value, at__gte=since).values_list("at", flat=True)
    tries = [local(at) for at in [*failed, change.at]]
    days = {at.date() for at in tries}
    halves = {at.hour < 13 for at in tries}
    return len(tries) >= UNREACHABLE_TRIES and len(days) >= 2 and len(halves) == 2


def close_explained(change: Change) -> None:
    change.end(Status.CLOSED)


def reopen(change: Change) -> None:
    change.set(reopen_count=change.issue.reopen_count + 1, closed_at=None, **NO_VERDICT)
    change.facts["reopened"] = change.issue.reopen_count
    if change.issue.lead_department_id is None:
        _take_up(change)
        return
    change.not_started |= {"dispatch", "first_report"}
    change.lead_part.update(current=True)
    _again(change)


def _take_up(change: Change) -> None:
    """What was answered at once has no department yet: it is accepted now, with the full limits."""
    issue = change.issue
    change.not_started |= {"tracking", "progress"}
    change.set(outcome="")
    by = issue.accepted_by or issue.answered_by or change.by.user
    if by is not None:
        change.set(accepted_at=change.at, accepted_by=by)
        change.facts["accepted_by"] = by.pk
    change.move(Status.ACCEPTED, Turn.COMMUNITY)


def withdraw(change: Change) -> None:
    change.end(Status.WITHDRAWN)


EFFECTS: Final = {
    Action.VERIFY_PASS: verify_pass,
    Action.REDO: redo,
    Action.RECORD_FOLLOW_UP: record_follow_up,
    Action.CLOSE_EXPLAINED: close_explained,
    Action.REOPEN: reopen,
    Action.WITHDRAW: withdraw,
}
