"""What each action does to the issue besides its status's clocks: one function each, in the module of its theme."""

from collections.abc import Callable, Mapping
from typing import Final

from issues.services.effects import (
    checking,
    disclosing,
    dispatching,
    drafting,
    editing,
    intake,
    joining,
    promising,
    supervising,
    working,
)
from issues.services.effects.base import Change

__all__ = ["EFFECTS", "Change"]

_THEMES: Final = (
    intake, dispatching, working, checking, joining, supervising, drafting, promising, editing, disclosing,
)  # fmt: skip
EFFECTS: Final[Mapping[str, Callable[[Change], None]]] = {
    action: effect for theme in _THEMES for action, effect in theme.EFFECTS.items()
}
