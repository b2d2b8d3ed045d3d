"""Remarks and copies, what residents see, and what the record keeps."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.roles import OF_DEPARTMENT
from issues.enums import Action, EventKind
from issues.telling.base import Happening, IssueTelling, always, with_department
from journal.services import REDACT
from reminders.audience import Group, Groups
from reminders.enums import RECOUNT, Topic
from reminders.facts import EventFacts
from reminders.tellings import says


def _to_other_side(event: Happening) -> Groups:
    """The community's word goes to the department, everybody else's to the community too."""
    department = (Group.HANDLER,) if event.has_department else ()
    if event.by_community:
        return department
    return (Group.CLERKS,) if event.actor_role in OF_DEPARTMENT else (Group.CLERKS, *department)


def _copied(event: Happening) -> tuple[int, ...]:
    return tuple(event.data.get("users", ()))


def _desks_copied(event: Happening) -> tuple[tuple[int, Groups], ...]:
    return tuple((pk, (Group.DESK,)) for pk in event.data.get("departments", ()))


def _remark(facts: EventFacts) -> str:
    return gettext("居民留言") if facts.actor_role in ("resident", "leader") else gettext("新留言")


ROWS: Final = (
    IssueTelling(
        kind=Action.CC, title=_("抄送"), words=says(_("抄送给您")), topic=Topic.MESSAGE, named=_copied,
        elsewhere=_desks_copied,
    ),
    IssueTelling(kind=Action.COMMENT, title=_("留言"), words=_remark, topic=Topic.MESSAGE, to=_to_other_side),
    IssueTelling(kind=Action.PUBLISH, title=_("公开")),
    IssueTelling(kind=Action.UNPUBLISH, title=_("撤回公开")),
    IssueTelling(
        kind=Action.REQUEST_EXCLUSION, title=_("申请剔除"), words=says(_("申请剔除统计，待审批")), topic=Topic.DECISION,
        to=always(Group.DEPUTIES, Group.DIRECTORS),
    ),
    IssueTelling(
        kind=Action.GRANT_EXCLUSION, title=_("同意剔除"), words=says(_("已同意剔除统计")), topic=Topic.DECISION,
        to=always(Group.SUPERVISORS, Group.CLERKS),
    ),
    IssueTelling(
        kind=Action.REFUSE_EXCLUSION, title=_("不同意剔除"), words=says(_("未同意剔除统计")), topic=Topic.DECISION,
        to=always(Group.SUPERVISORS),
    ),
    IssueTelling(
        kind=Action.REQUEST_DISCLOSURE, title=_("申请解除保密"), words=says(_("申请解除保密，待审批")),
        topic=Topic.DECISION, to=always(Group.SUPERVISORS),
    ),
    IssueTelling(
        kind=Action.GRANT_DISCLOSURE, title=_("同意解除保密"), words=says(_("已同意解除保密")), topic=Topic.DECISION,
        to=with_department(Group.CLERKS, Group.SECRETARIES),
    ),
    IssueTelling(
        kind=Action.REFUSE_DISCLOSURE, title=_("不同意解除保密"), words=says(_("未同意解除保密")), topic=Topic.DECISION,
        to=always(Group.CLERKS, Group.SECRETARIES),
    ),
    IssueTelling(kind=Action.SET_MESSAGES, title=_("短信通知")),
    IssueTelling(kind=EventKind.REVEAL, title=_("查看完整信息")),
    IssueTelling(kind=EventKind.PRINT, title=_("打印回执")),
    IssueTelling(kind=EventKind.HOLD, title=_("依法保留")),
    IssueTelling(kind=EventKind.UNHOLD, title=_("解除依法保留")),
    IssueTelling(kind=EventKind.MASK, title=_("清除个人信息")),
    IssueTelling(kind=REDACT, title=_("文字已遮盖")),
    IssueTelling(kind=RECOUNT, title=_("按放假安排重算时限")),
)  # fmt: skip
