"""Reminders of an issue's clocks, and of those of what was promised on it."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from issues.enums import ABOUT_WORK, DeadlineKind, RequestKind
from issues.telling.base import Happening, IssueTelling, moves
from papers.enums import DraftKind
from reminders.audience import Group, Groups, of_roles
from reminders.enums import REMIND, RungCode

_DEFERRABLE: Final = frozenset({DeadlineKind.HANDLE.value, DeadlineKind.CO_REPLY.value})


def _to_reminded(event: Happening) -> Groups:
    """The rung's roles, and who decides what the debtor waits for (docs/rules/people.md#who-is-told)."""
    clock = str(event.data.get("deadline_kind", ""))
    if clock == DeadlineKind.SIGNATURE:
        return _signers(event.asks) if event.data.get("roles") else ()
    groups = of_roles(event.data.get("roles", ()), clock)
    if groups and (clock == DeadlineKind.SUSPENSION_REVIEW or _waits_for_decision(event, clock)):
        groups = (*groups, Group.SUPERVISORS)
    asked = event.asks_direction and RequestKind.SUSPENSION in event.asks
    if groups and clock == DeadlineKind.EXTENSION_DECISION and asked:
        groups = (*groups, Group.DIRECTORS)
    return tuple(dict.fromkeys(groups))


def _signers(asks: Sequence[str]) -> Groups:
    """Who signs the drafts that wait: red cards are the director's."""
    drafts = [kind for kind in asks if kind in DraftKind.values]
    deputies = (Group.DEPUTIES,) if any(kind != DraftKind.RED_CARD for kind in drafts) else ()
    return (*deputies, Group.DIRECTORS) if DraftKind.RED_CARD in drafts else deputies


def _waits_for_decision(event: Happening, clock: str) -> bool:
    """Whether what is urged waits for an extension or a deferral that nobody decided."""
    return event.data.get("rung") == RungCode.URGE and clock in _DEFERRABLE and not ABOUT_WORK.isdisjoint(event.asks)


ROWS: Final = (IssueTelling(kind=REMIND, title=_("提醒"), to=_to_reminded, moves=moves, of_named=True),)
