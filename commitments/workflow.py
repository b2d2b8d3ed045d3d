"""What may be done to a commitment, as data: in which state, by whom, with which fields. No ORM, no HTTP.

Source: docs/rules/commitments.md. A promise made on a matter is reported as kept, moved and taken back by the matter's
own actions (issues.workflow); ``alone`` marks the rows that are only for what stands for itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from commitments.enums import CommitmentAction as Action
from commitments.enums import CommitmentState as State

if TYPE_CHECKING:
    from commitments.models import Commitment, DateChange
    from communities.access import Access


class PromiseParty(StrEnum):
    """What a person is to one commitment. A person may be several."""

    OWNER = "owner"
    CO_OWNER = "co_owner"
    RAISER = "raiser"
    SUPERVISOR = "supervisor"
    DIRECTION = "direction"
    DIRECTOR = "director"


@dataclass(frozen=True)
class PromiseRule:
    """One action. ``visible``: what is public of the promise tells of it. ``files``: they may come along."""

    action: Action
    label: Promise
    states: frozenset[State]
    who: frozenset[PromiseParty]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    alone: bool = False
    visible: bool = False
    files: bool = False
    needs_version: bool = True


O, K, R, S, D, DD = PromiseParty  # noqa: E741
_OPEN = frozenset({State.OPEN})
_WORKED_ON = frozenset({State.OPEN, State.REPORTED})
_DONE = frozenset({State.REPORTED, State.FULFILLED})
_STANDING = frozenset({State.OPEN, State.REPORTED, State.FULFILLED})


def _who(*parties: PromiseParty) -> frozenset[PromiseParty]:
    return frozenset(parties)


# fmt: off
TABLE: Final[tuple[PromiseRule, ...]] = (
    PromiseRule(Action.REPORT_DONE, _("报告已兑现"), _OPEN, _who(O), ("note",), ("stage",), alone=True, visible=True,
        files=True),
    PromiseRule(Action.CONFIRM, _("确认兑现"), frozenset({State.REPORTED}), _who(R), (), ("note",), visible=True),
    PromiseRule(Action.REOPEN, _("未兑现，继续办理"), _DONE, _who(R, S), ("reason",), visible=True),
    PromiseRule(Action.GRANT_MOVE, _("同意改期"), _OPEN, _who(S), (), ("note",), alone=True, visible=True),
    PromiseRule(Action.REFUSE_MOVE, _("不同意改期"), _OPEN, _who(S), ("reason",)),
    PromiseRule(Action.SIGN, _("签发"), _OPEN, _who(D, DD), ("kind",), alone=True),
    PromiseRule(Action.REFUSE_SIGN, _("不予签发"), _OPEN, _who(D, DD), ("kind", "reason"), alone=True),
    PromiseRule(Action.NOTE, _("记录进展"), _WORKED_ON, _who(O, K, R, S), ("note",), ("visible", "stage"), files=True,
        needs_version=False),
    PromiseRule(Action.REACH_MILESTONE, _("节点已完成"), _OPEN, _who(O, S), ("milestone",), ("note",), visible=True),
    PromiseRule(Action.ADD_MILESTONE, _("添加节点"), _OPEN, _who(O, S), ("text", "on")),
    PromiseRule(Action.ASK_MOVE, _("申请改期"), _OPEN, _who(O), ("on", "reason")),
    PromiseRule(Action.RELEASE, _("公开这项承诺"), _STANDING, _who(S), alone=True),
    PromiseRule(Action.UNRELEASE, _("撤回公开"), frozenset(State), _who(S), ("reason",), alone=True),
    PromiseRule(Action.WITHDRAW, _("撤回承诺"), _OPEN, _who(S), ("reason",), alone=True),
)
# fmt: on

ROWS: Final = {row.action: row for row in TABLE}

_OF_HISTORIC: Final = frozenset({Action.NOTE, Action.RELEASE, Action.UNRELEASE})


def parties(
    access: "Access", row: "Commitment", co_owner_ids: Collection[int], *, external: bool
) -> frozenset[PromiseParty]:
    """What this person is to it. For an owner without accounts (``external``) who raised it and the office act.

    Where no community raised it, or one whose own team owes it, the office takes its part: nobody confirms their own.
    """
    found = set()
    supervises = access.is_in(Role.SUPERVISOR, row.subdistrict_id)
    if supervises:
        found.add(S)
    if supervises if row.is_the_offices else row.community_id in access.community_ids:
        found.add(R)
    if row.owner_id in access.department_ids or (external and found):
        found.add(O)
    if not access.department_ids.isdisjoint(co_owner_ids):
        found.add(K)
    if access.is_in(Role.DEPUTY, row.subdistrict_id):
        found.add(D)
    if access.is_in(Role.DIRECTOR, row.subdistrict_id):
        found.add(DD)
    return frozenset(found)


def refusal(
    action: Action, row: "Commitment", access: "Access", asked: "DateChange | None", signable: Collection[str]
) -> Promise | str | None:
    """Why this cannot be done to it now by this person whose part allows it; None where it can."""
    rule = ROWS[action]
    if row.historic and action not in _OF_HISTORIC:
        return _("历史资料只供查阅，不再办理")
    if rule.alone and not row.stands_alone:
        return _("这项承诺随工单办理，请到工单页操作")
    if row.state not in rule.states:
        return _("承诺当前为“%(state)s”，不能进行此操作") % {"state": row.get_state_display()}
    own = access.user_id
    if action in (Action.GRANT_MOVE, Action.REFUSE_MOVE):
        if asked is None:
            return _("没有待审批的改期申请")
        return _("改期须由另一人批准，不能由申请人自己决定") if asked.asked_by_id == own else None
    if action == Action.ASK_MOVE and asked is not None:
        return _("已有一份改期申请待审批")
    if action == Action.CONFIRM and row.reported_by_id == own:
        return _("兑现须由另一人确认，不能由报告的人自己确认")
    if action == Action.CONFIRM and row.owner_id in access.department_ids:
        return _("兑现须由提出事项的一方确认，不能由承诺单位自己确认")
    if action in (Action.SIGN, Action.REFUSE_SIGN) and not signable:
        return _("没有待您签发的文书")
    if action == Action.RELEASE and row.released_at is not None:
        return _("这项承诺已经公开")
    if action == Action.UNRELEASE and row.released_at is None:
        return _("这项承诺没有公开")
    return None
