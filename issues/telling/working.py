"""Progress, and what is asked and decided about time."""

from datetime import date
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.clock import local
from issues.enums import Action
from issues.policies import DIRECTOR_AFTER_DAYS, DIRECTOR_AFTER_GRANTS
from issues.telling.base import DECIDED, Happening, IssueTelling, always, days_of, until_of
from reminders.audience import Group, Groups
from reminders.enums import Topic
from reminders.tellings import says

_REFUSED: Final = always(Group.HANDLER, Group.HEADS)


def _to_suspension_asked(event: Happening) -> Groups:
    """Long deferrals and a third renewal are the director's to grant (issues.policies.needs_director)."""
    began = local(event.suspended_at or event.at).date()
    until = event.data.get("until")
    too_long = bool(until) and (date.fromisoformat(str(until)) - began).days > DIRECTOR_AFTER_DAYS
    renewed = event.suspended_at is not None and event.suspensions >= DIRECTOR_AFTER_GRANTS
    above = (Group.DIRECTORS,) if too_long or renewed else ()
    return (Group.HEADS, Group.SUPERVISORS, *above)


ROWS: Final = (
    IssueTelling(
        kind=Action.PROGRESS, title=_("办理进展"), words=says(_("有新的办理进展")), topic=Topic.MESSAGE,
        to=always(Group.WATCHERS),
        titled=lambda role, data, by_nobody: gettext("首次反馈") if data.get("first_report") else "",
    ),
    IssueTelling(
        kind=Action.REQUEST_EXTENSION, title=_("申请延期"), topic=Topic.DECISION,
        words=lambda facts: gettext("申请延期%(days)d个工作日，待审批") % days_of(facts),
        to=always(Group.HEADS, Group.SUPERVISORS),
    ),
    IssueTelling(
        kind=Action.GRANT_EXTENSION, title=_("同意延期"), topic=Topic.DECISION,
        words=lambda facts: gettext("同意延期%(days)d个工作日") % days_of(facts), to=DECIDED,
    ),
    IssueTelling(
        kind=Action.REFUSE_EXTENSION, title=_("不同意延期"), words=says(_("不同意延期")), topic=Topic.DECISION,
        to=_REFUSED
    ),
    IssueTelling(
        kind=Action.REQUEST_SUSPENSION, title=_("申请挂账"), topic=Topic.DECISION,
        words=lambda facts: gettext("申请挂账至%(until)s，待审批") % until_of(facts), to=_to_suspension_asked,
    ),
    IssueTelling(
        kind=Action.GRANT_SUSPENSION, title=_("同意挂账"), topic=Topic.DECISION,
        words=lambda facts: gettext("同意挂账至%(until)s") % until_of(facts), to=DECIDED,
    ),
    IssueTelling(
        kind=Action.REFUSE_SUSPENSION, title=_("不同意挂账"), words=says(_("不同意挂账")), topic=Topic.DECISION,
        to=_REFUSED
    ),
    IssueTelling(
        kind=Action.ENDORSE, title=_("部门同意"), words=says(_("部门负责人已同意申请，待审批")), topic=Topic.DECISION,
        to=always(Group.SUPERVISORS, Group.HANDLER),
    ),
    IssueTelling(kind=Action.RESUME, title=_("恢复办理"), words=says(_("恢复办理")), to=DECIDED),
)  # fmt: skip
