"""Bringing a matter to whoever is responsible."""

from typing import Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from issues.enums import Action, EventKind
from issues.policies import RETURNS_UNTIL_SUPERVISOR
from issues.telling.base import Happening, IssueTelling, always, moves, to_community
from reminders.audience import Group, Groups, of_roles
from reminders.enums import Topic
from reminders.facts import EventFacts
from reminders.tellings import says


def _to_desk(event: Happening) -> Groups:
    return of_roles(event.new_roles, "acknowledge")


def _to_assigned_finally(event: Happening) -> Groups:
    return tuple(dict.fromkeys((*_to_desk(event), Group.HEADS, Group.CLERKS)))


def _to_reassigned(event: Happening) -> Groups:
    return (*_to_desk(event), *to_community(event))


def _to_acknowledged(event: Happening) -> Groups:
    """Silence that time took for an answer is everybody's business; a signature is nobody's."""
    if not event.data.get("deemed"):
        return ()
    return (Group.HANDLER, Group.HEADS, Group.CLERKS, Group.SUPERVISORS)


def _to_returned(event: Happening) -> Groups:
    return (Group.SUPERVISORS,) if event.number("returns") >= RETURNS_UNTIL_SUPERVISOR else (Group.CLERKS,)


def _assigned(event: Happening) -> tuple[int, ...]:
    officer = event.data.get("officer")
    return (officer,) if isinstance(officer, int) else ()


def _handed(event: Happening) -> tuple[int, ...]:
    """Whoever took over is told once of all that came along: by the event that counts them."""
    return _assigned(event) if "handed" in event.data else ()


def _to_handed(event: Happening) -> Groups:
    return (Group.DESK,) if "handed" in event.data and event.data["officer"] is None else ()


def _before(event: Happening) -> tuple[tuple[int, Groups], ...]:
    """The organisation that had it."""
    previous = event.data.get("previous")
    return ((previous, (Group.DESK, Group.HEADS)),) if previous else ()


def _leading(event: Happening) -> tuple[tuple[int, Groups], ...]:
    return ((event.department_id, (Group.HANDLER,)),) if event.department_id is not None else ()


def _acknowledged(facts: EventFacts) -> str:
    return gettext("超过两倍时限未签收，视为签收") if facts.data.get("deemed") else gettext("已签收")


def _handed_over(facts: EventFacts) -> str:
    number = {"n": facts.data.get("handed", 1)}
    if facts.data.get("officer") is None:
        return ngettext("承办人离任，%(n)d 件交回收件岗", "承办人离任，%(n)d 件交回收件岗", number["n"]) % number
    return ngettext("%(n)d 件交接给您承办", "%(n)d 件交接给您承办", number["n"]) % number


def _returned(facts: EventFacts) -> str:
    if facts.data.get("returns", 0) > 1:
        return gettext("已退单%(n)d次，待裁定") % {"n": facts.data["returns"]}
    return gettext("退单，待重新派单")


ROWS: Final = (
    IssueTelling(
        kind=Action.DISPATCH, title=_("派单"), words=says(_("新派工单待签收")), topic=Topic.NEW, to=_to_desk,
        moves=moves,
        of_named=True, starts_at_desk=True, inbox_kind="new",
    ),
    IssueTelling(
        kind=Action.TRANSFER_OUT, title=_("转交外单位"), words=says(_("已转交外单位，请跟踪办理情况")), topic=Topic.NEW,
        to=to_community, moves=moves,
    ),
    IssueTelling(
        kind=Action.ACKNOWLEDGE, title=_("签收"), words=_acknowledged, to=_to_acknowledged,
        titled=lambda role, data, by_nobody: gettext("视为签收") if data.get("deemed") else "",
    ),
    IssueTelling(
        kind=Action.ASSIGN, title=_("指派承办人"), words=says(_("指派您承办")), topic=Topic.NEW, named=_assigned
    ),
    IssueTelling(
        kind=EventKind.HAND_OVER, title=_("交接"), words=_handed_over, topic=Topic.NEW, named=_handed, to=_to_handed
    ),
    IssueTelling(kind=Action.RETURN, title=_("退单"), words=_returned, topic=Topic.NEW, to=_to_returned, moves=moves),
    IssueTelling(
        kind=Action.ASSIGN_FINAL, title=_("指定承办"), words=says(_("指定承办，待签收，不能退单")), topic=Topic.NEW,
        to=_to_assigned_finally, moves=moves, of_named=True, starts_at_desk=True,
    ),
    IssueTelling(
        kind=Action.REASSIGN, title=_("转派"), words=says(_("工单已转派，待新承办单位签收")), topic=Topic.NEW,
        to=_to_reassigned, moves=moves, of_named=True, starts_at_desk=True, elsewhere=_before,
    ),
    IssueTelling(
        kind=Action.ADD_DEPARTMENT, title=_("加协办"), words=says(_("请协办并答复")), topic=Topic.NEW,
        to=always(Group.DESK), moves=moves, of_named=True,
    ),
    IssueTelling(
        kind=Action.WAIVE_DEPARTMENT, title=_("免协办"), words=says(_("已免予协办")), topic=Topic.NEW,
        to=always(Group.DESK), of_named=True, elsewhere=_leading,
    ),
    IssueTelling(kind=Action.CO_REPLY, title=_("协办答复"), words=says(_("协办单位已答复")), to=always(Group.HANDLER)),
)  # fmt: skip
