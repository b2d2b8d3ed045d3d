"""Whom an event concerns, in groups; ``services.directory`` knows the people of a group. Pure: no ORM, no HTTP.

Which groups those are a domain says for each kind of its events (``Subject.audience``); what a rung's roles mean
follows from who owes the clock. Nobody is told of what he did himself, and nobody who may not see the subject: both
are left to the fan-out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deadlines import kinds
from deadlines.kinds import Owed
from reminders.enums import RungRole


class Group(StrEnum):
    """People by what they are to a matter."""

    CLERKS = "clerks"
    SECRETARIES = "secretaries"
    DESK = "desk"
    HANDLER = "handler"
    HEADS = "heads"
    SUPERVISORS = "supervisors"
    DEPUTIES = "deputies"
    DIRECTORS = "directors"
    CO_DESKS = "co_desks"
    WATCHERS = "watchers"
    DUTY_LEADERS = "duty_leaders"


Groups = tuple[Group, ...]


@dataclass(frozen=True)
class Audience:
    """The groups of one event. ``department_id`` is whose desk, handler and heads are meant.

    ``elsewhere`` are groups of further organisations, ``named`` accounts that the event itself names. ``urgent``:
    outside office hours it goes to whoever is on shift too.
    """

    groups: Groups = ()
    named: tuple[int, ...] = ()
    department_id: int | None = None
    urgent: bool = False
    elsewhere: tuple[tuple[int, Groups], ...] = ()

    @property
    def department_ids(self) -> set[int]:
        """The organisations whose people are meant."""
        own = {self.department_id} if self.department_id is not None else set()
        return own | {pk for pk, _groups in self.elsewhere}


NOBODY: Final = Audience()

_ROLES_OF_COMMUNITY: Final[Mapping[str, Group]] = {
    RungRole.DESK: Group.CLERKS,
    RungRole.HANDLER: Group.CLERKS,
    RungRole.HEAD: Group.SECRETARIES,
    RungRole.SECRETARY: Group.SECRETARIES,
    RungRole.CLERKS: Group.CLERKS,
    RungRole.DUTY_LEADER: Group.DUTY_LEADERS,
    RungRole.SUPERVISOR: Group.SUPERVISORS,
    RungRole.DEPUTY: Group.DEPUTIES,
    RungRole.DIRECTOR: Group.DIRECTORS,
}
_ROLES_OF_DEPARTMENT: Final[Mapping[str, Group]] = {
    **_ROLES_OF_COMMUNITY,
    RungRole.DESK: Group.DESK,
    RungRole.HANDLER: Group.HANDLER,
    RungRole.HEAD: Group.HEADS,
}


def owed_by(clock: str) -> Owed:
    """Who owes a clock of this kind; a department where nobody registered the kind."""
    spec = kinds.find(clock)
    return spec.owed_by if spec else Owed.DEPARTMENT


def of_roles(roles: Sequence[str], clock: str) -> Groups:
    """The groups that a rung's roles mean for this kind of deadline: who owes it decides. Nobody where it has none."""
    owner = owed_by(clock)
    if roles and owner is Owed.SUPERVISOR:
        return (Group.SUPERVISORS,)
    meant = _ROLES_OF_COMMUNITY if owner is Owed.COMMUNITY else _ROLES_OF_DEPARTMENT
    return tuple(dict.fromkeys(meant[role] for role in roles if role in meant))
