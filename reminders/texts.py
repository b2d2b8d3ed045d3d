"""The words of a notification, from an event's codes. Pure: no ORM, no HTTP.

One function for the inbox, the API and the e-mail, in the active language. What leaves the house names neither the
reporter nor the place nor what the reporter wrote: a mailbox is not a case file.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from common import dates
from common.masking import scrub
from deadlines.enums import DeadlineKind
from issues.enums import DraftKind, Level, Outcome, Solved, Status, Verdict
from reminders.audience import draft_kind, objects
from reminders.enums import RungCode
from reminders.facts import Facts

_PRESSING: Final = (Level.CRITICAL.value, Level.URGENT.value)
_SEPARATOR: Final = " · "


@dataclass(frozen=True)
class Words:
    """A notification as people read it; ``url`` is a path of this site."""

    title: str
    body: str
    url: str


def render(facts: Facts, *, private: bool = True, keep: Container[str] = ()) -> Words:
    """The notification's words. ``private`` adds the issue's own title, for readers who are signed in.

    ``keep``: lines of the office, which a title may tell.
    """
    wanted = _wanted(facts)
    if facts.level in _PRESSING:
        wanted = _("【%(level)s】%(wanted)s") % {"level": Level(facts.level).label, "wanted": wanted}
    title = _("%(wanted)s：%(number)s") % {"wanted": wanted, "number": facts.number}
    parts = [scrub(facts.title, keep=keep)] if private else []
    if private and facts.alarm and facts.kind == "create":
        parts.insert(0, _("提到“%(words)s”") % {"words": facts.alarm})
    parts += [facts.community, facts.category, _more(facts)]
    return Words(title, _SEPARATOR.join(part for part in parts if part), reverse("console-issue", args=[facts.number]))


def alarm(kind: str, at: datetime, data: Mapping[str, Any], name: str) -> Words:
    """What is about the sub-district itself. ``name``: the community whose roster, or the channel, it is about."""
    if kind == "shift_empty":
        span = [dates.moment(datetime.fromisoformat(data[key])) for key in ("starts_at", "ends_at")]
        body = _("%(from)s 至 %(to)s 无人值班，特急和紧急诉求将直接提醒您，请安排值班")
        return Words(
            _("无人值班：%(name)s") % {"name": name or _("街道")},
            body % {"from": span[0], "to": span[1]},
            reverse("console-duty"),
        )
    body = _("自 %(since)s 起发送失败，消息已暂存，恢复后自动补发") % {"since": dates.moment(_since(data, at))}
    return Words(_("通知渠道故障：%(name)s") % {"name": name}, body, reverse("console-health"))


def _since(data: Mapping[str, Any], at: datetime) -> datetime:
    return datetime.fromisoformat(data["since"]) if data.get("since") else at


def unknown(number: str) -> Words:
    """A notification about an issue that its reader may no longer see."""
    return Words(_("工单有新动态：%(number)s") % {"number": number}, _("您已无权查看此工单"), "")


def rung_label(code: str) -> str:
    """A rung's name in the active language."""
    return str(RungCode(code).label) if code in RungCode.values else code


def _wanted(facts: Facts) -> str:
    words = _RUNGS.get(facts.kind) if "rung" in facts.data else None
    if words:
        return words() % {"clock": _clock(facts.data)}
    found = _KINDS.get(facts.kind)
    return found(facts) if found else _("工单有新动态")


def _clock(data: Mapping[str, Any]) -> str:
    kind = data.get("deadline_kind", "")
    return str(DeadlineKind(kind).label) if kind in DeadlineKind.values else ""


_RUNGS: Final[Mapping[str, Callable[[], str]]] = {
    RungCode.NOTICE.value: lambda: _("%(clock)s时限已过半"),
    RungCode.DUE_SOON.value: lambda: _("%(clock)s临期"),
    RungCode.DUE_TODAY.value: lambda: _("%(clock)s今日到期"),
    RungCode.URGE.value: lambda: _("催办：%(clock)s已超期"),
    RungCode.DUTY_LEADER.value: lambda: _("%(clock)s超期1小时，报值班领导"),
    RungCode.DEEMED.value: lambda: _("超过两倍时限未签收，视为签收"),
    RungCode.EXPIRED.value: lambda: _("逾期未补充材料"),
    RungCode.ORDER.value: lambda: _("%(clock)s超期，已拟督办单"),
    RungCode.YELLOW_CARD.value: lambda: _("%(clock)s超期，已拟黄牌警示"),
    RungCode.RED_CARD.value: lambda: _("%(clock)s超期，已拟红牌通报"),
    RungCode.UNACKNOWLEDGED.value: lambda: _("尚未签收，请尽快签收"),
    RungCode.NO_PROGRESS.value: lambda: _("多日没有办理进展"),
    RungCode.UNSIGNED.value: lambda: _("督办文书待签发"),
    RungCode.UNTOLD.value: lambda: _("居民尚未告知，请联系"),
    RungCode.UNCHECKED.value: lambda: _("居民网上评价待抽查回访"),
}


def _return(facts: Facts) -> str:
    return (
        _("已退单%(n)d次，待裁定") % {"n": facts.data["returns"]}
        if facts.data.get("returns", 0) > 1
        else _("退单，待重新派单")
    )


def _give_info(facts: Facts) -> str:
    return _("逾期未补充材料，待受理") if facts.data.get("expired") else _("已补充材料，待受理")


def _acknowledge(facts: Facts) -> str:
    return _("超过两倍时限未签收，视为签收") if facts.data.get("deemed") else _("已签收")


def _days(facts: Facts) -> dict[str, int]:
    return {"days": int(facts.data.get("days") or 0)}


def _until(facts: Facts) -> dict[str, str]:
    until = facts.data.get("until")
    return {"until": dates.day(date.fromisoformat(until)) if until else ""}


def _request_suspension(facts: Facts) -> str:
    return _("申请挂账至%(until)s，待审批") % _until(facts)


def _grant_suspension(facts: Facts) -> str:
    return _("同意挂账至%(until)s") % _until(facts)


def _join(facts: Facts) -> str:
    persons = {"n": int(facts.data.get("persons") or 0)}
    if facts.data.get("collective"):
        return _("群体性诉求：已有%(n)d人反映同一事项") % persons
    return _("又有人反映同一事项，共%(n)d人") % persons


def _joiner_verdict(facts: Facts) -> str:
    if objects(facts.data):
        return _("并案反映人表示没有解决")
    return _("已办结") if facts.data.get("to") == Status.CLOSED.value else _("并案反映人已评价")


def _document(facts: Facts) -> dict[str, str]:
    kind = draft_kind(facts.data)
    return {"document": str(DraftKind(kind).label) if kind in DraftKind.values else _("督办文书")}


def _closed(facts: Facts) -> str:
    if facts.data.get("to") == Status.CLOSED.value:
        return _("已办结")
    return _("居民已评价") if facts.actor_role == "resident" else _("已记录回访")


def _redo(facts: Facts) -> str:
    return _("居民表示没有解决，退回重办") if facts.actor_role == "resident" else _("退回重办")


def _comment(facts: Facts) -> str:
    return _("居民留言") if facts.actor_role in ("resident", "leader") else _("新留言")


def _edit(facts: Facts) -> str:
    changed = facts.data.get("changed", {})
    if "community" in changed:
        return _("工单已改属%(community)s") % {"community": facts.community}
    if "level" in changed:
        return _("工单级别改为%(level)s") % {"level": Level(facts.level).label}
    return _("工单内容有更正")


_KINDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "create": lambda facts: _("新工单待受理"),
    "accept": lambda facts: _("已受理，待派单"),
    "request_info": lambda facts: _("要求反映人补充材料"),
    "give_info": _give_info,
    RungCode.NEW.value: lambda facts: _("新派工单待签收"),
    "transfer_out": lambda facts: _("已转交外单位，请跟踪办理情况"),
    "acknowledge": _acknowledge,
    "assign": lambda facts: _("指派您承办"),
    "return": _return,
    "assign_final": lambda facts: _("指定承办，待签收，不能退单"),
    "reassign": lambda facts: _("工单已转派，待新承办单位签收"),
    "add_department": lambda facts: _("请协办并答复"),
    "waive_department": lambda facts: _("已免予协办"),
    "co_reply": lambda facts: _("协办单位已答复"),
    "progress": lambda facts: _("有新的办理进展"),
    "request_extension": lambda facts: _("申请延期%(days)d个工作日，待审批") % _days(facts),
    "grant_extension": lambda facts: _("同意延期%(days)d个工作日") % _days(facts),
    "refuse_extension": lambda facts: _("不同意延期"),
    "request_suspension": _request_suspension,
    "grant_suspension": _grant_suspension,
    "refuse_suspension": lambda facts: _("不同意挂账"),
    "endorse": lambda facts: _("部门负责人已同意申请，待审批"),
    "resume": lambda facts: _("恢复办理"),
    "reply": lambda facts: _("已答复，待核查"),
    "verify_pass": _closed,
    "redo": _redo,
    "record_follow_up": _closed,
    "close_explained": lambda facts: _("已解释办结"),
    "reopen": lambda facts: _("重新办理"),
    "withdraw": lambda facts: _("反映人已撤回"),
    "merge": lambda facts: _("已并入另一工单"),
    "unmerge": lambda facts: _("已撤销并案，继续办理"),
    "join": _join,
    "joiner_verdict": _joiner_verdict,
    RungCode.URGE.value: lambda facts: _("催办"),
    "request_callback": lambda facts: _("居民请求回电"),
    "supervise": lambda facts: (
        (_("超期自动拟稿：%(document)s待签发") if facts.actor_role == "system" else _("%(document)s待签发"))
        % _document(facts)
    ),
    "sign": lambda facts: _("已签发%(document)s") % _document(facts),
    "refuse_sign": lambda facts: _("未同意签发%(document)s") % _document(facts),
    "lift": lambda facts: _("已解除督办"),
    "instruct": lambda facts: _("领导批示"),
    "cc": lambda facts: _("抄送给您"),
    "comment": _comment,
    "fulfil": lambda facts: _("承诺已兑现"),
    "move_promise": lambda facts: _("承诺改期"),
    "edit": _edit,
    "request_exclusion": lambda facts: _("申请剔除统计，待审批"),
    "grant_exclusion": lambda facts: _("已同意剔除统计"),
    "refuse_exclusion": lambda facts: _("未同意剔除统计"),
    "request_disclosure": lambda facts: _("申请解除保密，待审批"),
    "grant_disclosure": lambda facts: _("已同意解除保密"),
    "refuse_disclosure": lambda facts: _("未同意解除保密"),
}


def _more(facts: Facts) -> str:
    """What else the reader wants to know: until when, who, what came of it."""
    data = facts.data
    if data.get("due_at"):
        due_at = datetime.fromisoformat(data["due_at"])
        skipped = [rung_label(code) for code in data.get("skipped", ())]
        text = _("应于 %(when)s 前完成%(clock)s") % {"when": dates.moment(due_at), "clock": _clock(data)}
        if skipped:
            text += _("（此前未能发出：%(rungs)s）") % {"rungs": _("、").join(skipped)}
        return text
    if facts.kind == "reply" and data.get("outcome") in Outcome.values:
        return _SEPARATOR.join(part for part in (facts.department, str(Outcome(data["outcome"]).label)) if part)
    if facts.kind in ("record_follow_up", "redo", "joiner_verdict") and (data.get("verdict") or data.get("solved")):
        return _said(data)
    return facts.department


def _said(data: Mapping[str, Any]) -> str:
    words = [str(Verdict(data["verdict"]).label)] if data.get("verdict") in Verdict.values else []
    words += [str(Solved(data["solved"]).label)] if data.get("solved") in Solved.values else []
    return _SEPARATOR.join(words)
