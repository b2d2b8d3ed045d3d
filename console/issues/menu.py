"""The menu 更多操作 as data: which group an action stands in, and which refused ones are worth showing with the reason.

A refused action stays in the menu, grey, where a person may well look for it: the status allows it but a rule does
not (不能答复：协办单位尚未反馈), or the next status would (答复 before 签收). It is left out where there is nothing to
act on (撤销并案 of an issue that is not merged) and where its time is past or far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from issues import workflow
from issues.enums import Action, Status

GROUPS: Final[tuple[tuple[Promise, tuple[str, ...]], ...]] = (
    (
        gettext_lazy("流转"),
        (
            Action.ACCEPT, Action.REQUEST_INFO, Action.GIVE_INFO, Action.ANSWER_NOW, Action.DISPATCH,
            Action.TRANSFER_OUT, Action.ASSIGN_FINAL, Action.ACKNOWLEDGE, Action.ASSIGN, Action.CO_REPLY,
            Action.REPLY, Action.VERIFY_PASS, Action.RECORD_FOLLOW_UP, Action.REDO, Action.ADD_DEPARTMENT,
            Action.WAIVE_DEPARTMENT, Action.RETURN, Action.REASSIGN, Action.MERGE, Action.UNMERGE, Action.REOPEN,
            Action.CLOSE_EXPLAINED, Action.REJECT, Action.WITHDRAW,
        ),
    ),
    (
        gettext_lazy("时限"),
        (
            Action.REQUEST_EXTENSION, Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION, Action.REQUEST_SUSPENSION,
            Action.GRANT_SUSPENSION, Action.REFUSE_SUSPENSION, Action.ENDORSE, Action.RESUME, Action.FULFIL,
            Action.MOVE_PROMISE,
        ),
    ),
    (
        gettext_lazy("督办"),
        (Action.URGE, Action.INSTRUCT, Action.SUPERVISE, Action.SIGN, Action.REFUSE_SIGN, Action.LIFT),
    ),
    (
        gettext_lazy("记录"),
        (
            Action.CONTACT, Action.PROGRESS, Action.COMMENT, Action.CC, Action.EDIT, Action.PUBLISH, Action.UNPUBLISH,
            Action.REQUEST_CALLBACK, Action.REQUEST_EXCLUSION, Action.GRANT_EXCLUSION, Action.REFUSE_EXCLUSION,
            Action.REQUEST_DISCLOSURE, Action.GRANT_DISCLOSURE, Action.REFUSE_DISCLOSURE,
        ),
    ),
)  # fmt: skip

ONLY_WHEN_POSSIBLE: Final = frozenset({
    Action.WAIVE_DEPARTMENT, Action.CO_REPLY, Action.ASSIGN_FINAL, Action.UNMERGE, Action.GRANT_EXTENSION,
    Action.REFUSE_EXTENSION, Action.GRANT_SUSPENSION, Action.REFUSE_SUSPENSION, Action.ENDORSE, Action.SIGN,
    Action.REFUSE_SIGN, Action.LIFT, Action.PUBLISH, Action.UNPUBLISH, Action.REQUEST_EXCLUSION,
    Action.GRANT_EXCLUSION, Action.REFUSE_EXCLUSION, Action.REQUEST_DISCLOSURE, Action.GRANT_DISCLOSURE,
    Action.REFUSE_DISCLOSURE, Action.WITHDRAW, Action.REQUEST_CALLBACK, Action.REOPEN, Action.FULFIL,
    Action.MOVE_PROMISE,
})  # fmt: skip
"""Actions that answer something: without it there is nothing to refuse."""

SHOWN_AHEAD: Final[dict[str, frozenset[Status]]] = {
    Action.DISPATCH: frozenset({Status.SUBMITTED}),
    Action.REPLY: frozenset({Status.DISPATCHED, Status.SUSPENDED}),
    Action.ADD_DEPARTMENT: frozenset({Status.DISPATCHED}),
    Action.REQUEST_EXTENSION: frozenset({Status.DISPATCHED}),
    Action.VERIFY_PASS: frozenset({Status.IN_PROGRESS}),
    Action.RECORD_FOLLOW_UP: frozenset({Status.REPLIED}),
}
"""Actions that are shown grey one status before they become possible."""


class _Item(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def allowed(self) -> bool: ...
    @property
    def primary(self) -> bool: ...


Item = TypeVar("Item", bound=_Item)


@dataclass(frozen=True)
class MenuGroup(Generic[Item]):
    """Actions under a heading: the possible ones first."""

    label: str
    items: tuple[Item, ...]


def menu_of(actions: Sequence[Item], status: str) -> tuple[MenuGroup[Item], ...]:
    """The groups of the menu; the primary action stands beside it and not in it."""
    by_code = {action.code: action for action in actions if not action.primary and is_shown(action, status)}
    found = []
    for label, codes in GROUPS:
        items = sorted((by_code[code] for code in codes if code in by_code), key=lambda item: not item.allowed)
        if items:
            found.append(MenuGroup(str(label), tuple(items)))
    return tuple(found)


def is_shown(action: _Item, status: str) -> bool:
    """Whether an action stands in the menu in this status."""
    if action.allowed:
        return True
    if action.code in ONLY_WHEN_POSSIBLE:
        return False
    return _row_holds(action.code, status) or status in SHOWN_AHEAD.get(action.code, frozenset())


def _row_holds(action: str, status: str) -> bool:
    rows: Iterable[workflow.Row] = workflow.rows_of(action)
    return any(status in row.sources for row in rows)
