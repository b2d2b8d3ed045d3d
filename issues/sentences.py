"""The one sentence of the issue page: where the matter is, what is due next and how much time is left."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from common import dates
from issues.enums import Outcome, Solved, Status, TimeLimit, Turn, Verdict
from issues.models import Issue
from issues.remaining import left_text


@dataclass(frozen=True)
class Sentence:
    """``text`` says where it is, ``due`` what is due when (""), ``state`` colours the due part."""

    text: str
    due: str
    state: str


def sentence_of(issue: Issue, now: datetime) -> Sentence:
    """The sentence of ``issue``; its community and lead department must be loaded."""
    due = ""
    if issue.due_at is not None and issue.status != Status.SUSPENDED:
        due = _due(issue, issue.due_at, now)
    text = _where(issue)
    return Sentence(
        text=_("%(where)s，") % {"where": text} if due else _("%(where)s。") % {"where": text},
        due=due,
        state=TimeLimit(issue.time_limit(now)).value,
    )


def due_sentence(kind: str, due_at: datetime, now: datetime, *, working: bool) -> str:
    """应于 11月27日（周五）17:30 前答复，还剩2天3小时."""
    return _("应于 %(when)s 前%(what)s，%(left)s") % {
        "when": dates.moment(due_at),
        "what": what_is_due(kind),
        "left": left_text(due_at, now, working=working),
    }


def _due(issue: Issue, due_at: datetime, now: datetime) -> str:
    return due_sentence(issue.due_kind, due_at, now, working=issue.due_working)


def what_is_due(kind: str) -> str:
    """The verb of a deadline: 首次联系反映人, 受理, 答复 …"""
    words = {
        "respond": _("首次联系反映人"),
        "accept": _("受理"),
        "dispatch": _("派单"),
        "acknowledge": _("签收"),
        "first_report": _("首次反馈"),
        "handle": _("答复"),
        "verify": _("核查"),
        "follow_up": _("回访"),
        "callback": _("给反映人回电"),
        "return_decision": _("裁定退单"),
        "suspension_review": _("复查"),
        "extension_decision": _("审批延期"),
        "co_reply": _("协办答复"),
    }
    return words.get(kind, _("办理"))


def _where(issue: Issue) -> str:
    names = {
        "community": issue.community.name,
        "department": issue.lead_department.name if issue.lead_department else _("承办单位"),
    }
    match issue.status:
        case Status.SUBMITTED:
            return _("待%(community)s受理") % names
        case Status.NEED_INFO:
            return _("待反映人补充情况")
        case Status.ACCEPTED:
            if issue.turn == Turn.SUPERVISOR:
                return _("已退单两次，待街道社会治理办裁定")
            return (_("退单后待%(community)s重新派单") if issue.return_count else _("待%(community)s派单")) % names
        case Status.DISPATCHED:
            return _("待%(department)s签收") % names
        case Status.IN_PROGRESS:
            if issue.redo_count or issue.reopen_count:
                return _("%(department)s正在重新办理") % names
            return _("%(department)s正在办理") % names
        case Status.SUSPENDED:
            return _("%(department)s已挂账，到复查日再办") % names
        case Status.REPLIED:
            return _("%(department)s已答复，待%(community)s核查") % names
        case Status.FOLLOW_UP:
            if issue.solved == Solved.NO or issue.verdict == Verdict.DISSATISFIED:
                return _("反映人表示没有解决，待%(community)s退回重办或街道解释办结") % names
            return _("%(department)s已答复，待%(community)s回访反映人") % names
        case _other:
            return _ended(issue)


def _ended(issue: Issue) -> str:
    if issue.status == Status.REJECTED:
        return _("不予受理，已告知反映人去处")
    if issue.status == Status.WITHDRAWN:
        return _("反映人已撤回")
    if issue.status != Status.CLOSED:
        return str(Status(issue.status).label)
    if issue.solved == Solved.YES:
        return _("已办结，反映人表示已经解决")
    if issue.solved == Solved.PARTLY:
        return _("已办结，反映人表示部分解决")
    if issue.solved == Solved.NO or issue.verdict == Verdict.DISSATISFIED:
        return _("办结未解决，已向反映人作出解释")
    if issue.verdict == Verdict.UNREACHABLE:
        return _("已办结，多次回访未联系上反映人")
    outcome = str(Outcome(issue.outcome).label) if issue.outcome else ""
    return _("已办结，办理结果：%(outcome)s") % {"outcome": outcome} if outcome else _("已办结")
