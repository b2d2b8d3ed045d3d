"""The menu 更多操作: the rows of console.issues.action_rows that this status shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from console.issues.action_rows import GROUPS, ROWS
from issues import workflow


class _Item(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def allowed(self) -> bool: ...
    @property
    def primary(self) -> bool: ...
    @property
    def at_once(self) -> bool: ...


Item = TypeVar("Item", bound=_Item)


@dataclass(frozen=True)
class MenuGroup(Generic[Item]):
    """Actions under a heading: the possible ones first."""

    label: str
    items: tuple[Item, ...]


def menu_of(actions: Sequence[Item], status: str) -> tuple[MenuGroup[Item], ...]:
    """The groups of the menu; the primary action stands beside it, and in it only for who wants to add words."""
    by_code = {
        action.code: action for action in actions if (action.at_once or not action.primary) and is_shown(action, status)
    }
    found = []
    for label, rows in GROUPS:
        mine = (by_code[row.action] for row in rows if row.action in by_code)
        items = sorted(mine, key=lambda item: not item.allowed)
        if items:
            found.append(MenuGroup(str(label), tuple(items)))
    return tuple(found)


def is_shown(action: _Item, status: str) -> bool:
    """Whether an action stands in the menu in this status."""
    if action.allowed:
        return True
    row = ROWS[action.code]
    return not row.quiet and (_row_holds(action.code, status) or status in row.ahead)


def _row_holds(action: str, status: str) -> bool:
    rows: Iterable[workflow.Row] = workflow.rows_of(action)
    return any(status in row.sources for row in rows)
