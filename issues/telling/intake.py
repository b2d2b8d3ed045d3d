"""Raising, completing, accepting and correcting a matter."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deadlines.enums import PRESSING, Level
from issues.enums import Action, Turn
from issues.telling.base import Happening, IssueTelling, moves, to_community
from reminders.audience import Group, Groups
from reminders.enums import Topic
from reminders.facts import EventFacts
from reminders.tellings import says

_BRINGS_ON: Final = frozenset({"community", "level"})
"""What a correction brings on: a community that had nothing to do with it, or other limits."""


def _changed(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data.get("changed", {})
    return found


def _to_raised(event: Happening) -> Groups:
    return (Group.CLERKS, Group.SECRETARIES) if event.level in PRESSING else (Group.CLERKS,)


def _to_edited(event: Happening) -> Groups:
    """Whoever works on it; a community to which it came as of a new one; of another level whoever did not set it."""
    working: Groups = (Group.HANDLER,) if event.has_department else ()
    changed = _changed(event.data)
    if "level" in changed:
        working = (*working, *to_community(event))
    return tuple(dict.fromkeys((*working, *(_to_raised(event) if "community" in changed else ()))))


def _to_failed(event: Happening) -> Groups:
    """Who calls where a message did not arrive; what a person noted of a contact concerns nobody else."""
    return (Group.CLERKS,) if event.actor_role == "system" else ()


def _to_accepted(event: Happening) -> Groups:
    """Who decides where it goes: the community, unless it accepted it itself; after two returns the supervisor."""
    return (Group.SUPERVISORS,) if event.turn == Turn.SUPERVISOR else to_community(event)


def _edited(facts: EventFacts) -> str:
    changed = _changed(facts.data)
    if "community" in changed:
        return gettext("工单已改属%(community)s") % {"community": facts.places[0]}
    if "level" in changed:
        return gettext("工单级别改为%(level)s") % {"level": Level(facts.level).label}
    return gettext("工单内容有更正")


def _info(facts: EventFacts) -> str:
    return gettext("逾期未补充材料，待受理") if facts.data.get("expired") else gettext("已补充材料，待受理")


ROWS: Final = (
    IssueTelling(
        kind=Action.CREATE, title=_("登记"), words=says(_("新工单待受理")), topic=Topic.NEW, to=_to_raised, moves=moves,
        raises=True,
    ),
    IssueTelling(
        kind=Action.CONTACT, title=_("首次联系"), words=says(_("短信未送达，请电话告知反映人")), topic=Topic.NEW,
        to=_to_failed, titled=lambda role, data, by_nobody: gettext("短信未送达") if by_nobody else "",
    ),
    IssueTelling(
        kind=Action.ACCEPT, title=_("受理"), words=says(_("已受理，待派单")), topic=Topic.NEW, to=_to_accepted,
        moves=moves
    ),
    IssueTelling(
        kind=Action.REQUEST_INFO, title=_("要求补充"), words=says(_("要求反映人补充材料")), topic=Topic.MESSAGE,
        to=to_community,
    ),
    IssueTelling(
        kind=Action.GIVE_INFO, title=_("补充"), words=_info, topic=Topic.NEW, to=to_community, moves=moves,
        titled=lambda role, data, by_nobody: gettext("逾期未补充") if data.get("expired") else "",
    ),
    IssueTelling(kind=Action.REJECT, title=_("不予受理")),
    IssueTelling(kind=Action.ANSWER_NOW, title=_("即时办结")),
    IssueTelling(
        kind=Action.EDIT, title=_("更正"), words=_edited, topic=Topic.MESSAGE, to=_to_edited,
        moves=lambda event: not _BRINGS_ON.isdisjoint(_changed(event.data)),
    ),
)  # fmt: skip
