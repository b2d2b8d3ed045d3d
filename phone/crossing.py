"""When the reporter and somebody else act at the same time, and pages of actions that are not possible any more.

What was written is never thrown away: it comes back in the form of what is possible now, one tap from being sent.
"""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from common import dates
from issues.enums import Action, Status
from issues.resident import ResidentView
from issues.resident.shapes import ANSWERED
from phone.again import HeldForm
from phone.forms import ActionForm
from phone.matter_actions import ACTIONS, VERDICT


def is_offered(view: ResidentView, action: str) -> bool:
    """Whether the page of this action leads anywhere now. A matter without a phone says itself why it does not."""
    if not view.has_phone:
        return True
    if action == VERDICT:
        return view.asks_verdict or view.can_correct
    return action in view.actions


def why_not(view: ResidentView, action: str) -> str:
    """What happened instead, in place of a form that cannot succeed."""
    if action == Action.REQUEST_CALLBACK and view.callback is not None and view.callback.waits:
        return view.callback.text
    if action == Action.SET_MESSAGES:
        return _("这件事现在不发短信，有进展请在这里看。")
    said = {"what": _what_happened(view, action), "action": ACTIONS[action].name}
    return _("%(what)s，现在不能“%(action)s”了，请看最新进展。") % said


def _what_happened(view: ResidentView, action: str) -> str:
    """社区 3月18日 已经答复: the fact because of which it is over, or is not to be yet."""
    if view.status == Status.REJECTED:
        return _("这件事社区没有受理")
    if view.status == Status.WITHDRAWN:
        return _("这件诉求已经撤回")
    if view.step < ANSWERED:
        if action == Action.WITHDRAW:
            return _("已有其他居民一起反映这件事")
        if action == Action.GIVE_INFO:
            return _("社区已经接着办理，没有在等补充")
        return _("已经重新办理，还没有新的答复") if view.begun_anew else _("这件事还没有答复")
    if action in (VERDICT, Action.REOPEN) and view.raise_again:
        return _("答复已超过15天")
    answered = view.steps[-1].at
    who = view.department or view.community
    if answered is None:
        return _("%(who)s已经答复") % {"who": who}
    return _("%(who)s %(day)s已经答复") % {"who": who, "day": dates.day(answered)}


@dataclass(frozen=True)
class Instead:
    """The form that is shown in place of the one that could not be taken; the words and photos stand in it."""

    action: str
    form: ActionForm
    held: HeldForm


def offer_instead(view: ResidentView, action: str, sent: QueryDict) -> Instead | None:
    """What a reporter may do now with what was written; None where nothing was, or nothing is possible."""
    words = next(
        (text for name in ("reason", "dissatisfied_reason", "note") if (text := sent.get(name, "").strip())), ""
    )
    if is_offered(view, action):
        return _form(action, sent, _("请看最新进展，再点一次“提交”。"))
    if not words:
        return None
    again = sent.copy()
    again["note"] = again["reason"] = words
    if action in (VERDICT, Action.REOPEN) and Action.REOPEN in view.actions:
        return _form(Action.REOPEN, again, _("要退回重新办理，请点“提交”。"))
    if Action.COMMENT in view.actions:
        return _form(Action.COMMENT, again, _("要作为补充情况发给社区和承办单位，请点“提交”。"))
    return None


def _form(action: str, data: QueryDict, next_step: str) -> Instead:
    form = ActionForm(data)
    form.is_valid()
    words = _("您提交的时候，情况刚有变化。您写的内容还在。%(next)s") % {"next": next_step}
    return Instead(action, form, HeldForm(status=409, head=_("还没有提交"), text=words))
