"""How people are told of what happens to a commitment, and whom each event concerns."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commitments import workflow
from commitments.enums import CommitmentAction as Action
from commitments.enums import event_of
from reminders.audience import Group, Groups
from reminders.enums import REMIND, Topic
from reminders.tellings import Telling, says

_WORDS: Final[Mapping[Action, tuple[Promise, Topic]]] = {
    Action.REPORT_DONE: (_("承诺单位报告已兑现，请核实确认"), Topic.NEW),
    Action.CONFIRM: (_("承诺已确认兑现"), Topic.RESULT),
    Action.REOPEN: (_("承诺未兑现，请继续办理"), Topic.NEW),
    Action.ASK_MOVE: (_("申请承诺改期，请审批"), Topic.NEW),
    Action.GRANT_MOVE: (_("承诺改期已同意"), Topic.RESULT),
    Action.REFUSE_MOVE: (_("承诺改期未获同意，请按原定日期办理"), Topic.RESULT),
    Action.WITHDRAW: (_("承诺已撤回"), Topic.RESULT),
    Action.SIGN: (_("督办文书已签发"), Topic.URGE),
}
"""What is wanted of whom an event concerns; of the others only the timeline tells."""

MADE: Final = event_of("made")
DRAFTED: Final = event_of("drafted")


def _of(row: workflow.PromiseRule) -> Telling:
    if row.action not in _WORDS:
        return Telling(kind=event_of(row.action), title=row.label)
    words, topic = _WORDS[row.action]
    return Telling(kind=event_of(row.action), title=row.label, words=says(words), topic=topic)


TELLINGS: Final = (
    Telling(kind=MADE, title=_("作出承诺"), words=says(_("新的承诺，请按期兑现")), topic=Topic.NEW),
    Telling(kind=event_of("recorded"), title=_("录入历史资料")),
    *map(_of, workflow.TABLE),
    Telling(kind=DRAFTED, title=_("拟督办文书"), words=says(_("督办文书待签发")), topic=Topic.URGE),
    Telling(kind=REMIND, title=_("提醒")),
)

_OWNER: Final = (Group.DESK, Group.HEADS)

TO_OWNER: Final[Mapping[str, Groups]] = {
    MADE: (*_OWNER, Group.CO_DESKS),
    event_of(Action.CONFIRM): _OWNER,
    event_of(Action.REOPEN): _OWNER,
    event_of(Action.GRANT_MOVE): _OWNER,
    event_of(Action.REFUSE_MOVE): _OWNER,
    event_of(Action.WITHDRAW): (*_OWNER, Group.CO_DESKS),
    event_of(Action.SIGN): _OWNER,
    event_of(Action.ASK_MOVE): (Group.SUPERVISORS,),
    DRAFTED: (Group.DEPUTIES,),
}
"""Groups of the owner and of the office."""

TO_RAISER: Final = frozenset({event_of(Action.REPORT_DONE), event_of(Action.GRANT_MOVE)})
"""What whoever raised it hears, too: its community, else the office."""
