"""A person's scope, read once per request: which places and organisations they act for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import connection

from accounts.roles import ADMINISTRATORS, ROLES, Permission, Role, roles_of, roles_that
from common.clock import now
from communities.models import Leader
from communities.presence import NO_SEATS, Away, Seat, Seats, seats_of

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True)
class Access:
    """What the current memberships of one user add up to. Ids only; empty for a stranger.

    ``desk_department_ids`` are the departments at whose desk the user acts now: by a seat there, as the cover of who
    has one, or as the next where nobody of the desk is there. ``seats`` says who acts for whom in these departments.
    """

    user_id: int
    roles: frozenset[Role]
    community_roles: dict[int, frozenset[Role]] = field(default_factory=dict)
    department_roles: dict[int, frozenset[Role]] = field(default_factory=dict)
    desk_department_ids: frozenset[int] = frozenset()
    seats: dict[int, Seats] = field(default_factory=dict)
    subdistrict_roles: dict[int, frozenset[Role]] = field(default_factory=dict)
    installation_roles: frozenset[Role] = frozenset()
    own_team_ids: frozenset[int] = frozenset()
    leader_id: int | None = None
    leader_community_id: int | None = None
    subdistrict_ids: frozenset[int] = frozenset()

    def __hash__(self) -> int:
        """Of what cannot change; equal are those of which everything is."""
        return hash((self.user_id, self.roles, self.subdistrict_ids))

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """The union of the roles' rights."""
        return frozenset().union(*(ROLES[role].permissions for role in self.roles)) if self.roles else frozenset()

    def has(self, permission: Permission) -> bool:
        """Whether any role grants ``permission``."""
        return permission in self.permissions

    @property
    def is_staff(self) -> bool:
        """Whether this person reads and works as staff do; a leader reads a matter as its reporter."""
        return self.has(Permission.USE_CONSOLE)

    @cached_property
    def community_ids(self) -> frozenset[int]:
        """Communities in which the user is clerk or secretary."""
        return frozenset(self.community_roles)

    @cached_property
    def department_ids(self) -> frozenset[int]:
        """Departments that the user works for: as officer or head, or a clerk's own team (社区自办)."""
        return frozenset(self.department_roles) | self.own_team_ids

    @property
    def installation_wide(self) -> bool:
        """Whether the user sees every sub-district: a system administrator of the installation."""
        return not self.installation_roles.isdisjoint(_WHOLE)

    @cached_property
    def whole_subdistrict_ids(self) -> frozenset[int]:
        """Sub-districts that the user sees whole (supervisor, deputy, director, system administrator)."""
        return frozenset(pk for pk, roles in self.subdistrict_roles.items() if roles & _WHOLE)

    @cached_property
    def confided_subdistrict_ids(self) -> frozenset[int]:
        """Sub-districts whose confidential matters the user sees, too: no administrator by that role alone."""
        return frozenset(pk for pk, roles in self.subdistrict_roles.items() if roles & _WHOLE - ADMINISTRATORS)

    @property
    def sees_all_of_their_offices(self) -> bool:
        """Whether the user sees everything of each sub-district in which they are something, and nothing besides."""
        rest = self.subdistrict_ids - self.confided_subdistrict_ids
        return bool(self.subdistrict_ids) and not (rest or self.leader_id or self.installation_roles)

    def areas(self, permission: Permission) -> frozenset[int] | None:
        """The sub-districts in which a role of the sub-district grants ``permission``; None: in every one."""
        if any(permission in ROLES[role].permissions for role in self.installation_roles):
            return None
        return frozenset(
            pk
            for pk, roles in self.subdistrict_roles.items()
            if any(permission in ROLES[one].permissions for one in roles)
        )

    def may(self, permission: Permission, subdistrict_id: int | None) -> bool:
        """Whether a role of that sub-district, None: of the installation, grants ``permission``."""
        areas = self.areas(permission)
        return areas is None or subdistrict_id in areas

    def acts_for(self, department_id: int) -> frozenset[int]:
        """The officers of that department whose matters are this person's to move: the own ones, and covered ones."""
        return self.seats.get(department_id, NO_SEATS).acted_for_by(self.user_id)

    def staffed(self, department_id: int) -> frozenset[int]:
        """The officers of that department for whom somebody acts: what others were assigned is the desk's."""
        return self.seats.get(department_id, NO_SEATS).staffed

    def is_in(self, role: Role, subdistrict_id: int) -> bool:
        """Whether the user has the sub-district-wide ``role`` there."""
        return role in self.subdistrict_roles.get(subdistrict_id, frozenset())


_WHOLE: Final = roles_that(lambda spec: spec.sees_whole)


# Written out, because every request of a signed-in person begins with it. With the people themselves come all who work
# in their departments, and who of those is away, for that decides who acts for whom.
_MEMBERSHIPS: Final = """
SELECT m.role, m.subdistrict_id, m.community_id, m.department_id, m.receiving_desk, t.id, m.user_id,
    u.is_active, a.starts_at, a.ends_at, a.cover_id
FROM communities_membership m
JOIN accounts_user u ON u.id = m.user_id
LEFT JOIN communities_department t ON t.community_id = m.community_id AND t.kind = 'community_team'
LEFT JOIN accounts_absence a ON m.department_id IS NOT NULL AND a.user_id = m.user_id AND a.cancelled_at IS NULL
    AND a.starts_at <= %(now)s AND a.ends_at > %(now)s
WHERE m.ended_at IS NULL AND (m.user_id = ANY(%(people)s) OR m.department_id = ANY(ARRAY(
    SELECT o.department_id FROM communities_membership o
    WHERE o.user_id = ANY(%(people)s) AND o.ended_at IS NULL AND o.department_id IS NOT NULL)))
ORDER BY m.id
"""


class _Row(NamedTuple):
    """A current membership; of a community's its own team; of a department's whether the person is away now."""

    role: str
    subdistrict_id: int | None
    community_id: int | None
    department_id: int | None
    receiving_desk: bool
    own_team_id: int | None
    user_id: int
    is_active: bool
    away_from: datetime | None
    away_until: datetime | None
    cover_id: int | None


def load_access(user: "User") -> Access:
    """The access of ``user``: one statement, two for a leader."""
    return load_accesses([user.pk])[user.pk]


def load_accesses(user_ids: Collection[int]) -> dict[int, Access]:
    """The access of each of these: one statement, two where a leader is among them."""
    memberships: dict[int, list[_Row]] = {pk: [] for pk in user_ids}
    staff: dict[int, list[_Row]] = {}
    at = now()
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERSHIPS, {"people": list(memberships), "now": at})
        for row in map(_Row._make, cursor.fetchall()):
            if row.user_id in memberships:
                memberships[row.user_id].append(row)
            if row.department_id is not None and row.is_active:
                staff.setdefault(row.department_id, []).append(row)
    leading = [pk for pk, rows in memberships.items() if any(row.role == Role.LEADER for row in rows)]
    leaders = {row.user_id: row for row in Leader.objects.filter(user_id__in=leading, retired_at__isnull=True)}
    seats = {pk: _seats(rows, at) for pk, rows in staff.items()}
    return {pk: _access(pk, rows, leaders.get(pk), seats) for pk, rows in memberships.items()}


def _seats(rows: Sequence[_Row], at: datetime) -> Seats:
    absences = {
        row.user_id: [Away(row.away_from, row.away_until, row.cover_id)]
        for row in rows
        if row.away_from is not None and row.away_until is not None
    }
    return seats_of([Seat(row.user_id, Role(row.role), row.receiving_desk) for row in rows], absences, at)


def _access(user_id: int, memberships: Sequence[_Row], leader: Leader | None, seats: Mapping[int, Seats]) -> Access:
    """What these memberships of one person add up to."""
    roles = frozenset(role for row in memberships for role in roles_of(row.role))
    community_roles: dict[int, set[Role]] = {}
    department_roles: dict[int, set[Role]] = {}
    subdistrict_roles: dict[int, set[Role]] = {}
    installation_roles: set[Role] = set()
    for row in memberships:
        held = roles_of(row.role)
        if row.community_id is not None:
            community_roles.setdefault(row.community_id, set()).update(held)
        elif row.department_id is not None:
            department_roles.setdefault(row.department_id, set()).update(held)
        elif row.subdistrict_id is None:
            installation_roles.update(held)
        elif Role.LEADER not in held:
            subdistrict_roles.setdefault(row.subdistrict_id, set()).update(held)
    own_seats = {pk: seats[pk] for pk in department_roles if pk in seats}
    return Access(
        user_id=user_id,
        roles=roles,
        community_roles={key: frozenset(value) for key, value in community_roles.items()},
        department_roles={key: frozenset(value) for key, value in department_roles.items()},
        desk_department_ids=frozenset(
            row.department_id
            for row in memberships
            if row.department_id is not None
            and (row.receiving_desk or user_id in own_seats.get(row.department_id, NO_SEATS).desk)
        ),
        seats=own_seats,
        subdistrict_roles={key: frozenset(value) for key, value in subdistrict_roles.items()},
        own_team_ids=frozenset(row.own_team_id for row in memberships if row.own_team_id is not None),
        installation_roles=frozenset(installation_roles),
        leader_id=leader.pk if leader else None,
        leader_community_id=leader.community_id if leader else None,
        subdistrict_ids=frozenset(row.subdistrict_id for row in memberships if row.subdistrict_id is not None),
    )


def access_of(user: Any) -> Access:
    """The access of ``user``, loaded once and kept on the object; an anonymous user has none."""
    if not getattr(user, "is_authenticated", False):
        return Access(user_id=0, roles=frozenset())
    known = getattr(user, "_access", None)
    if known is None:
        known = load_access(user)
        user._access = known
    return known
