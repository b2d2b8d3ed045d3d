"""居民将看到以下内容: what stands above and below the words in the resident's page once they are sent.

The sentences are those of issues.resident for the status that the action leads to.
"""

from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.roles import OF_COMMUNITY
from common import dates
from console.kit.reading import Reader
from console.kit.shapes import ChoiceShape
from issues.enums import Action, Outcome
from issues.fields import choices_of
from issues.models import Issue

_HANDLED: Final = (Outcome.SOLVED, Outcome.PARTLY)


def title_before(action: str, issue: Issue, outcome: str = "") -> str:
    """The first sentence of the resident's page after ``action``; "" where the words do not follow one."""
    match action:
        case Action.REPLY:
            return _after_reply(issue, outcome)
        case Action.ANSWER_NOW:
            return _("社区已经答复。")
        case Action.REQUEST_INFO:
            return _("%(community)s需要您补充情况，") % {"community": issue.community.name} + _("补充后继续办理。")
        case Action.REQUEST_SUSPENSION:
            return _("目前还不能解决。")
        case Action.REJECT:
            return _("这件事社区不能受理，") + _space() + _("请看下面的原因和去处。")
        case _:
            return ""


def _after_reply(issue: Issue, outcome: str) -> str:
    if outcome == Outcome.PLANNED:
        return _("已列入计划，") + _("承诺的日期显示在这里。")
    if outcome == Outcome.NOT_NOW:
        return _("目前还不能解决，") + _("复查的日期显示在这里。")
    if outcome in _HANDLED:
        return _("社区说已处理完。") + _space() + _("您觉得解决了吗？")
    department = issue.lead_department.name if issue.lead_department else ""
    return _("%(department)s已答复。") % {"department": department} + _space() + _("您觉得解决了吗？")


def _space() -> str:
    """What parts two sentences: nothing in Chinese."""
    return " " if (get_language() or "").startswith("en") else ""


def titles_by_outcome(action: str, issue: Issue) -> tuple[ChoiceShape, ...]:
    """The sentence for each result that a reply may state, so that the preview follows the choice."""
    if action != Action.REPLY:
        return ()
    return tuple(
        ChoiceShape(value=code, label=title_before(action, issue, code))
        for code, _label in choices_of("reply", "outcome")
    )


def foot_below(action: str, issue: Issue, reader: Reader) -> str:
    """Who says it, when, whom to ask: 市政管理办公室 · 11月27日 · 0757-…; the speaker as in issues.resident."""
    lead = issue.lead_department
    if action == Action.PUBLISH:
        return ""
    if action in (Action.REPLY, Action.PROGRESS, Action.REQUEST_SUSPENSION, Action.FULFIL) and lead is not None:
        name, phone = lead.name, lead.phone
    elif reader.actor.role in OF_COMMUNITY:
        name, phone = issue.community.name, issue.community.phone
    else:
        name, phone = _("街道社会治理办公室"), issue.subdistrict.duty_phone
    return " · ".join(part for part in (name, dates.day(reader.now), phone) if part)
