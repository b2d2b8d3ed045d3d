"""Urging, documents of supervision, instructions."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from issues.enums import Action
from issues.telling.base import Happening, IssueTelling, always, direction, moves, to_whose_move
from papers.enums import DraftKind
from reminders.audience import Group, Groups
from reminders.enums import Topic
from reminders.facts import EventFacts
from reminders.tellings import says


def draft_kind(data: Mapping[str, Any]) -> str:
    """Which document an event of supervision is about; "" where it does not say."""
    return str(data.get("kind") or data.get("request") or "")


def _to_signer(event: Happening) -> Groups:
    return (Group.DIRECTORS,) if draft_kind(event.data) == DraftKind.RED_CARD else (Group.DEPUTIES,)


def _document(facts: EventFacts) -> dict[str, str]:
    kind = draft_kind(facts.data)
    return {"document": str(DraftKind(kind).label) if kind in DraftKind.values else gettext("督办文书")}


def _drafted(facts: EventFacts) -> str:
    by_time = facts.actor_role == "system"
    words = gettext("超期自动拟稿：%(document)s待签发") if by_time else gettext("%(document)s待签发")
    return words % _document(facts)


ROWS: Final = (
    IssueTelling(
        kind=Action.URGE, title=_("催办"), words=says(_("催办")), topic=Topic.URGE, to=to_whose_move, moves=moves
    ),
    IssueTelling(
        kind=Action.REQUEST_CALLBACK, title=_("请求回电"), words=says(_("居民请求回电")), topic=Topic.NEW,
        to=always(Group.CLERKS), moves=moves,
    ),
    IssueTelling(
        kind=Action.SUPERVISE, title=_("拟督办"), words=_drafted, topic=Topic.URGE, to=_to_signer,
        titled=lambda role, data, by_nobody: gettext("自动拟督办") if by_nobody else "",
    ),
    IssueTelling(
        kind=Action.SIGN, title=_("签发"), words=lambda facts: gettext("已签发%(document)s") % _document(facts),
        topic=Topic.URGE, to=direction(Group.SUPERVISORS), moves=moves,
    ),
    IssueTelling(
        kind=Action.REFUSE_SIGN, title=_("不予签发"), topic=Topic.URGE, to=always(Group.SUPERVISORS),
        words=lambda facts: gettext("未同意签发%(document)s") % _document(facts),
    ),
    IssueTelling(
        kind=Action.LIFT, title=_("解除督办"), words=says(_("已解除督办")), topic=Topic.URGE,
        to=direction(Group.SUPERVISORS),
    ),
    IssueTelling(
        kind=Action.INSTRUCT, title=_("批示"), words=says(_("领导批示")), topic=Topic.URGE,
        to=direction(Group.SUPERVISORS, Group.CLERKS), moves=moves,
    ),
)  # fmt: skip
