"""Whom an event concerns, in groups; ``services.directory`` knows the people of a group. Pure: no ORM, no HTTP.

Which groups those are a domain says for each kind of its events (``Subject.audience``); what a rung's roles mean
follows from who owes the clock. Nobody is told of what he did himself, and nobody who may not see the subject: both
are left to the fan-out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deadlines import kinds
from deadlines.kinds import Owed
from reminders.enums import Reason, RungRole


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
    outside office hours it goes to whoever is on shift too. ``personal``: nobody stands in for those who are named.
    """

    groups: Groups = ()
    named: tuple[int, ...] = ()
    department_id: int | None = None
    urgent: bool = False
    elsewhere: tuple[tuple[int, Groups], ...] = ()
    personal: bool = False

    @property
    def department_ids(self) -> set[int]:
        """The organisations whose people are meant."""
        own = {self.department_id} if self.department_id is not None else set()
        return own | {pk for pk, _groups in self.elsewhere}


NOBODY: Final = Audience()


@dataclass(frozen=True, slots=True)
class RungRoleSpec:
    """Whom a rung's role means. ``reason`` is why they are told; ``chosen`` its word where an administrator chooses it.

    ``in_community``: what it means where a community owes the clock, if not the same.
    """

    group: Group
    label: Promise
    reason: Reason
    in_community: RungRole | None = None
    chosen: Promise | None = None


RUNG_ROLES: Final[Mapping[str, RungRoleSpec]] = {
    RungRole.DESK: RungRoleSpec(Group.DESK, _("收件岗"), Reason.DESK, RungRole.CLERKS),
    RungRole.HANDLER: RungRoleSpec(
        Group.HANDLER, _("承办人"), Reason.HANDLER, RungRole.CLERKS, _("承办人（社区：经办人员）")
    ),
    RungRole.HEAD: RungRoleSpec(
        Group.HEADS, _("部门负责人"), Reason.HEAD, RungRole.SECRETARY, _("部门负责人（社区：书记）")
    ),
    RungRole.CLERKS: RungRoleSpec(Group.CLERKS, _("社区工作人员"), Reason.CLERK),
    RungRole.SECRETARY: RungRoleSpec(Group.SECRETARIES, _("社区书记"), Reason.SECRETARY),
    RungRole.DUTY_LEADER: RungRoleSpec(Group.DUTY_LEADERS, _("值班领导"), Reason.DUTY_LEADER),
    RungRole.SUPERVISOR: RungRoleSpec(Group.SUPERVISORS, _("街道社会治理办"), Reason.SUPERVISOR),
    RungRole.DEPUTY: RungRoleSpec(Group.DEPUTIES, _("分管领导"), Reason.DEPUTY),
    RungRole.DIRECTOR: RungRoleSpec(Group.DIRECTORS, _("街道主要领导"), Reason.DIRECTOR),
}


def owed_by(clock: str) -> Owed:
    """Who owes a clock of this kind; a department where nobody registered the kind."""
    spec = kinds.find(clock)
    return spec.owed_by if spec else Owed.DEPARTMENT


def meant_by(roles: Sequence[str], clock: str) -> list[RungRoleSpec]:
    """Whom a rung's roles mean for this kind of deadline: who owes it decides. Nobody where it has none."""
    owner = owed_by(clock)
    if roles and owner is Owed.SUPERVISOR:
        return [RUNG_ROLES[RungRole.SUPERVISOR]]
    known = [role for role in roles if role in RUNG_ROLES]
    if owner is Owed.COMMUNITY:
        known = [RUNG_ROLES[role].in_community or role for role in known]
    return [RUNG_ROLES[role] for role in dict.fromkeys(known)]


def of_roles(roles: Sequence[str], clock: str) -> Groups:
    """The groups that a rung's roles mean for this kind of deadline."""
    return tuple(spec.group for spec in meant_by(roles, clock))
