"""What a notification's words are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from communities.models import Department
from journal.models import Event


@dataclass(frozen=True)
class EventFacts:
    """An event as somebody is told of it. Codes, names of places and organisations; nothing of the resident.

    ``kind`` is what the inbox calls it, ``event_kind`` the event's own. ``title`` is the subject's own title, ``alarm``
    what in its words calls for help: both are made of the reporter's words and shown inside the house only.
    """

    kind: str
    event_kind: str
    at: datetime
    data: Mapping[str, Any]
    actor_role: str
    number: str
    title: str
    alarm: str
    level: str
    places: tuple[str, ...]
    department: str
    url: str


def departments_for(events: Iterable[Event]) -> dict[int, Department]:
    """The organisations that events name; one statement, none where none is named."""
    ids = {event.data.get("department") for event in events} - {None}
    return Department.objects.in_bulk(list(ids)) if ids else {}
