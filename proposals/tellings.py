"""Clocks and rungs of proposals, how people are told of what happens to one, and whom each event concerns."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deadlines.kinds import ClockSpec, Owed
from proposals.enums import ProposalClock
from reminders.audience import Group, Groups
from reminders.enums import REMIND, Ladder, RungRole, Topic
from reminders.ladder import Rung
from reminders.rungs import RungSpec
from reminders.tellings import Telling, says

_HANDED_OVER: Final = _("自交办之日起")


def _clock(kind: ProposalClock, verb: Promise, since: Promise) -> ClockSpec:
    return ClockSpec(kind.value, kind.label, Owed.DEPARTMENT, verb, since, side=True, outlives=True)


CLOCKS: Final = (
    _clock(ProposalClock.HANDLING, _("答复代表"), _HANDED_OVER),
    _clock(ProposalClock.LONG, _("答复代表"), _HANDED_OVER),
    _clock(ProposalClock.AGAIN, _("重新答复代表"), _("自代表不满意之日起")),
    _clock(ProposalClock.PART, _("提出会办意见"), _HANDED_OVER),
    _clock(ProposalClock.REPORT, _("再次答复代表"), _("自承诺确认兑现起")),
)

DUE, LATE = "proposal_due", "proposal_late"
RUNGS: Final = (
    RungSpec(DUE, _("代表建议临近期限"), _("%(clock)s临期"), 173),
    RungSpec(LATE, _("代表建议逾期"), _("%(clock)s已逾期"), 177, Topic.URGE),
)

_HANDLER, _HEAD = RungRole.HANDLER.value, RungRole.HEAD.value
_SUPERVISOR, _DEPUTY, _DIRECTOR = RungRole.SUPERVISOR.value, RungRole.DEPUTY.value, RungRole.DIRECTOR.value
_ALL: Final = frozenset(ProposalClock.values)
_WORKING: Final = Ladder.WORKING.value
LADDER: Final = (
    Rung(_WORKING, DUE, 2, "half", (_HANDLER,), _ALL),
    Rung(_WORKING, DUE, 3, "soon", (_HANDLER, _HEAD), _ALL),
    Rung(_WORKING, DUE, 4, "due_day", (_HANDLER, _HEAD), _ALL),
    Rung(_WORKING, LATE, 5, "due", (_HANDLER, _HEAD, _SUPERVISOR), _ALL),
    Rung(_WORKING, LATE, 12, "due+3wd", (_HEAD, _SUPERVISOR, _DEPUTY), _ALL),
    Rung(_WORKING, LATE, 13, "due+5wd", (_HEAD, _SUPERVISOR, _DEPUTY), _ALL),
    Rung(_WORKING, LATE, 14, "due+10wd", (_HEAD, _SUPERVISOR, _DEPUTY, _DIRECTOR), _ALL),
)
"""As migrations put them on stored ladders; docs/rules/proposals.md says whom each tells."""


TELLINGS: Final = (
    Telling(kind="proposal_registered", title=_("交办代表建议"), words=says(_("请按期办理代表建议")), topic=Topic.NEW),
    Telling(kind="proposal_part_added", title=_("增加会办单位"), words=says(_("请提出会办意见")), topic=Topic.NEW),
    Telling(kind="proposal_part_given", title=_("提出会办意见"), words=says(_("会办单位已提出意见"))),
    Telling(kind="proposal_part_waived", title=_("免去会办"), words=says(_("不再需要会办意见"))),
    Telling(
        kind="proposal_time_asked", title=_("申请延期"), words=says(_("申请延期答复，请审批")), topic=Topic.DECISION
    ),
    Telling(kind="proposal_time_granted", title=_("同意延期"), words=says(_("延期已同意"))),
    Telling(kind="proposal_time_refused", title=_("不同意延期"), words=says(_("延期未获同意，请按原定期限答复"))),
    Telling(kind="proposal_answered", title=_("答复代表建议"), words=says(_("已答复，请转交代表并记录代表的意见"))),
    Telling(kind="proposal_opinion", title=_("记录代表意见")),
    Telling(
        kind="proposal_reopened",
        title=_("代表不满意，重新办理"),
        words=says(_("代表不满意，请重新办理并答复")),
        topic=Topic.NEW,
    ),
    Telling(
        kind="proposal_promise_kept",
        title=_("承诺已兑现"),
        words=says(_("承诺已确认兑现，请再次答复代表")),
        topic=Topic.NEW,
    ),
    Telling(kind="proposal_reported_again", title=_("再次答复代表"), words=says(_("承诺兑现的情况已再次答复代表"))),
    Telling(kind="proposal_corrected", title=_("更正登记")),
    Telling(
        kind="proposal_handed_over", title=_("改由另一单位主办"), words=says(_("请按期办理代表建议")), topic=Topic.NEW
    ),
    Telling(kind="proposal_withdrawn", title=_("代表撤回建议"), words=says(_("代表已撤回，不用再办理"))),
    Telling(kind=REMIND, title=_("提醒")),
)

_OWNER: Final = (Group.DESK, Group.HEADS)
TOLD: Final[Mapping[str, Groups]] = {
    "proposal_registered": _OWNER,
    "proposal_part_added": _OWNER,
    "proposal_part_waived": _OWNER,
    "proposal_reopened": _OWNER,
    "proposal_promise_kept": _OWNER,
    "proposal_handed_over": _OWNER,
    "proposal_withdrawn": _OWNER,
}
"""Of the organisation that the event names."""
TO_LEAD: Final = frozenset({"proposal_part_given", "proposal_time_granted", "proposal_time_refused"})
TO_OFFICE: Final = frozenset({"proposal_time_asked", "proposal_answered", "proposal_reported_again"})
