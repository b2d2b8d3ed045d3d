"""Who is told of which event: a table. Pure: no ORM, no HTTP.

A row says which groups an event concerns; ``services.directory`` knows the people of a group. Nobody is told of what he
did himself, and nobody who may not see the issue: both are left to the fan-out. The rule: docs/rules/people.md.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from common.clock import local
from issues.enums import (
    ABOUT_WORK,
    DraftKind,
    Level,
    Outcome,
    RequestKind,
    Solved,
    Status,
    Turn,
    Verdict,
    VerdictCheck,
)
from issues.policies import DIRECTOR_AFTER_DAYS, DIRECTOR_AFTER_GRANTS, RETURNS_UNTIL_SUPERVISOR
from reminders.enums import REMIND, RungCode, RungRole


class Group(StrEnum):
    """People by what they are to an issue."""

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


@dataclass(frozen=True)
class Happening:
    """An event and the issue as it is now.

    ``data`` is what the journal holds, ``new_roles`` whom the rung ``new`` tells. ``suspended_at`` and ``suspensions``
    decide who may grant a deferral; ``asks`` is what waits for somebody's decision, ``asks_direction`` whether the
    direction's.
    """

    kind: str
    at: datetime
    actor_role: str
    data: Mapping[str, Any]
    level: str
    turn: str
    department_id: int | None
    new_roles: tuple[str, ...] = (RungRole.DESK.value,)
    suspended_at: datetime | None = None
    suspensions: int = 0
    asks: tuple[str, ...] = ()
    asks_direction: bool = False

    def number(self, name: str) -> int:
        """A number of the event's data, 0 where there is none. ValueError, TypeError where it is none."""
        return int(self.data.get(name) or 0)


_Groups = tuple[Group, ...]


@dataclass(frozen=True)
class Audience:
    """The groups of one event. ``department_id`` is whose desk, handler and heads are meant.

    ``elsewhere`` are groups of further organisations, ``named`` accounts that the event itself names. ``urgent``:
    outside office hours it goes to whoever is on shift too.
    """

    groups: _Groups = ()
    named: tuple[int, ...] = ()
    department_id: int | None = None
    urgent: bool = False
    elsewhere: tuple[tuple[int, _Groups], ...] = ()

    @property
    def department_ids(self) -> set[int]:
        """The organisations whose people are meant."""
        own = {self.department_id} if self.department_id is not None else set()
        return own | {pk for pk, _groups in self.elsewhere}


NOBODY: Final = Audience()

_PRESSING: Final = frozenset({Level.CRITICAL.value, Level.URGENT.value})
_FOR_DUTY: Final = frozenset(
    {
        *("create", "give_info", "dispatch", "assign_final", "reassign", "return", "add_department", "redo", "reopen"),
        *("urge", "request_callback", "instruct", "sign", "accept", "transfer_out", "unmerge", REMIND),
    }
)
"""Events that ask somebody to move; a correction does where it brings the matter to others, or makes it press."""

_OF_NAMED_DEPARTMENT: Final = frozenset(
    {REMIND, "dispatch", "assign_final", "reassign", "add_department", "waive_department"}
)
"""Events whose desk, handler and heads are those of the organisation that they name, not of the lead department."""

STARTS_AT_DESK: Final = frozenset({"dispatch", "assign_final", "reassign"})
"""Events that the rung ``new`` tells."""

COMMUNITY_CLOCKS: Final = frozenset(
    {"respond", "accept", "dispatch", "verify", "follow_up", "callback", "tracking", "more_info", "inform"}
)
SUPERVISOR_CLOCKS: Final = frozenset({"return_decision", "extension_decision", "sample"})
_SIGNATURE: Final = "signature"
_DECISION: Final = "extension_decision"
_DEFERRABLE: Final = frozenset({"handle", "co_reply"})
SHARED_CLOCKS: Final = frozenset({"suspension_review"})
"""Owed by the lead department; the supervisors who granted it are reminded too."""

_Row = Callable[[Happening], _Groups]


def audience(event: Happening) -> Audience:
    """Whom this event concerns; NOBODY where it concerns nobody."""
    row = _TABLE.get(event.kind)
    groups = row(event) if row else ()
    if "outside_stands" in event.data:
        groups = tuple(dict.fromkeys((*groups, Group.SUPERVISORS)))
    named, elsewhere = _named(event), _elsewhere(event)
    if not groups and not named and not elsewhere:
        return NOBODY
    owed_by = event.data.get("department") if event.kind in _OF_NAMED_DEPARTMENT else None
    return Audience(
        groups=groups,
        named=named,
        department_id=owed_by or event.department_id,
        urgent=event.level in _PRESSING and (event.kind in _FOR_DUTY or not _BRINGS_ON.isdisjoint(_changed(event))),
        elsewhere=elsewhere,
    )


def _named(event: Happening) -> tuple[int, ...]:
    """The accounts that an event names: who is to handle it, who gets a copy."""
    officer = event.data.get("officer") if event.kind == "assign" else None
    if isinstance(officer, int):
        return (officer,)
    return tuple(event.data.get("users", ())) if event.kind == "cc" else ()


def _elsewhere(event: Happening) -> tuple[tuple[int, _Groups], ...]:
    """What an event says to organisations beside the one whose move it is."""
    if event.kind == "cc":
        return tuple((pk, (Group.DESK,)) for pk in event.data.get("departments", ()))
    if event.kind == "reassign" and event.data.get("previous"):
        return ((event.data["previous"], (Group.DESK, Group.HEADS)),)
    if event.kind == "waive_department" and event.department_id is not None:
        return ((event.department_id, (Group.HANDLER,)),)
    return ()


def notification_kind(event_kind: str, data: Mapping[str, Any]) -> str:
    """What the inbox calls it: the rung's code for a reminder and for a dispatch, else the event's kind."""
    if event_kind == REMIND:
        return str(data.get("rung", REMIND))
    return RungCode.NEW.value if event_kind == "dispatch" else event_kind


def _always(*groups: Group) -> _Row:
    return lambda event: groups


def _create(event: Happening) -> _Groups:
    return (Group.CLERKS, Group.SECRETARIES) if event.level in _PRESSING else (Group.CLERKS,)


def _of_community(event: Happening) -> bool:
    return event.actor_role in ("clerk", "secretary")


def _to_community(event: Happening) -> _Groups:
    """The community, unless it acted itself."""
    return () if _of_community(event) else (Group.CLERKS,)


_BRINGS_ON: Final = frozenset({"community", "level"})
"""What a correction brings on: a community that had nothing to do with it, or other limits."""


def _changed(event: Happening) -> Mapping[str, Any]:
    """What a correction changed."""
    return event.data.get("changed", {}) if event.kind == "edit" else {}


def _edit(event: Happening) -> _Groups:
    """Whoever works on it; a community to which it came as of a new one; of another level whoever did not set it."""
    working: _Groups = () if event.department_id is None else (Group.HANDLER,)
    changed = _changed(event)
    if "level" in changed:
        working = (*working, *_to_community(event))
    return tuple(dict.fromkeys((*working, *(_create(event) if "community" in changed else ()))))


def _accept(event: Happening) -> _Groups:
    """Who decides where it goes: the community, unless it accepted it itself; after two returns the supervisor."""
    return (Group.SUPERVISORS,) if event.turn == Turn.SUPERVISOR else _to_community(event)


def _verify_pass(event: Happening) -> _Groups:
    """The community calls back what somebody else checked."""
    return _to_community(event) if event.data.get("to") == Status.FOLLOW_UP.value else _closed(event)


def _dispatch(event: Happening) -> _Groups:
    return _of_roles(event.new_roles, "acknowledge")


def _assign_final(event: Happening) -> _Groups:
    return tuple(dict.fromkeys((*_dispatch(event), Group.HEADS, Group.CLERKS)))


def _reassign(event: Happening) -> _Groups:
    return (*_dispatch(event), *_to_community(event))


def _acknowledge(event: Happening) -> _Groups:
    """Silence that time took for an answer is everybody's business; a signature is nobody's."""
    if not event.data.get("deemed"):
        return ()
    return (Group.HANDLER, Group.HEADS, Group.CLERKS, Group.SUPERVISORS)


def _return(event: Happening) -> _Groups:
    return (Group.SUPERVISORS,) if event.number("returns") >= RETURNS_UNTIL_SUPERVISOR else (Group.CLERKS,)


def _reply(event: Happening) -> _Groups:
    """The supervisor decides on "not now" and on samples of what a community did itself."""
    above = event.turn == Turn.SUPERVISOR or event.data.get("outcome") == Outcome.NOT_NOW
    return (Group.CLERKS, *((Group.SUPERVISORS,) if above else ()), Group.WATCHERS)


def _redo(event: Happening) -> _Groups:
    department = (Group.HANDLER, Group.DESK, Group.HEADS)
    return (*department, Group.CLERKS) if event.actor_role == "resident" else department


def _closed(event: Happening) -> _Groups:
    """Told to whoever handled it once it is closed; the community learns what the resident says.

    What somebody says who joined another matter is told there (``joiner_verdict``).
    """
    if event.data.get("status") == Status.MERGED.value:
        return ()
    if event.data.get("sample") == VerdictCheck.REPLACED.value:
        return (*((Group.HANDLER,) if event.department_id is not None else ()), Group.CLERKS)
    by_resident = event.actor_role == "resident"
    if event.data.get("to") == Status.CLOSED.value:
        return (Group.HANDLER, Group.WATCHERS, *((Group.CLERKS,) if by_resident else ()))
    return (Group.CLERKS,) if by_resident else ()


def objects(data: Mapping[str, Any]) -> bool:
    """Whether a verdict says that the matter is not settled."""
    return data.get("solved") == Solved.NO or data.get("verdict") == Verdict.DISSATISFIED


def _joiner_verdict(event: Happening) -> _Groups:
    """Any "not solved" goes to the supervisor; the last verdict may close the matter."""
    if objects(event.data):
        return (Group.SUPERVISORS, *_to_community(event))
    return _closed(event)


def _join(event: Happening) -> _Groups:
    """Not for each who joins: when it is no longer one person's matter, and when it becomes a collective one."""
    if event.data.get("collective"):
        return (Group.HANDLER, Group.HEADS, Group.CLERKS, Group.SUPERVISORS, Group.DEPUTIES)
    persons = event.number("persons")
    shared = (event.number("persons_before") or persons - 1) < 2 <= persons
    return (Group.HANDLER,) if shared and event.department_id is not None else ()


def _merge(event: Happening) -> _Groups:
    """Whoever works on a matter that joins another one is done with it."""
    working = (Group.HANDLER,) if event.department_id is not None else ()
    return (*working, *_to_community(event), Group.WATCHERS)


def _request_suspension(event: Happening) -> _Groups:
    """Long deferrals and a third renewal are the director's to grant (issues.policies.needs_director)."""
    began = local(event.suspended_at or event.at).date()
    until = event.data.get("until")
    too_long = bool(until) and (date.fromisoformat(str(until)) - began).days > DIRECTOR_AFTER_DAYS
    renewed = event.suspended_at is not None and event.suspensions >= DIRECTOR_AFTER_GRANTS
    above = (Group.DIRECTORS,) if too_long or renewed else ()
    return (Group.HEADS, Group.SUPERVISORS, *above)


def draft_kind(data: Mapping[str, Any]) -> str:
    """Which document an event of supervision is about; "" where it does not say."""
    return str(data.get("kind") or data.get("request") or "")


def _supervise(event: Happening) -> _Groups:
    return (Group.DIRECTORS,) if draft_kind(event.data) == DraftKind.RED_CARD else (Group.DEPUTIES,)


def _with_department(*groups: Group) -> _Row:
    return lambda event: (Group.HANDLER, *groups) if event.department_id is not None else groups


def _reopen(event: Happening) -> _Groups:
    """What was answered at once has no department: the community takes it up, and the supervisor knows."""
    if event.department_id is None:
        return Group.CLERKS, Group.SUPERVISORS, Group.WATCHERS
    return Group.HANDLER, Group.CLERKS, Group.WATCHERS


_WHOSE_MOVE: Final[Mapping[str, _Groups]] = {
    Turn.COMMUNITY.value: (Group.CLERKS, Group.SECRETARIES),
    Turn.DEPARTMENT.value: (Group.HANDLER, Group.HEADS),
    Turn.SUPERVISOR.value: (Group.SUPERVISORS,),
}


def _urge(event: Happening) -> _Groups:
    return _WHOSE_MOVE.get(event.turn, (Group.CLERKS,))


def _direction(*groups: Group) -> _Row:
    """What a leader of the sub-district decides: to whoever works on it, and to the groups."""

    def row(event: Happening) -> _Groups:
        working = (Group.HANDLER, Group.HEADS) if event.department_id is not None else (Group.CLERKS, Group.SECRETARIES)
        return tuple(dict.fromkeys((*working, *groups)))

    return row


def _comment(event: Happening) -> _Groups:
    """The other side: the community's word goes to the department, everybody else's to the community too."""
    department = () if event.department_id is None else (Group.HANDLER,)
    if _of_community(event):
        return department
    return (Group.CLERKS,) if event.actor_role in ("officer", "head") else (Group.CLERKS, *department)


def _remind(event: Happening) -> _Groups:
    """The rung's roles, and who decides what the debtor waits for (docs/rules/people.md#who-is-told)."""
    clock = str(event.data.get("deadline_kind", ""))
    if clock == _SIGNATURE:
        return _signers(event.asks) if event.data.get("roles") else ()
    groups = _of_roles(event.data.get("roles", ()), clock)
    if groups and (clock in SHARED_CLOCKS or _waits_for_decision(event, clock)):
        groups = (*groups, Group.SUPERVISORS)
    if groups and clock == _DECISION and event.asks_direction and RequestKind.SUSPENSION in event.asks:
        groups = (*groups, Group.DIRECTORS)
    return tuple(dict.fromkeys(groups))


def _signers(asks: Sequence[str]) -> _Groups:
    """Who signs the drafts that wait: red cards are the director's."""
    drafts = [kind for kind in asks if kind in DraftKind.values]
    deputies = (Group.DEPUTIES,) if any(kind != DraftKind.RED_CARD for kind in drafts) else ()
    return (*deputies, Group.DIRECTORS) if DraftKind.RED_CARD in drafts else deputies


def _waits_for_decision(event: Happening, clock: str) -> bool:
    """Whether what is urged waits for an extension or a deferral that nobody decided."""
    return event.data.get("rung") == RungCode.URGE and clock in _DEFERRABLE and not ABOUT_WORK.isdisjoint(event.asks)


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


def _of_roles(roles: Sequence[str], clock: str) -> _Groups:
    """The groups that a rung's roles mean for this kind of deadline: who owes it decides. Nobody where it has none."""
    if roles and clock in SUPERVISOR_CLOCKS:
        return (Group.SUPERVISORS,)
    meant = _ROLES_OF_COMMUNITY if clock in COMMUNITY_CLOCKS else _ROLES_OF_DEPARTMENT
    return tuple(dict.fromkeys(meant[role] for role in roles if role in meant))


_DECIDED: Final = (Group.HANDLER, Group.HEADS, Group.CLERKS, Group.CO_DESKS)

_TABLE: Final[Mapping[str, _Row]] = {
    "create": _create,
    "accept": _accept,
    "request_info": _to_community,
    "give_info": _to_community,
    "dispatch": _dispatch,
    "transfer_out": _to_community,
    "acknowledge": _acknowledge,
    "assign": _always(),
    "return": _return,
    "assign_final": _assign_final,
    "reassign": _reassign,
    "add_department": _always(Group.DESK),
    "waive_department": _always(Group.DESK),
    "co_reply": _always(Group.HANDLER),
    "progress": _always(Group.WATCHERS),
    "request_extension": _always(Group.HEADS, Group.SUPERVISORS),
    "grant_extension": _always(*_DECIDED),
    "refuse_extension": _always(Group.HANDLER, Group.HEADS),
    "request_suspension": _request_suspension,
    "grant_suspension": _always(*_DECIDED),
    "refuse_suspension": _always(Group.HANDLER, Group.HEADS),
    "endorse": _always(Group.SUPERVISORS, Group.HANDLER),
    "resume": _always(*_DECIDED),
    "reply": _reply,
    "verify_pass": _verify_pass,
    "redo": _redo,
    "record_follow_up": _closed,
    "close_explained": _with_department(Group.CLERKS, Group.WATCHERS),
    "reopen": _reopen,
    "withdraw": _with_department(Group.CLERKS),
    "merge": _merge,
    "unmerge": _urge,
    "join": _join,
    "joiner_verdict": _joiner_verdict,
    "urge": _urge,
    "request_callback": _always(Group.CLERKS),
    "supervise": _supervise,
    "sign": _direction(Group.SUPERVISORS),
    "refuse_sign": _always(Group.SUPERVISORS),
    "lift": _direction(Group.SUPERVISORS),
    "instruct": _direction(Group.SUPERVISORS, Group.CLERKS),
    "cc": _always(),
    "comment": _comment,
    "fulfil": _with_department(Group.CLERKS, Group.WATCHERS),
    "move_promise": _with_department(Group.HEADS, Group.CLERKS),
    "edit": _edit,
    "request_exclusion": _always(Group.DEPUTIES, Group.DIRECTORS),
    "grant_exclusion": _always(Group.SUPERVISORS, Group.CLERKS),
    "refuse_exclusion": _always(Group.SUPERVISORS),
    "request_disclosure": _always(Group.SUPERVISORS),
    "grant_disclosure": _with_department(Group.CLERKS, Group.SECRETARIES),
    "refuse_disclosure": _always(Group.CLERKS, Group.SECRETARIES),
    REMIND: _remind,
}

TOLD_KINDS: Final = frozenset(_TABLE)
"""Kinds of events on issues that anybody may be told of; the others concern nobody."""

ALARM_KINDS: Final = frozenset({"shift_empty", "channel_down"})
"""Kinds of events on the sub-district itself that its supervisors are told of."""
