"""The words of a notification, from an event's codes. Pure: no ORM, no HTTP.

One function for the inbox, the API and the e-mail, in the active language. What leaves the house names neither the
reporter nor the place nor what the reporter wrote: a mailbox is not a case file.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from common import dates
from common.masking import scrub
from deadlines import kinds
from deadlines.enums import PRESSING, Level
from reminders import rungs, tellings
from reminders.facts import EventFacts
from reminders.tellings import Telling

SEPARATOR: Final = " · "


@dataclass(frozen=True)
class Words:
    """A notification as people read it; ``url`` is a path of this site."""

    title: str
    body: str
    url: str


def render(facts: EventFacts, subject_kind: str, *, private: bool = True, keep: Container[str] = ()) -> Words:
    """The notification's words. ``private`` adds the subject's own title, for readers who are signed in.

    ``keep``: lines of the office, which a title may tell.
    """
    telling = tellings.find(subject_kind, facts.event_kind)
    wanted = _wanted(facts, telling)
    if facts.level in PRESSING:
        wanted = _("【%(level)s】%(wanted)s") % {"level": Level(facts.level).label, "wanted": wanted}
    title = _("%(wanted)s：%(number)s") % {"wanted": wanted, "number": facts.number}
    parts = [scrub(facts.title, keep=keep)] if private else []
    if private and facts.alarm:
        parts.insert(0, _("提到“%(words)s”") % {"words": facts.alarm})
    parts += [*facts.places, _more(facts, telling)]
    return Words(title, SEPARATOR.join(part for part in parts if part), facts.url)


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
    if kind == tellings.CALLERS_LOOKED_UP:
        body = _("一小时内查询的不同来电号码超过上限，来电栏已暂停显示，登记不受影响，请了解情况")
        account = {"account": str(data.get("account", ""))}
        return Words(_("频繁查询来电号码：%(account)s") % account, body, reverse("console-records"))
    body = _("自 %(since)s 起发送失败，消息已暂存，恢复后自动补发") % {"since": dates.moment(_since(data, at))}
    return Words(_("通知渠道故障：%(name)s") % {"name": name}, body, reverse("console-health"))


def _since(data: Mapping[str, Any], at: datetime) -> datetime:
    return datetime.fromisoformat(data["since"]) if data.get("since") else at


def unknown(number: str) -> Words:
    """A notification about an issue that its reader may no longer see."""
    return Words(_("工单有新动态：%(number)s") % {"number": number}, _("您已无权查看此工单"), "")


def _wanted(facts: EventFacts, telling: Telling | None) -> str:
    rung = rungs.find(facts.kind) if "rung" in facts.data else None
    if rung is not None:
        return str(rung.words) % {"clock": kinds.label(facts.data.get("deadline_kind"))}
    return telling.words(facts) if telling and telling.words else _("工单有新动态")


def _more(facts: EventFacts, telling: Telling | None) -> str:
    """What else the reader wants to know: until when, who, what came of it."""
    data = facts.data
    if data.get("due_at"):
        due_at = datetime.fromisoformat(data["due_at"])
        skipped = [rungs.label(code) for code in data.get("skipped", ())]
        clock = kinds.label(data.get("deadline_kind"))
        text = _("应于 %(when)s 前完成%(clock)s") % {"when": dates.moment(due_at), "clock": clock}
        if skipped:
            text += _("（此前未能发出：%(rungs)s）") % {"rungs": _("、").join(skipped)}
        return text
    said = telling.more(facts) if telling and telling.more else ""
    return said or facts.department
