"""How people are told of each kind of event on an issue: one row a kind. Pure: no ORM, no HTTP."""

from collections.abc import Mapping
from typing import Final

from issues.telling import answering, dispatching, intake, joining, keeping, reminding, supervising, working
from issues.telling.base import Happening, IssueTelling
from reminders.audience import NOBODY, Audience

TELLINGS: Final[Mapping[str, IssueTelling]] = {
    row.kind: row
    for theme in (intake, dispatching, working, answering, joining, supervising, keeping, reminding)
    for row in theme.ROWS
}


def title(kind: str) -> str:
    """What a timeline calls such an event; the kind itself where it has no row."""
    row = TELLINGS.get(kind)
    return str(row.title) if row else kind


def audience_of(event: Happening) -> Audience:
    """Whom an event concerns; NOBODY where it concerns nobody."""
    row = TELLINGS.get(event.kind)
    return row.audience(event) if row else NOBODY
