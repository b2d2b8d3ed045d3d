"""Replies, checks, verdicts and promises."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from issues.enums import PROMISE_REOPENED, Action, Outcome, Status, Turn, VerdictCheck
from issues.telling.base import Happening, IssueTelling, moves, to_community, verdict_of, with_department
from reminders.audience import Group, Groups
from reminders.enums import Topic
from reminders.facts import EventFacts
from reminders.tellings import says
from reminders.texts import SEPARATOR


def _to_replied(event: Happening) -> Groups:
    """The supervisor decides on "not now" and on samples of what a community did itself."""
    above = event.turn == Turn.SUPERVISOR or event.data.get("outcome") == Outcome.NOT_NOW
    return (Group.CLERKS, *((Group.SUPERVISORS,) if above else ()), Group.WATCHERS)


def _not_waited_for(event: Happening) -> tuple[tuple[int, Groups], ...]:
    """The lead answered without these co-departments: their part is not waited for any longer."""
    return tuple((pk, (Group.DESK,)) for pk in event.data.get("co_missing", ()))


def _to_passed(event: Happening) -> Groups:
    """The community calls back what somebody else checked."""
    return to_community(event) if event.data.get("to") == Status.FOLLOW_UP.value else to_closed(event)


def _to_redone(event: Happening) -> Groups:
    department = (Group.HANDLER, Group.DESK, Group.HEADS)
    return (*department, Group.CLERKS) if event.actor_role == "resident" else department


def to_closed(event: Happening) -> Groups:
    """Told to whoever handled it once it is closed; the community learns what the resident says.

    What somebody says who joined another matter is told there (``joiner_verdict``).
    """
    if event.data.get("status") == Status.MERGED.value:
        return ()
    if event.data.get("sample") == VerdictCheck.REPLACED.value:
        return (*((Group.HANDLER,) if event.has_department else ()), Group.CLERKS)
    by_resident = event.actor_role == "resident"
    if event.data.get("to") == Status.CLOSED.value:
        return (Group.HANDLER, Group.WATCHERS, *((Group.CLERKS,) if by_resident else ()))
    return (Group.CLERKS,) if by_resident else ()


def _to_reopened(event: Happening) -> Groups:
    """What was answered at once has no department: the community takes it up, and the supervisor knows."""
    if not event.has_department:
        return Group.CLERKS, Group.SUPERVISORS, Group.WATCHERS
    return Group.HANDLER, Group.CLERKS, Group.WATCHERS


def _closed(facts: EventFacts) -> str:
    if facts.data.get("to") == Status.CLOSED.value:
        return gettext("已办结")
    return gettext("居民已评价") if facts.actor_role == "resident" else gettext("已记录回访")


def _redone(facts: EventFacts) -> str:
    return gettext("居民表示没有解决，退回重办") if facts.actor_role == "resident" else gettext("退回重办")


def _outcome(facts: EventFacts) -> str:
    outcome = facts.data.get("outcome")
    label = str(Outcome(outcome).label) if outcome in Outcome.values else ""
    return SEPARATOR.join(part for part in (facts.department, label) if part)


def _followed_up_as(role: str, data: Mapping[str, Any], by_nobody: bool) -> str:
    if role == "resident":
        return gettext("居民评价")
    return gettext("抽查回访") if data.get("sample") else ""


ROWS: Final = (
    IssueTelling(
        kind=Action.REPLY, title=_("答复"), words=says(_("已答复，待核查")), more=_outcome, to=_to_replied,
        elsewhere=_not_waited_for,
    ),
    IssueTelling(kind=Action.VERIFY_PASS, title=_("核查通过"), words=_closed, to=_to_passed),
    IssueTelling(
        kind=Action.REDO, title=_("退回重办"), words=_redone, more=verdict_of, topic=Topic.NEW, to=_to_redone,
        moves=moves,
        titled=lambda role, data, by_nobody: gettext("居民表示没有解决") if role == "resident" else "",
    ),
    IssueTelling(
        kind=Action.RECORD_FOLLOW_UP, title=_("回访"), words=_closed, more=verdict_of, to=to_closed,
        titled=_followed_up_as
    ),
    IssueTelling(
        kind=Action.CLOSE_EXPLAINED, title=_("解释办结"), words=says(_("已解释办结")),
        to=with_department(Group.CO_DESKS, Group.CLERKS, Group.WATCHERS),
    ),
    IssueTelling(
        kind=Action.REOPEN, title=_("重新办理"), words=says(_("重新办理")), topic=Topic.NEW, to=_to_reopened,
        moves=moves
    ),
    IssueTelling(
        kind=Action.WITHDRAW, title=_("撤回"), words=says(_("反映人已撤回")),
        to=with_department(Group.CO_DESKS, Group.CLERKS),
    ),
    IssueTelling(
        kind=Action.FULFIL, title=_("兑现承诺"), words=says(_("承诺已兑现")),
        to=with_department(Group.CLERKS, Group.WATCHERS),
    ),
    IssueTelling(
        kind=Action.MOVE_PROMISE, title=_("承诺改期"), words=says(_("承诺改期")),
        to=with_department(Group.HEADS, Group.CLERKS),
    ),
    IssueTelling(kind=PROMISE_REOPENED, title=_("承诺未兑现，继续办理")),
)  # fmt: skip
