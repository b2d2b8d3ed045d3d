"""Who may do what in general. What a person may do on one issue now is decided by issues.policies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What a membership makes a person."""

    CLERK = "clerk"
    SECRETARY = "secretary"
    OFFICER = "officer"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    DEPUTY = "deputy"
    DIRECTOR = "director"
    LEADER = "leader"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"

    @property
    def label(self) -> Promise:
        """The role's name for people."""
        return ROLES[self].label


class Permission(StrEnum):
    """A right that does not depend on one issue."""

    USE_CONSOLE = "use_console"
    CREATE_ISSUE = "create_issue"
    REPORT_AS_LEADER = "report_as_leader"
    REVEAL_CONTACT = "reveal_contact"
    SEE_HEALTH = "see_health"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_OFFICE = "manage_office"
    SEE_PEOPLE = "see_people"
    MANAGE_RIGHTS = "manage_rights"
    READ_JOURNAL = "read_journal"
    EDIT_LADDER = "edit_ladder"
    EDIT_CALENDAR = "edit_calendar"
    HANDLE_DEAD_LETTERS = "handle_dead_letters"
    ANSWER_RIGHTS = "answer_rights"
    """On personal information: what a person asks of the own data."""
    SEE_PRIVACY = "see_privacy"
    """The register of processing and the record of incidents."""
    MANAGE_RETENTION = "manage_retention"
    """How long what ended keeps telling of persons."""
    HOLD_MATTER = "hold_matter"
    """依法保留: to keep a matter as it is beyond that."""
    KEEP_MEETINGS = "keep_meetings"
    """A meeting's secretary: of the own community, or of the office."""
    KEEP_PROPOSALS = "keep_proposals"
    """代表建议: registers them, decides on more time, notes what the deputies say of the answer."""
    TRACE_ACCESS = "trace_access"
    """Who saw what is known of one person."""


class Scope(StrEnum):
    """What a membership of a role names."""

    COMMUNITY = "community"
    DEPARTMENT = "department"
    SUBDISTRICT = "subdistrict"
    """An administrator's may name none: the role is then the whole installation's."""


@dataclass(frozen=True, slots=True)
class RoleSpec:
    """One role. ``sees_whole``: every matter of its sub-district.

    ``administers``: one of the three administrators (三员); by that role alone nobody sees a confidential matter.
    ``heads``: it enters absences of its organisation. ``keeps``: it writes every duty roster of its sub-district and
    enters absences there. ``supervises``: it reads the supervision desk and the page of every organisation.
    ``second_factor``: outside the demonstration it signs in with one. ``shown``: of several roles a page's header shows
    the one with the lowest, the one that the person works in.
    """

    role: Role
    label: Promise
    scope: Scope
    permissions: frozenset[Permission]
    shown: int
    sees_whole: bool = False
    administers: bool = False
    heads: bool = False
    keeps: bool = False
    supervises: bool = False
    second_factor: bool = False


_STAFF = frozenset({Permission.USE_CONSOLE, Permission.CREATE_ISSUE, Permission.REVEAL_CONTACT})
_COMMUNITY = _STAFF | {Permission.KEEP_MEETINGS}
_DIRECTION = frozenset({Permission.USE_CONSOLE, Permission.CREATE_ISSUE})
_OFFICE = _STAFF | {
    Permission.SEE_HEALTH,
    Permission.HANDLE_DEAD_LETTERS,
    Permission.ANSWER_RIGHTS,
    Permission.SEE_PRIVACY,
    Permission.HOLD_MATTER,
    Permission.TRACE_ACCESS,
    Permission.KEEP_MEETINGS,
    Permission.KEEP_PROPOSALS,
}
_ADMINISTRATION = frozenset({Permission.USE_CONSOLE, Permission.SEE_HEALTH})
_SYSTEM = _ADMINISTRATION | {
    Permission.MANAGE_CHANNELS,
    Permission.MANAGE_OFFICE,
    Permission.SEE_PEOPLE,
    Permission.EDIT_LADDER,
    Permission.EDIT_CALENDAR,
    Permission.HANDLE_DEAD_LETTERS,
}
_SECURITY = _ADMINISTRATION | {
    Permission.SEE_PEOPLE,
    Permission.MANAGE_RIGHTS,
    Permission.SEE_PRIVACY,
    Permission.MANAGE_RETENTION,
    Permission.HOLD_MATTER,
}
_AUDIT = _ADMINISTRATION | {Permission.READ_JOURNAL, Permission.SEE_PRIVACY, Permission.TRACE_ACCESS}
_LEADERS = frozenset({Permission.REPORT_AS_LEADER})

ROLES: Final[Mapping[Role, RoleSpec]] = {
    spec.role: spec
    for spec in (
        RoleSpec(
            *(Role.DIRECTOR, _("街道主要领导"), Scope.SUBDISTRICT, _DIRECTION, 6),
            sees_whole=True,
            supervises=True,
            second_factor=True,
        ),
        RoleSpec(
            *(Role.DEPUTY, _("分管领导"), Scope.SUBDISTRICT, _DIRECTION, 7),
            sees_whole=True,
            supervises=True,
            second_factor=True,
        ),
        RoleSpec(
            *(Role.SUPERVISOR, _("督办员"), Scope.SUBDISTRICT, _OFFICE, 1),
            sees_whole=True,
            keeps=True,
            supervises=True,
            second_factor=True,
        ),
        RoleSpec(Role.HEAD, _("部门负责人"), Scope.DEPARTMENT, _STAFF, 2, heads=True),
        RoleSpec(Role.OFFICER, _("承办人"), Scope.DEPARTMENT, _STAFF, 3),
        RoleSpec(Role.SECRETARY, _("社区书记"), Scope.COMMUNITY, _COMMUNITY, 4, heads=True),
        RoleSpec(Role.CLERK, _("社区工作人员"), Scope.COMMUNITY, _COMMUNITY, 5),
        RoleSpec(Role.LEADER, _("楼长、巷长、街长"), Scope.SUBDISTRICT, _LEADERS, 9),
        RoleSpec(
            *(Role.SYSTEM_ADMIN, _("系统管理员"), Scope.SUBDISTRICT, _SYSTEM, 8),
            sees_whole=True,
            administers=True,
            keeps=True,
            second_factor=True,
        ),
        RoleSpec(
            *(Role.SECURITY_ADMIN, _("安全管理员"), Scope.SUBDISTRICT, _SECURITY, 10),
            administers=True,
            second_factor=True,
        ),
        RoleSpec(
            *(Role.AUDIT_ADMIN, _("审计管理员"), Scope.SUBDISTRICT, _AUDIT, 11),
            administers=True,
            second_factor=True,
        ),
    )
}
"""By seniority: of several roles the journal notes the first."""


def roles_that(test: Callable[[RoleSpec], bool]) -> frozenset[Role]:
    """The roles of which ``test`` holds."""
    return frozenset(spec.role for spec in ROLES.values() if test(spec))


ADMINISTRATORS: Final = roles_that(lambda spec: spec.administers)
"""三员: system (people, places, rules, channels), security (rights, locks, sessions, second factor), audit."""

OF_COMMUNITY: Final = roles_that(lambda spec: spec.scope is Scope.COMMUNITY)
OF_DEPARTMENT: Final = roles_that(lambda spec: spec.scope is Scope.DEPARTMENT)
"""Who works for one community, and who for one department."""

FORMER: Final[Mapping[str, tuple[Role, ...]]] = {"admin": (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)}
"""What a role of earlier releases is now; a process of that release may still write it while this one starts."""


def roles_of(code: str) -> tuple[Role, ...]:
    """The roles that a stored code stands for."""
    return FORMER.get(code) or (Role(code),)


def role_label(code: str) -> str:
    """What an event's role is called, one of earlier releases too; "" where it is none of these."""
    known = FORMER.get(code) or ((Role(code),) if code in ROLES else ())
    return str(known[0].label) if known else ""
