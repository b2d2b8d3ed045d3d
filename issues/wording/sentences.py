"""The one sentence of the issue page: where the matter is, what is due next and how much time is left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from common import dates
from deadlines import kinds
from deadlines.models import Deadline
from deadlines.wording import left_text
from issues.enums import Outcome, RequestKind, Solved, Status, TimeLimit, Turn, Verdict, VerdictCheck
from issues.models import Issue
from issues.models.issue import time_limit_of


@dataclass(frozen=True)
class Sentence:
    """``text`` says where it is, ``due`` what is due when (""), ``state`` colours the due part."""

    text: str
    due: str
    state: str


@dataclass(frozen=True)
class Circumstances:
    """What the sentence needs besides the issue's row.

    ``waiting``: names of the co-departments that have not answered; ``deferred_for``: why it was deferred, in words;
    ``master``: the number of the matter it joined; ``clocks``: its deadlines.
    """

    waiting: Sequence[str] = ()
    deferred_for: str = ""
    master: str = ""
    clocks: Sequence[Deadline] = ()


_STEP: Final[dict[tuple[str, str], frozenset[str]]] = {
    (Status.SUBMITTED, Turn.COMMUNITY): frozenset({"respond", "accept"}),
    (Status.NEED_INFO, Turn.COMMUNITY): frozenset({"more_info"}),
    (Status.ACCEPTED, Turn.COMMUNITY): frozenset({"respond", "dispatch"}),
    (Status.ACCEPTED, Turn.SUPERVISOR): frozenset({"return_decision"}),
    (Status.DISPATCHED, Turn.DEPARTMENT): frozenset({"acknowledge"}),
    (Status.IN_PROGRESS, Turn.DEPARTMENT): frozenset({"first_report", "handle", "note", "supervision_reply"}),
    (Status.IN_PROGRESS, Turn.COMMUNITY): frozenset({"tracking", "handle", "first_report", "note"}),
    (Status.REPLIED, Turn.COMMUNITY): frozenset({"verify"}),
    (Status.REPLIED, Turn.SUPERVISOR): frozenset({"verify"}),
    (Status.FOLLOW_UP, Turn.COMMUNITY): frozenset({"follow_up"}),
    (Status.FOLLOW_UP, Turn.SUPERVISOR): frozenset({"follow_up"}),
}
"""Status and turn → the clocks of whoever the sentence says it waits for."""


def clock_named(issue: Issue, clocks: Iterable[Deadline]) -> Deadline | None:
    """The clock of the sentence: of those that run the first due of whose turn it is; None where theirs do not run."""
    step = _STEP.get((issue.status, issue.turn), frozenset())
    mine = [row for row in clocks if row.is_running and row.kind in step]
    return min(mine, key=lambda row: (row.due_at, row.kind), default=None)


def sentence_of(issue: Issue, now: datetime, circumstances: Circumstances | None = None) -> Sentence:
    """The sentence of ``issue``; its community and lead department must be loaded."""
    more = circumstances or Circumstances()
    due, state = _due(issue, more.clocks, now)
    text = _where(issue, more)
    return Sentence(
        text=_("%(where)s，") % {"where": text} if due else _("%(where)s。") % {"where": text}, due=due, state=state
    )


def due_sentence(kind: str, due_at: datetime, now: datetime, *, working: bool) -> str:
    """应于 11月27日（周五）17:30 前答复，还剩2天3小时."""
    return _("应于 %(when)s 前%(what)s，%(left)s") % {
        "when": dates.moment(due_at),
        "what": what_is_due(kind),
        "left": left_text(due_at, now, working=working),
    }


def _due(issue: Issue, clocks: Sequence[Deadline], now: datetime) -> tuple[str, str]:
    """What is due when, of whose turn it is, and how that stands; without their clock the one that governs."""
    state = TimeLimit(issue.time_limit(now)).value
    if issue.due_at is None or issue.status == Status.SUSPENDED:
        return "", state
    named = clock_named(issue, clocks)
    if named is None:
        return due_sentence(issue.due_kind, issue.due_at, now, working=issue.due_working), state
    state = time_limit_of(issue.status, named.due_at, named.soon_at, named.due_at, now).value
    return due_sentence(named.kind, named.due_at, now, working=named.time_limit.is_working), state


def what_is_due(kind: str) -> str:
    """The verb of a deadline: 首次联系反映人, 受理, 答复 …"""
    spec = kinds.find(kind)
    return str(spec.verb) if spec and spec.verb else _("办理")


def _where(issue: Issue, more: Circumstances) -> str:
    names = {
        "community": issue.community.name,
        "department": issue.lead_department.name if issue.lead_department else _("承办单位"),
    }
    match issue.status:
        case Status.SUBMITTED:
            if issue.info_expired:
                return _("反映人逾期未补充，待%(community)s按现有情况受理") % names
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
            return _working(issue, more, names)
        case Status.SUSPENDED:
            return _deferred(issue, more, names)
        case Status.REPLIED:
            by = _("街道社会治理办") if issue.turn == Turn.SUPERVISOR else names["community"]
            return _("%(department)s已答复，待%(by)s核查") % {**names, "by": by}
        case Status.FOLLOW_UP:
            return _calling_back(issue, names)
        case Status.MERGED if more.master:
            return _("已并入 %(master)s，随主件办理") % {"master": more.master}
        case _other:
            return _ended(issue)


def _working(issue: Issue, more: Circumstances, names: Mapping[str, str]) -> str:
    """Who works on it, and what holds it up: a co-department, a decision."""
    lead = issue.lead_department
    if lead is not None and lead.is_external:
        head = _("已转交%(department)s办理，由%(community)s跟踪") % names
    elif issue.redo_count or issue.reopen_count:
        head = _("%(department)s正在重新办理") % names
    elif issue.deemed:
        head = _("%(department)s超时未签收，视为签收，应办理") % names
    else:
        head = _("%(department)s正在办理") % names
    if more.waiting:
        head = _("%(head)s，待%(waiting)s协办答复") % {"head": head, "waiting": _("、").join(more.waiting)}
    asked = [kind for kind in (RequestKind.EXTENSION, RequestKind.SUSPENSION) if kind in issue.asks]
    if asked:
        head = _("%(head)s，%(asked)s申请待审批") % {"head": head, "asked": asked[0].label}
    return head


def _deferred(issue: Issue, more: Circumstances, names: Mapping[str, str]) -> str:
    """Why it waits and until when it is looked at again."""
    head = _("%(department)s已挂账") % names
    if more.deferred_for:
        head = _("%(head)s（%(reason)s）") % {"head": head, "reason": more.deferred_for}
    if issue.due_kind == "suspension_review" and issue.due_at is not None:
        head = _("%(head)s，%(day)s前复查") % {"head": head, "day": dates.day_weekday(issue.due_at)}
    if RequestKind.SUSPENSION in issue.asks:
        head = _("%(head)s，续期申请待审批") % {"head": head}
    return head


def _calling_back(issue: Issue, names: Mapping[str, str]) -> str:
    if issue.turn == Turn.SUPERVISOR:
        return _("反映人表示没有解决，待街道社会治理办退回重办或解释办结")
    if issue.solved == Solved.NO or issue.verdict == Verdict.DISSATISFIED:
        return _("反映人表示没有解决，待%(community)s退回重办或街道解释办结") % names
    if issue.persons > 1:
        return _("%(department)s已答复，待%(community)s回访反映人（共%(persons)d人）") % {
            **names,
            "persons": issue.persons,
        }
    return _("%(department)s已答复，待%(community)s回访反映人") % names


def _ended(issue: Issue) -> str:
    if issue.status == Status.REJECTED:
        return _("不予受理，已告知反映人去处")
    if issue.status == Status.WITHDRAWN:
        return _("反映人已撤回")
    if issue.status != Status.CLOSED:
        return str(Status(issue.status).label)
    if issue.verdict_check == VerdictCheck.DUE:
        return _("已办结，居民已在网页评价，待街道社会治理办抽查回访")
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
