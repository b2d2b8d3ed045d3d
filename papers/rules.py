"""What may be drafted and by whom it is signed, the same for every kind of subject. Pure: no ORM, no HTTP.

Source: docs/rules/supervision.md#papers.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role
from deadlines import kinds
from papers.enums import CARDS, DraftKind

if TYPE_CHECKING:
    from communities.access import Access

_ORDER = tuple(DraftKind)


def and_graver(kind: DraftKind) -> tuple[DraftKind, ...]:
    """This one and those that say more."""
    return _ORDER[_ORDER.index(kind) :]


def and_lighter(kind: DraftKind) -> tuple[DraftKind, ...]:
    """This one and those that say less."""
    return _ORDER[: _ORDER.index(kind) + 1]


def may_be_about(kind: DraftKind, clock: str) -> bool:
    """Whether such a document may be about a limit of this kind: cards are for some only."""
    spec = kinds.find(clock)
    return kind not in CARDS or (spec is not None and spec.carded)


def why_not(kind: DraftKind, clock: str, waiting: Collection[str]) -> Promise | str | None:
    """Why a person cannot draw it up about the limit that was missed ("" for none) while these wait, or None."""
    if kind in waiting:
        return _("已有一份待签发的%(kind)s") % {"kind": kind.label}
    return None if may_be_about(kind, clock) else _("办理时限未超期，不能拟黄牌或红牌")


def signable(waiting: Collection[str], access: "Access", subdistrict_id: int) -> list[DraftKind]:
    """Those of the drafts that wait which the direction may sign, the gravest last: red cards are the director's."""
    director = access.is_in(Role.DIRECTOR, subdistrict_id)
    return [kind for kind in _ORDER if kind in waiting and (director or kind != DraftKind.RED_CARD)]
