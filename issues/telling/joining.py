"""Several people's matters as one."""

from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from issues.enums import Action, EventKind, Status
from issues.telling.answering import to_closed
from issues.telling.base import (
    Happening,
    IssueTelling,
    moves,
    objects,
    to_community,
    to_whose_move,
    verdict_of,
)  # fmt: skip
from reminders.audience import Group, Groups
from reminders.enums import Topic
from reminders.facts import EventFacts
from reminders.tellings import says


def _to_merged(event: Happening) -> Groups:
    """Whoever works on a matter that joins another one is done with it, and so is whose part was still waited for."""
    working = (Group.HANDLER, Group.CO_DESKS) if event.has_department else ()
    return (*working, *to_community(event), Group.WATCHERS)


def _to_joined(event: Happening) -> Groups:
    """Not for each who joins: when it is no longer one person's matter, and when it becomes a collective one."""
    if event.data.get("collective"):
        return (Group.HANDLER, Group.HEADS, Group.CLERKS, Group.SUPERVISORS, Group.DEPUTIES)
    persons = event.number("persons")
    shared = (event.number("persons_before") or persons - 1) < 2 <= persons
    return (Group.HANDLER,) if shared and event.has_department else ()


def _to_joiner_said(event: Happening) -> Groups:
    """Any "not solved" goes to the supervisor; the last verdict may close the matter."""
    if objects(event.data):
        return (Group.SUPERVISORS, *to_community(event))
    return to_closed(event)


def _joined(facts: EventFacts) -> str:
    persons = {"n": int(facts.data.get("persons") or 0)}
    if facts.data.get("collective"):
        return gettext("群体性诉求：已有%(n)d人反映同一事项") % persons
    return gettext("又有人反映同一事项，共%(n)d人") % persons


def _joiner_said(facts: EventFacts) -> str:
    if objects(facts.data):
        return gettext("并案反映人表示没有解决")
    return gettext("已办结") if facts.data.get("to") == Status.CLOSED.value else gettext("并案反映人已评价")


ROWS: Final = (
    IssueTelling(
        kind=Action.MERGE, title=_("并案"), words=says(_("已并入另一工单")), to=_to_merged,
        titled=lambda role, data, by_nobody: gettext("我也遇到了") if by_nobody else "",
    ),
    IssueTelling(
        kind=Action.UNMERGE, title=_("撤销并案"), words=says(_("已撤销并案，继续办理")), topic=Topic.NEW,
        to=to_whose_move,
        moves=moves,
    ),
    IssueTelling(kind=EventKind.JOIN, title=_("有人并入此件"), words=_joined, topic=Topic.NEW, to=_to_joined),
    IssueTelling(kind=EventKind.LEAVE, title=_("有人退出并案")),
    IssueTelling(
        kind=EventKind.JOINER_VERDICT, title=_("并案反映人评价"), words=_joiner_said, more=verdict_of,
        to=_to_joiner_said
    ),
    IssueTelling(kind=EventKind.MASTER_CHANGED, title=_("主件变更")),
    IssueTelling(kind=EventKind.VERDICT_RESET, title=_("重新办理后再次回访")),
)  # fmt: skip
