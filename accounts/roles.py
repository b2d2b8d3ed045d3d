"""Who may do what in general. What a person may do on one issue now is decided by issues.policies."""

from enum import StrEnum

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
    ADMIN = "admin"

    @property
    def label(self) -> Promise:
        """The role's name for people."""
        return _LABELS[self]


class Permission(StrEnum):
    """A right that does not depend on one issue."""

    USE_CONSOLE = "use_console"
    CREATE_ISSUE = "create_issue"
    REPORT_AS_LEADER = "report_as_leader"
    REVEAL_CONTACT = "reveal_contact"
    SEE_HEALTH = "see_health"
    MANAGE_CHANNELS = "manage_channels"
    EDIT_LADDER = "edit_ladder"
    EDIT_CALENDAR = "edit_calendar"
    HANDLE_DEAD_LETTERS = "handle_dead_letters"


_LABELS: dict[Role, Promise] = {
    Role.CLERK: _("社区工作人员"),
    Role.SECRETARY: _("社区书记"),
    Role.OFFICER: _("承办人"),
    Role.HEAD: _("部门负责人"),
    Role.SUPERVISOR: _("督办员"),
    Role.DEPUTY: _("分管领导"),
    Role.DIRECTOR: _("街道主要领导"),
    Role.LEADER: _("楼长、巷长、街长"),
    Role.ADMIN: _("系统管理员"),
}

_STAFF = frozenset({Permission.USE_CONSOLE, Permission.CREATE_ISSUE, Permission.REVEAL_CONTACT})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: _STAFF,
    Role.SECRETARY: _STAFF,
    Role.OFFICER: _STAFF,
    Role.HEAD: _STAFF,
    Role.SUPERVISOR: _STAFF | {Permission.SEE_HEALTH, Permission.HANDLE_DEAD_LETTERS},
    Role.DEPUTY: frozenset({Permission.USE_CONSOLE, Permission.CREATE_ISSUE}),
    Role.DIRECTOR: frozenset({Permission.USE_CONSOLE, Permission.CREATE_ISSUE}),
    Role.LEADER: frozenset({Permission.REPORT_AS_LEADER}),
    Role.ADMIN: frozenset(
        {
            Permission.USE_CONSOLE,
            Permission.SEE_HEALTH,
            Permission.MANAGE_CHANNELS,
            Permission.EDIT_LADDER,
            Permission.EDIT_CALENDAR,
            Permission.HANDLE_DEAD_LETTERS,
        }
    ),
}
