"""From an event to the people it concerns: the journal's reader ``notifications``."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from deadlines.calendar import WorkCalendar
from deadlines.services import load_calendar
from journal import services as journal
from journal.models import Event, Pending
from reminders import subjects, tellings
from reminders.audience import NOBODY, Audience
from reminders.enums import OFFICE, READER, SET_ASIDE
from reminders.letters import OUTSIDE
from reminders.services.directory import OFFICE as OFFICE_CHANNELS
from reminders.services.directory import Accounts, Case, Directory
from reminders.services.queueing import Addressed, Offices, Outlets, Told, insert, letters, queue
from reminders.subjects import Matter, Subject
from reminders.tellings import ALARM_KINDS

logger = logging.getLogger(__name__)

BATCH: Final = 500
MOST_BATCHES: Final = 200
"""In one pass: well within a task's time limit."""

_NOTIFY = """
INSERT INTO reminders_notification
    (user_id, event_id, kind, subject_kind, subject_id, created_at, reason, covering_id) VALUES %s
ON CONFLICT (event_id, user_id) DO NOTHING
"""


@dataclass
class FanOutResult:
    """What one pass did: events read, notifications and messages written."""

    events: int = 0
    notifications: int = 0
    messages: int = 0

    def as_json(self) -> dict[str, int]:
        """The figures as the commands print them."""
        return {"events": self.events, "notifications": self.notifications, "messages": self.messages}


def fan_out(*, at: datetime, batch: int = BATCH) -> FanOutResult:
    """Tell people of every event that waits. Each batch writes its rows and takes its events off the list together."""
    result = FanOutResult()
    for _number in range(MOST_BATCHES):
        try:
            read = _read_batch(at, batch, result)
        except _Unreadable as failed:
            logger.exception("an event could not be told; the batch is read again one by one")
            _one_by_one(at, len(failed.event_ids), result)
            continue
        if read < batch:
            break
    return result


class _Unreadable(Exception):  # noqa: N818 - carries what was being read
    """Telling these events failed for what they hold, and would fail again."""

    def __init__(self, event_ids: Sequence[int]) -> None:
        super().__init__(event_ids)
        self.event_ids = event_ids


def _read_batch(at: datetime, batch: int, result: FanOutResult) -> int:
    """Work off up to ``batch`` events in one transaction; returns how many there were. Raises _Unreadable."""
    done = FanOutResult()
    with transaction.atomic():
        claimed = journal.claim(reader=READER, limit=batch)
        try:
            _tell(claimed, at, done)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise _Unreadable(claimed) from error
    result.events += len(claimed)
    result.notifications += done.notifications
    result.messages += done.messages
    return len(claimed)


def _one_by_one(at: datetime, count: int, result: FanOutResult) -> None:
    """Set aside the events that cannot be told, so that they do not keep the others waiting."""
    for _number in range(count):
        try:
            _read_batch(at, 1, result)
        except _Unreadable as failed:
            logger.error("event %s was set aside for %s", failed.event_ids, SET_ASIDE)
            Pending.objects.filter(reader=READER, event_id__in=failed.event_ids).update(reader=SET_ASIDE)


def _tell(event_ids: Sequence[int], at: datetime, result: FanOutResult) -> None:
    wanted = Q(subject_kind=OFFICE, kind__in=ALARM_KINDS)
    for subject in subjects.every():
        told = Q(kind__in=tellings.told_kinds(subject.kind)) | Q(data__has_key=OUTSIDE)
        wanted |= Q(subject_kind=subject.kind) & told
    events = list(Event.objects.filter(wanted, pk__in=event_ids).order_by("pk"))
    if not events:
        return
    calendar = load_calendar()
    for subject in subjects.every():
        _tell_of(subject, [event for event in events if event.subject_kind == subject.kind], calendar, at, result)
    _alarm([event for event in events if event.subject_kind == OFFICE], calendar, at, result)


def _tell_of(
    subject: Subject[Any], events: Sequence[Event], calendar: WorkCalendar, at: datetime, result: FanOutResult
) -> None:
    result.messages += queue(letters(events, at))
    matters = subject.matters({event.subject_id for event in events}) if events else {}
    concerned = [(event, matters[event.subject_id]) for event in events if event.subject_id in matters]
    audiences = [(event, matter, subject.audience(event, matter)) for event, matter in concerned]
    audiences = [row for row in audiences if row[2] is not NOBODY]
    if not audiences:
        return
    directory = Directory(
        subject,
        list({matter.id: matter for _event, matter, _found in audiences}.values()),
        [found for _event, _matter, found in audiences],
        [event.at for event, _matter, _found in audiences],
    )
    told = [row for event, matter, found in audiences for row in _recipients(event, matter, found, directory, calendar)]
    addressed = [
        Addressed(event, matter.level, matter.subdistrict_id, frozenset(directory.organisations(found, matter)))
        for event, matter, found in audiences
    ]
    _write(told, addressed, result, calendar=calendar, at=at)


def _alarm(events: Sequence[Event], calendar: WorkCalendar, at: datetime, result: FanOutResult) -> None:
    """What is about the sub-district itself: to its supervisors and the administrators."""
    if not events:
        return
    offices = Offices({event.subject_id for event in events}, at)
    told = [
        Told(event, event.subject_id, "", person) for event in events for person in offices.people(event.subject_id)
    ]
    addressed = [
        Addressed(event, "", event.subject_id, frozenset({(OFFICE_CHANNELS, event.subject_id)})) for event in events
    ]
    _write(told, addressed, result, calendar=calendar, at=at)


def _write(
    told: Sequence[Told],
    addressed: Sequence[Addressed],
    result: FanOutResult,
    *,
    calendar: WorkCalendar,
    at: datetime,
) -> None:
    """The notifications, and the messages that leave the house."""
    result.notifications += insert(
        _NOTIFY,
        [
            (
                *(row.person.user_id, row.event.pk, row.kind, row.event.subject_kind, row.event.subject_id, at),
                *(row.person.reason.value, row.person.covering),
            )
            for row in told
        ],
    )
    subdistricts = {group.subdistrict_id for group in addressed}
    people = {row.person.user_id for row in told}
    outlets = Outlets(subdistricts, people, calendar, at)
    result.messages += queue(outlets.messages(told, Accounts(people), addressed))


def _recipients(
    event: Event, matter: Matter, found: Audience, directory: Directory, calendar: WorkCalendar
) -> Iterable[Told]:
    """Everybody once for each event, whoever is on shift first; not the actor."""
    case = Case(matter, event.at, event.actor_id)
    people = directory.people(found, case)
    if found.urgent and not calendar.in_office_hours(event.at):
        people = [*directory.on_duty(case), *people]
    first = {person.user_id: person for person in reversed(people)}
    return (
        Told(event, matter.subdistrict_id, matter.level, person)
        for pk, person in reversed(first.items())
        if pk != event.actor_id
    )
