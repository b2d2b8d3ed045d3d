"""The words of a notification, from an event's codes. Pure: no ORM, no HTTP.

One function for the inbox, the API and the e-mail, in the active language. What leaves the house names neither the
reporter nor the place nor what the reporter wrote: a mailbox is not a case file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from common import dates
from common.masking import scrub
from deadlines.enums import DeadlineKind
from issues.enums import Level, Outcome, Solved, Status, Verdict
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


def render(facts: Facts, *, private: bool = True) -> Words:
    """The notification's words. ``private`` adds the issue's own title, for readers who are signed in."""
    wanted = _wanted(facts)
    if facts.level in _PRESSING:
        wanted = _("【%(level)s】%(wanted)s") % {"level": Level(facts.level).label, "wanted": wanted}
    title = _("%(wanted)s：%(number)s") % {"wanted": wanted, "number": facts.number}
    parts = [scrub(facts.title)] if private else []
    parts += [facts.community, facts.category, _more(facts)]
    return Words(title, _SEPARATOR.join(part for part in parts if part), reverse("console-issue", args=[facts.number]))


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
}


def _return(facts: Facts) -> str:
    return (
        _("已退单%(n)d次，待裁定") % {"n": facts.data["returns"]}
        if facts.data.get("returns", 0) > 1
        else _("退单，待重新派单")
    )


def _closed(facts: Facts) -> str:
    if facts.data.get("to") == Status.CLOSED.value:
        return _("已办结")
    return _("居民已评价") if facts.actor_role == "resident" else _("已记录回访")


def _redo(facts: Facts) -> str:
    return _("居民表示没有解决，退回重办") if facts.actor_role == "resident" else _("退回重办")


def _comment(facts: Facts) -> str:
    return _("居民留言") if facts.actor_role in ("resident", "leader") else _("新留言")


_KINDS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "create": lambda facts: _("新工单待受理"),
    RungCode.NEW.value: lambda facts: _("新派工单待签收"),
    "assign": lambda facts: _("指派您承办"),
    "return": _return,
    "progress": lambda facts: _("有新的办理进展"),
    "reply": lambda facts: _("已答复，待核查"),
    "verify_pass": _closed,
    "redo": _redo,
    "record_follow_up": _closed,
    "close_explained": lambda facts: _("已解释办结"),
    "reopen": lambda facts: _("重新办理"),
    "withdraw": lambda facts: _("反映人已撤回"),
    RungCode.URGE.value: lambda facts: _("催办"),
    "request_callback": lambda facts: _("居民请求回电"),
    "comment": _comment,
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
    if facts.kind in ("record_follow_up", "redo") and data.get("verdict") in Verdict.values:
        return _said(data)
    return facts.department


def _said(data: Mapping[str, Any]) -> str:
    words = [str(Verdict(data["verdict"]).label)]
    words += [str(Solved(data["solved"]).label)] if data.get("solved") in Solved.values else []
    return _SEPARATOR.join(words)
