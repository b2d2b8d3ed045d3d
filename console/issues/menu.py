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
from issues.enums import Status

GROUPS: Final[tuple[tuple[Promise, tuple[str, ...]], ...]] = (
    (
        gettext_lazy("流转"),
        (
            "accept", "request_info", "give_info", "answer_now", "dispatch", "transfer_out", "assign_final",
            "acknowledge", "assign", "co_reply", "reply", "verify_pass", "record_follow_up", "redo",
            "add_department", "waive_department", "return", "reassign", "merge", "unmerge", "reopen",
            "close_explained", "reject", "withdraw",
        ),
    ),
    (
        gettext_lazy("时限"),
        (
            "request_extension", "grant_extension", "refuse_extension", "request_suspension", "grant_suspension",
            "refuse_suspension", "endorse", "resume", "fulfil", "move_promise",
        ),
    ),
    (gettext_lazy("督办"), ("urge", "instruct", "supervise", "sign", "refuse_sign", "lift")),
    (
        gettext_lazy("记录"),
        (
            "contact", "progress", "comment", "cc", "edit", "publish", "unpublish", "request_callback",
            "request_exclusion", "grant_exclusion", "refuse_exclusion",
            "request_disclosure", "grant_disclosure", "refuse_disclosure",
        ),
    ),
)  # fmt: skip

ONLY_WHEN_POSSIBLE: Final = frozenset({
    "waive_department", "co_reply", "assign_final", "unmerge", "grant_extension", "refuse_extension",
    "grant_suspension", "refuse_suspension", "endorse", "sign", "refuse_sign", "lift", "publish", "unpublish",
    "request_exclusion", "grant_exclusion", "refuse_exclusion",
    "request_disclosure", "grant_disclosure", "refuse_disclosure", "withdraw", "request_callback", "reopen",
    "fulfil", "move_promise",
})  # fmt: skip
"""Actions that answer something: without it there is nothing to refuse."""

SHOWN_AHEAD: Final[dict[str, frozenset[Status]]] = {
    "dispatch": frozenset({Status.SUBMITTED}),
    "reply": frozenset({Status.DISPATCHED, Status.SUSPENDED}),
    "add_department": frozenset({Status.DISPATCHED}),
    "request_extension": frozenset({Status.DISPATCHED}),
    "verify_pass": frozenset({Status.IN_PROGRESS}),
    "record_follow_up": frozenset({Status.REPLIED}),
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
