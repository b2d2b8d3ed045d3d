"""What a row of the table of tellings is made of: whom an event concerns, and what is said of it.

Pure: no ORM, no HTTP. The rule: docs/rules/people.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from accounts.roles import OF_COMMUNITY
from common import dates
from deadlines.enums import PRESSING
from issues.enums import Solved, Turn, Verdict
from reminders.audience import NOBODY, Audience, Group, Groups
from reminders.enums import RungRole
from reminders.facts import EventFacts
from reminders.tellings import Telling
from reminders.texts import SEPARATOR


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

    @property
    def has_department(self) -> bool:
        """Whether a department works on it."""
        return self.department_id is not None

    @property
    def by_community(self) -> bool:
        """Whether the community did it."""
        return self.actor_role in OF_COMMUNITY


To = Callable[[Happening], Groups]
"""The groups that an event concerns."""


def _is_no_move(event: Happening) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class IssueTelling(Telling):
    """One kind of event on an issue.

    ``to`` are the groups that it concerns, ``named`` accounts that it names itself, ``elsewhere`` groups of further
    organisations. ``of_named``: desk, handler and heads are those of the organisation that the event names, not of the
    lead department. ``moves``: it asks somebody to move, so that a pressing one reaches whoever is on shift too.
    ``starts_at_desk``: the rung ``new`` says whom. ``titled`` gives another title where the role of who did it, the
    event's data, or that no account did it say so.
    """

    to: To = lambda event: ()
    named: Callable[[Happening], tuple[int, ...]] = lambda event: ()
    elsewhere: Callable[[Happening], tuple[tuple[int, Groups], ...]] = lambda event: ()
    of_named: bool = False
    starts_at_desk: bool = False
    moves: Callable[[Happening], bool] = _is_no_move
    titled: Callable[[str, Mapping[str, Any], bool], str] = lambda actor_role, data, by_nobody: ""

    def audience(self, event: Happening) -> Audience:
        """Whom it concerns; NOBODY where it concerns nobody. An outside time that stands concerns the supervisors."""
        groups = self.to(event)
        if "outside_stands" in event.data:
            groups = tuple(dict.fromkeys((*groups, Group.SUPERVISORS)))
        named, elsewhere = self.named(event), self.elsewhere(event)
        if not groups and not named and not elsewhere:
            return NOBODY
        owed_by = event.data.get("department") if self.of_named else None
        return Audience(
            groups=groups,
            named=named,
            department_id=owed_by or event.department_id,
            urgent=event.level in PRESSING and self.moves(event),
            elsewhere=elsewhere,
        )


def moves(event: Happening) -> bool:
    """It asks somebody to move, whatever it says."""
    return True


# Whom it concerns


def always(*groups: Group) -> To:
    """These, whatever happened."""
    return lambda event: groups


def to_community(event: Happening) -> Groups:
    """The community, unless it acted itself."""
    return () if event.by_community else (Group.CLERKS,)


def with_department(*groups: Group) -> To:
    """These, and whoever handles it where a department does."""
    return lambda event: (Group.HANDLER, *groups) if event.has_department else groups


def direction(*groups: Group) -> To:
    """What a leader of the sub-district decides: to whoever works on it, and to the groups."""

    def to(event: Happening) -> Groups:
        working = (Group.HANDLER, Group.HEADS) if event.has_department else (Group.CLERKS, Group.SECRETARIES)
        return tuple(dict.fromkeys((*working, *groups)))

    return to


_WHOSE_MOVE: Final[Mapping[str, Groups]] = {
    Turn.COMMUNITY.value: (Group.CLERKS, Group.SECRETARIES),
    Turn.DEPARTMENT.value: (Group.HANDLER, Group.HEADS),
    Turn.SUPERVISOR.value: (Group.SUPERVISORS,),
}


def to_whose_move(event: Happening) -> Groups:
    """Whoever's move it is."""
    return _WHOSE_MOVE.get(event.turn, (Group.CLERKS,))


DECIDED: Final = always(Group.HANDLER, Group.HEADS, Group.CLERKS, Group.CO_DESKS)
"""What was decided about the time of an issue."""


# What is said


def days_of(facts: EventFacts) -> dict[str, int]:
    """Working days that were asked for or granted."""
    return {"days": int(facts.data.get("days") or 0)}


def until_of(facts: EventFacts) -> dict[str, str]:
    """The day until which something is deferred."""
    until = facts.data.get("until")
    return {"until": dates.day(date.fromisoformat(until)) if until else ""}


def objects(data: Mapping[str, Any]) -> bool:
    """Whether a verdict says that the matter is not settled."""
    return data.get("solved") == Solved.NO or data.get("verdict") == Verdict.DISSATISFIED


def verdict_of(facts: EventFacts) -> str:
    """What the resident said: 满意 · 已解决."""
    verdict, solved = facts.data.get("verdict"), facts.data.get("solved")
    words = [str(Verdict(verdict).label)] if verdict in Verdict.values else []
    words += [str(Solved(solved).label)] if solved in Solved.values else []
    return SEPARATOR.join(words)
