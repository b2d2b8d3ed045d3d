"""The seam between the engine and the domains: what the engine asks about things that can be due or told of.

A domain registers one ``Subject`` for each kind of such things in ``AppConfig.ready()``, with its clocks
(``deadlines.kinds``), its rungs and effects (``reminders.rungs``) and what it tells of its events
(``reminders.tellings``). The engine names no domain. What was made on another subject (``deadlines.subjects``), as a
promise is, is due by itself and else stands for that subject.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, NamedTuple, Protocol, TypeVar

from django.db.models import QuerySet

from communities.access import Access
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from journal.models import Event
from reminders.audience import Audience
from reminders.letters import Letter


class SubjectStanding(NamedTuple):
    """How a subject stands. ``status`` goes into the events of its reminders, ``number`` names it to people."""

    id: int
    level: str
    is_open: bool
    status: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A subject as the engine looks for people: where it is, and who has to do with it.

    ``officer_id`` handles it for ``department_id``; ``co_department_ids`` owe parts of it still.
    """

    id: int
    subdistrict_id: int
    level: str = ""
    community_id: int | None = None
    department_id: int | None = None
    officer_id: int | None = None
    co_department_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """A subject as notifications speak of it; names of places and organisations in the active language.

    ``title`` and ``alarm`` (what in its words calls for help) are shown inside the house only; ``places`` are said
    outside it too. ``url`` is a path of this site.
    """

    id: int
    number: str
    title: str
    level: str
    is_open: bool
    subdistrict_id: int
    url: str
    community_id: int | None = None
    alarm: str = ""
    places: tuple[str, ...] = ()
    department: str = ""


@dataclass(frozen=True)
class DeskRow:
    """One clock that is due, and what it is about. ``clock`` is what it is called, ``owner`` who owes it."""

    number: str
    title: str
    url: str
    clock: str
    due_at: datetime
    owner: str


class Urged(NamedTuple):
    """A deadline that the clock urges now: the subject's own, or that of what was made on it."""

    deadline_id: int
    subject_id: int
    kind: str
    party_id: int | None
    due_at: datetime


class Sight(Protocol):
    """Who may see which of some subjects, asked of rows that were read before."""

    def shows(self, access: Access, subject_id: int) -> bool:
        """Whether this person's scope shows the subject; False where there is none."""


M = TypeVar("M", bound=Matter)


class Subject(ABC, Generic[M]):
    """What the engine asks of one kind of things. Whatever reads takes many at once."""

    kind: str
    """As deadlines and the journal know it."""
    late_on_desk: ClassVar[bool] = False
    """Whether its overdue clocks stand on the supervision desk as ``late_rows`` tells of them."""

    # The sweep

    @abstractmethod
    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """Lock these, in the order of their ids, as every action on them does. One statement.

        Whoever works on one keeps it: it is left out, or waited for.
        """

    @abstractmethod
    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """How these stand, read without a lock; those that do not exist are left out. One statement."""

    def may_act(self, effect: str, standing: SubjectStanding) -> bool:
        """Whether time may act so on it now (``EffectSpec.acts``)."""
        return False

    def act(self, effect: str, *, subject_id: int, deadline_id: int, at: datetime) -> None:
        """Carry out what time does by itself (``EffectSpec.acts``), under the lock of the sweep."""
        raise NotImplementedError(f"time does not act on a {self.kind}: {effect}")

    def urge(self, rows: Sequence[Urged], at: datetime, calendar: WorkCalendar) -> Mapping[int, Mapping[str, Any]]:
        """Urge for each of these deadlines; returns what the event of each says of it, by its id."""
        return {}

    def follow_recount(self, rows: Sequence[Deadline], at: datetime, calendar: WorkCalendar) -> None:
        """Its own clocks were counted again, under its lock, after a change of the calendar: what follows with them."""

    # Who is told

    @abstractmethod
    def matters(self, ids: Collection[int]) -> Mapping[int, M]:
        """These subjects as the engine looks for people; one statement."""

    @abstractmethod
    def audience(self, event: Event, matter: M) -> Audience:
        """Whom an event concerns; NOBODY where it concerns nobody. No statement."""

    def letters(self, wanted: Collection[tuple[Event, int]]) -> Mapping[tuple[int, int], Letter | str]:
        """What people outside the house are sent of these events now, by event and id of such a person.

        In place of a letter the reason why there is none any more (``OutboxMessage.error``). One statement.
        """
        return {}

    def undelivered(self, event: Event, outsider_id: int, at: datetime, *, gave_up: bool) -> None:
        """Such a letter did not arrive: sending was given up, or it was not sent any more.

        In a transaction of its own, which is repeated where it failed.
        """

    def watchers(self, ids: Collection[int]) -> Iterable[tuple[int, int]]:
        """(subject, account) of all who follow one of these; one statement."""
        return ()

    @abstractmethod
    def sight(self, ids: Collection[int]) -> Sight:
        """Who may see which of these; two statements at most, none for none."""

    # What is said, and to whom it may still be said

    @abstractmethod
    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """What notifications say of these; one statement."""

    def parts(self, ids: Collection[int], *, department_id: int | None, community_id: int | None) -> set[int]:
        """Those of these in which this organisation has a part beside whoever leads; one statement."""
        return set()

    def was_open(self, event: Event) -> bool:
        """Whether the subject was still open after this event."""
        return True

    def left_by(self, event: Event) -> int | None:
        """The department whose affair it was until this very event, None where it was nobody's."""
        return None

    # Lists

    @abstractmethod
    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """Those of these that this person sees; one statement."""

    def on_desk(self, view: str, *, areas: Collection[int], at: datetime, most: int) -> Sequence[DeskRow]:
        """What stands on a list of the supervision desk of these sub-districts: at most so many, due first.

        Beside ``late_rows``. A domain whose own list is the page's puts nothing here. A handful of statements.
        """
        return ()

    def late_rows(self, clocks: Sequence[Deadline]) -> Sequence[DeskRow]:
        """These overdue clocks of its own, each with its ``party``, as rows of the desk; one statement."""
        return ()

    @abstractmethod
    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """A subquery of the ids of all that belong to these sub-districts."""


_subjects: Final[dict[str, Subject[Any]]] = {}


def register(subject: Subject[Any]) -> None:
    """Let the engine know this kind of subject."""
    _subjects[subject.kind] = subject


def find(kind: str) -> Subject[Any] | None:
    """The subject of this kind; None where nobody registered it."""
    return _subjects.get(kind)


def about_all(wanted: Collection[tuple[str, int]]) -> dict[tuple[str, int], About]:
    """What is said of these, of whatever kinds; what is gone or of no known kind is left out.

    One statement for each kind among them.
    """
    found: dict[tuple[str, int], About] = {}
    for subject in every():
        ids = {pk for kind, pk in wanted if kind == subject.kind}
        if ids:
            found |= {(subject.kind, pk): about for pk, about in subject.about(ids).items()}
    return found


def every() -> tuple[Subject[Any], ...]:
    """All kinds, in the order of their names: the order in which their rows are locked."""
    return tuple(_subjects[kind] for kind in sorted(_subjects))
