"""Who is told of which event: a table. Pure: no ORM, no HTTP.

A row says which groups an event concerns; ``services.directory`` knows the people of a group. Nobody is told of what he
did himself, and nobody who may not see the issue: both are left to the fan-out. Source: product.md sections 2, 4 and 6.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from issues.enums import Level, Status, Turn
from issues.policies import RETURNS_UNTIL_SUPERVISOR
from reminders.enums import REMIND, RungCode, RungRole


class Group(StrEnum):
    """People by what they are to an issue."""

    CLERKS = "clerks"
    SECRETARIES = "secretaries"
    DESK = "desk"
    HANDLER = "handler"
    HEADS = "heads"
    SUPERVISORS = "supervisors"
    WATCHERS = "watchers"
    DUTY_LEADERS = "duty_leaders"


@dataclass(frozen=True)
class Happening:
    """An event and the issue as it is now.

    ``data`` is what the journal holds, ``new_roles`` whom the rung ``new`` tells.
    """

    kind: str
    at: datetime
    actor_role: str
    data: Mapping[str, Any]
    level: str
    turn: str
    department_id: int | None
    new_roles: tuple[str, ...] = (RungRole.DESK.value,)


@dataclass(frozen=True)
class Audience:
    """The groups of one event. ``department_id`` is whose desk, handler and heads are meant.

    ``named`` are accounts that the event itself names. ``urgent``: outside office hours it goes to whoever is on shift
    too.
    """

    groups: tuple[Group, ...] = ()
    named: tuple[int, ...] = ()
    department_id: int | None = None
    urgent: bool = False


NOBODY: Final = Audience()

_PRESSING: Final = frozenset({Level.CRITICAL.value, Level.URGENT.value})
_FOR_DUTY: Final = frozenset({"create", "dispatch", "return", "redo", "reopen", "urge", "request_callback", REMIND})
"""Events that ask somebody to move."""

COMMUNITY_CLOCKS: Final = frozenset({"respond", "accept", "dispatch", "verify", "follow_up", "callback"})
SUPERVISOR_CLOCKS: Final = frozenset({"return_decision", "extension_decision"})

_Groups = tuple[Group, ...]
_Row = Callable[[Happening], _Groups]


def audience(event: Happening) -> Audience:
    """Whom this event concerns; NOBODY where it concerns nobody."""
    row = _TABLE.get(event.kind)
    groups = row(event) if row else ()
    officer = event.data.get("officer") if event.kind == "assign" else None
    named = (officer,) if isinstance(officer, int) else ()
    if not groups and not named:
        return NOBODY
    owed_by = event.data.get("department") if event.kind in (REMIND, "dispatch") else None
    return Audience(
        groups=groups,
        named=named,
        department_id=owed_by or event.department_id,
        urgent=event.kind in _FOR_DUTY and event.level in _PRESSING,
    )


def notification_kind(event_kind: str, data: Mapping[str, Any]) -> str:
    """What the inbox calls it: the rung's code for a reminder and for a dispatch, else the event's kind."""
    if event_kind == REMIND:
        return str(data.get("rung", REMIND))
    return RungCode.NEW.value if event_kind == "dispatch" else event_kind


def _always(*groups: Group) -> _Row:
    return lambda event: groups


def _create(event: Happening) -> _Groups:
    return (Group.CLERKS, Group.SECRETARIES) if event.level in _PRESSING else (Group.CLERKS,)


def _dispatch(event: Happening) -> _Groups:
    return _of_roles(event.new_roles, "acknowledge")


def _return(event: Happening) -> _Groups:
    decided_above = int(event.data.get("returns", 0)) >= RETURNS_UNTIL_SUPERVISOR
    return (Group.SUPERVISORS,) if decided_above else (Group.CLERKS,)


def _redo(event: Happening) -> _Groups:
    department = (Group.HANDLER, Group.DESK, Group.HEADS)
    return (*department, Group.CLERKS) if event.actor_role == "resident" else department


def _closed(event: Happening) -> _Groups:
    """Told to whoever handled it once it is closed; the community learns what the resident says."""
    by_resident = event.actor_role == "resident"
    if event.data.get("to") == Status.CLOSED.value:
        return (Group.HANDLER, Group.WATCHERS, *((Group.CLERKS,) if by_resident else ()))
    return (Group.CLERKS,) if by_resident else ()


def _with_department(*groups: Group) -> _Row:
    return lambda event: (Group.HANDLER, *groups) if event.department_id is not None else groups


_WHOSE_MOVE: Final[Mapping[str, _Groups]] = {
    Turn.COMMUNITY.value: (Group.CLERKS, Group.SECRETARIES),
    Turn.DEPARTMENT.value: (Group.HANDLER, Group.HEADS),
    Turn.SUPERVISOR.value: (Group.SUPERVISORS,),
}


def _urge(event: Happening) -> _Groups:
    return _WHOSE_MOVE.get(event.turn, (Group.CLERKS,))


def _comment(event: Happening) -> _Groups:
    """The other side: the community's word goes to the department, everybody else's to the community too."""
    department = () if event.department_id is None else (Group.HANDLER,)
    if event.actor_role in ("clerk", "secretary"):
        return department
    return (Group.CLERKS,) if event.actor_role in ("officer", "head") else (Group.CLERKS, *department)


def _remind(event: Happening) -> _Groups:
    return _of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind", "")))


_ROLES_OF_COMMUNITY: Final[Mapping[str, Group]] = {
    RungRole.DESK: Group.CLERKS,
    RungRole.HANDLER: Group.CLERKS,
    RungRole.HEAD: Group.SECRETARIES,
    RungRole.SECRETARY: Group.SECRETARIES,
    RungRole.CLERKS: Group.CLERKS,
    RungRole.DUTY_LEADER: Group.DUTY_LEADERS,
}
_ROLES_OF_DEPARTMENT: Final[Mapping[str, Group]] = {
    **_ROLES_OF_COMMUNITY,
    RungRole.DESK: Group.DESK,
    RungRole.HANDLER: Group.HANDLER,
    RungRole.HEAD: Group.HEADS,
}


def _of_roles(roles: "tuple[str, ...] | list[str]", clock: str) -> _Groups:
    """The groups that a rung's roles mean for this kind of deadline: who owes it decides."""
    if clock in SUPERVISOR_CLOCKS:
        return (Group.SUPERVISORS,)
    meant = _ROLES_OF_COMMUNITY if clock in COMMUNITY_CLOCKS else _ROLES_OF_DEPARTMENT
    return tuple(dict.fromkeys(meant[role] for role in roles if role in meant))


_TABLE: Final[Mapping[str, _Row]] = {
    "create": _create,
    "dispatch": _dispatch,
    "assign": _always(),
    "return": _return,
    "progress": _always(Group.WATCHERS),
    "reply": _always(Group.CLERKS, Group.WATCHERS),
    "verify_pass": _closed,
    "redo": _redo,
    "record_follow_up": _closed,
    "close_explained": _with_department(Group.CLERKS, Group.WATCHERS),
    "reopen": _with_department(Group.CLERKS, Group.WATCHERS),
    "withdraw": _with_department(Group.CLERKS),
    "urge": _urge,
    "request_callback": _always(Group.CLERKS),
    "comment": _comment,
    REMIND: _remind,
}

TOLD_KINDS: Final = frozenset(_TABLE)
"""Kinds of events that anybody may be told of; the others concern nobody."""


@dataclass
class Shifts:
    """Who is on duty for one event: the people on shift, and the leaders of the shifts."""

    clerks: list[int] = field(default_factory=list)
    leaders: list[int] = field(default_factory=list)
