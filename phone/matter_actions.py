"""What a reporter can do on the page of a matter: one row an action, each a page of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.enums import Action

VERDICT: Final = "verdict"
"""The page on which the reporter says what came of it; what was said decides which action that is."""


@dataclass(frozen=True)
class MatterAction:
    """``name`` heads its page, ``question`` asks there what is wanted; ``done`` is read after it.

    Without a question the page asks with the matter's own sentence. ``files``: photos may come along; ``submit`` is on
    the button where that is not 提交.
    """

    name: Promise
    fields: tuple[str, ...]
    done: Promise
    question: Promise | None = None
    files: bool = False
    submit: Promise | None = None


ACTIONS: Final[Mapping[str, MatterAction]] = {
    Action.COMMENT: MatterAction(
        _("补充情况"), ("note",), _("已补充，社区和承办单位都看得到。"), _("您想补充什么？"), files=True
    ),
    Action.GIVE_INFO: MatterAction(
        _("补充情况"), ("note",), _("已补充，社区会接着办理。"), _("您想补充什么？"), files=True
    ),
    Action.REQUEST_CALLBACK: MatterAction(
        *(_("请给我回电"), ("note",), _("已记下，%(within)s给您回电。"), _("请社区给您回电？")),
        submit=_("请给我回电"),
    ),
    Action.SET_MESSAGES: MatterAction(*(_("短信通知"), ("messages",), _("已记下您的选择。"), _("要给您发短信吗？"))),
    Action.WITHDRAW: MatterAction(
        _("撤回诉求"), ("note",), _("已撤回。"), _("确定撤回这件诉求？"), submit=_("撤回诉求")
    ),
    Action.REOPEN: MatterAction(_("要求重新办理"), ("reason",), _("已退回重新办理。"), _("哪里没解决？"), files=True),
    VERDICT: MatterAction(
        *(_("评价"), ("solved", "verdict", "reason", "dissatisfied_reason"), _("谢谢您，已记下您的评价。")), files=True
    ),
}
