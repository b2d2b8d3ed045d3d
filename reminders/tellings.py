"""How people are told of each kind of event: one row a kind, registered by the domain in whose journal it stands.

The inbox knows a notification by one word (``inbox_kind``): for a reminder the rung's code, else the event's kind,
unless its row gives another one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise

from communities.models import Department
from journal.models import Event
from reminders import rungs
from reminders.enums import REMIND, Topic
from reminders.facts import EventFacts
from reminders.subjects import About

Words = Callable[[EventFacts], str]


def says(words: Promise) -> Words:
    """The same words whatever happened."""
    return lambda facts: str(words)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One kind of event. ``title`` is what a timeline calls it; where nobody is told of it that is all.

    ``words`` are what is wanted of the reader, ``more`` what else a notification says ("" for nothing; without one the
    department). ``inbox_kind`` is what the inbox calls it where that is not its own kind. ``raises``: with it a matter
    begins, and what in its words calls for help is said.
    """

    kind: str
    title: Promise
    words: Words | None = None
    more: Words | None = None
    topic: Topic = Topic.RESULT
    inbox_kind: str = ""
    raises: bool = False

    @property
    def known_as(self) -> str:
        """What the inbox calls it."""
        return self.inbox_kind or self.kind


CALLERS_LOOKED_UP: Final = "callers_looked_up"
ALARM_KINDS: Final = frozenset({"shift_empty", "channel_down", CALLERS_LOOKED_UP})
"""Kinds of events on the sub-district itself that its supervisors are told of."""

_rows: Final[dict[str, dict[str, Telling]]] = {}
_by_inbox_kind: Final[dict[str, Telling]] = {}


def register(subject_kind: str, rows: Iterable[Telling]) -> None:
    """Make known how people are told of the events of this kind of subjects.

    ValueError where the inbox knows one of them by a word that already stands for another one.
    """
    for row in rows:
        if row.words is not None and _by_inbox_kind.setdefault(row.known_as, row) != row:
            raise ValueError(f"two kinds of events are known as {row.known_as}")
        _rows.setdefault(subject_kind, {})[row.kind] = row


def find(subject_kind: str, event_kind: str) -> Telling | None:
    """The row of an event; None where nobody registered it."""
    return _rows.get(subject_kind, {}).get(event_kind)


def told_kinds(subject_kind: str) -> list[str]:
    """The kinds of events on such subjects that anybody may be told of; the others concern nobody."""
    return [REMIND, *sorted(kind for kind, row in _rows.get(subject_kind, {}).items() if row.words is not None)]


def inbox_kind(subject_kind: str, event_kind: str, data: Mapping[str, Any]) -> str:
    """What the inbox calls an event: the rung's code for a reminder."""
    if event_kind == REMIND:
        return str(data.get("rung", REMIND))
    row = find(subject_kind, event_kind)
    return row.known_as if row else event_kind


def facts_of(event: Event, about: About, departments: Mapping[int, Department]) -> EventFacts:
    """The facts of one event, names in the active language. What calls for help is said when it was raised."""
    telling = find(event.subject_kind, event.kind)
    department = departments.get(event.data.get("department") or 0)
    return EventFacts(
        kind=inbox_kind(event.subject_kind, event.kind, event.data),
        event_kind=event.kind,
        at=event.at,
        data=event.data,
        actor_role=event.actor_role,
        number=about.number,
        title=about.title,
        alarm=about.alarm if telling and telling.raises else "",
        level=about.level,
        places=about.places,
        department=department.short_name if department else about.department,
        url=about.url,
    )


def title(kind: str) -> str:
    """What an event is called by its own kind or by what the inbox calls it; itself where nobody registered it."""
    found = _by_inbox_kind.get(kind) or next((rows[kind] for rows in _rows.values() if kind in rows), None)
    return str(found.title) if found else rungs.label(kind)


def topic_of(kind: str) -> Topic:
    """The topic of a notification's kind; what nobody put elsewhere is a result (办理动态)."""
    if kind in ALARM_KINDS:
        return Topic.ALARM
    row = rungs.find(kind) or _by_inbox_kind.get(kind)
    return row.topic if row else Topic.RESULT


def kinds_of(topic: Topic) -> tuple[str, ...]:
    """The kinds of notifications that belong to ``topic``."""
    known = {spec.code for spec in rungs.every()} | set(_by_inbox_kind) | ALARM_KINDS
    return tuple(sorted(kind for kind in known if topic_of(kind) is topic))
