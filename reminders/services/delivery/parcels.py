"""From claimed messages to parcels: rights and state are checked again, words are made, nothing of the resident is in.

Read for a whole claim at once: the number of statements does not depend on how many messages or readers there are.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import translation

from common.clock import now
from communities.access import Access, load_accesses
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from deadlines.subjects import stand_for_another
from journal.models import Event
from reminders import subjects, texts
from reminders.alarms import Alarms
from reminders.channels.base import Item, Parcel
from reminders.enums import NO_ADDRESS, NO_LONGER_ALLOWED, NO_LONGER_NEEDED, OFFICE, REMIND, Channel
from reminders.facts import departments_for
from reminders.letters import Letter
from reminders.models import DeliveryChannel, OutboxMessage
from reminders.services.queueing import Offices
from reminders.subjects import About, Sight, Subject
from reminders.tellings import facts_of

logger = logging.getLogger(__name__)

_NOBODY: Final = Access(user_id=0, roles=frozenset())


@dataclass(frozen=True)
class Load:
    """A parcel, and the messages that are sent when it is."""

    parcel: Parcel
    rows: tuple[OutboxMessage, ...]


_Worded = tuple[OutboxMessage, Item]
_UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an event's data may cause that are not as they should be."""


@dataclass(frozen=True)
class Sorted:
    """``refused``: with the reason why they must not leave; ``broken``: with the error."""

    loads: list[Load]
    refused: list[tuple[OutboxMessage, str]]
    broken: list[tuple[OutboxMessage, str]]


class _Kind:
    """What a claim's events say about the subjects of one kind. At most four statements."""

    def __init__(self, subject: Subject[Any], channel: DeliveryChannel, ids: set[int], *, personal: bool) -> None:
        self.subject = subject
        self.about = subject.about(ids)
        self.sight: Sight = subject.sight(ids if personal else ())
        self.parts: set[int] = set()
        if not personal and (channel.department_id is not None or channel.community_id is not None):
            self.parts = subject.parts(ids, department_id=channel.department_id, community_id=channel.community_id)


class Batch:
    """What claimed messages are made of, as it stands now. At most fifteen statements for any number of messages."""

    def __init__(self, channel: DeliveryChannel, rows: Sequence[OutboxMessage]) -> None:
        self._channel = channel
        events = [row.event for row in rows]
        people = {row.recipient_id for row in rows if row.recipient_id is not None}
        self._kinds: dict[str, _Kind] = {}
        with translation.override(settings.LANGUAGE_CODE):
            for subject in subjects.every():
                ids = {event.subject_id for event in events if event.subject_kind == subject.kind}
                if ids:
                    self._kinds[subject.kind] = _Kind(subject, channel, ids, personal=bool(people))
        self._departments = departments_for(events)
        self._alarms = Alarms(events)
        self._running = _running(events)
        self._accesses = load_accesses(people) if people and self._kinds else {}
        offices = {event.subject_id for event in events if event.subject_kind == OFFICE}
        self._offices = Offices(offices, now()) if people and offices else None
        self._letters = _letters(rows)

    def sort(self, rows: Iterable[OutboxMessage]) -> "Sorted":
        """What may leave, in parcels in the order given; what may not any more; what nobody can word."""
        found = Sorted([], [], [])
        together: dict[tuple[str, int], list[_Worded]] = {}
        with translation.override(settings.LANGUAGE_CODE):
            for row in rows:
                if row.outsider_id is not None:
                    self._sort_letter(row, found)
                    continue
                try:
                    reason = self.obstacle(row)
                    item = None if reason else self._item(row.event)
                except _UNREADABLE as error:
                    logger.exception("message %s cannot be worded", row.pk)
                    found.broken.append((row, type(error).__name__))
                    continue
                if item is None:
                    found.refused.append((row, reason))
                else:
                    place = ("row", row.pk) if row.bundle is None else ("bundle", row.bundle)
                    together.setdefault(place, []).append((row, item))
        found.loads.extend(self._load(sorted(mine, key=lambda pair: pair[0].pk)) for mine in together.values())
        return found

    def _sort_letter(self, row: OutboxMessage, found: "Sorted") -> None:
        """A letter is a parcel by itself, from what its domain says of it now."""
        letter = self._letters.get((row.event_id, row.outsider_id or 0), NO_ADDRESS)
        if self._channel.retired_at is not None:
            letter = NO_LONGER_NEEDED
        if isinstance(letter, str):
            found.refused.append((row, letter))
            return
        found.loads.append(Load(Parcel(id=f"{row.pk}.{row.event_id}", items=(), letter=letter), (row,)))

    def obstacle(self, row: OutboxMessage) -> str:
        """Why this message must not leave any more, "" where it may."""
        if self._channel.retired_at is not None:
            return NO_LONGER_NEEDED
        if row.recipient is not None and not self._address(row):
            return NO_ADDRESS
        if not self._may_be_told(row):
            return NO_LONGER_ALLOWED
        return "" if row.event.subject_kind == OFFICE or self._needed(row.event) else NO_LONGER_NEEDED

    def _about(self, event: Event) -> About | None:
        kind = self._kinds.get(event.subject_kind)
        return kind.about.get(event.subject_id) if kind else None

    def _may_be_told(self, row: OutboxMessage) -> bool:
        """A person who is active and sees the subject, or is in office; a group that it still concerns."""
        event = row.event
        if event.subject_kind == OFFICE:
            return self._is_office(event) if row.recipient is None else self._holds_office(row)
        about = self._about(event)
        if about is None:
            return False
        if row.recipient is None:
            return self._concerns_group(event, about)
        access = self._accesses.get(row.recipient.pk, _NOBODY)
        return row.recipient.is_active and self._kinds[event.subject_kind].sight.shows(access, event.subject_id)

    def _concerns_group(self, event: Event, about: About) -> bool:
        """Whether the subject is still, or by this very event no longer, the affair of the channel's organisation."""
        channel, kind = self._channel, self._kinds[event.subject_kind]
        if about.subdistrict_id != channel.subdistrict_id:
            return False
        if about.id in kind.parts or (channel.community_id is None and channel.department_id is None):
            return True
        if channel.department_id is None:
            return about.community_id == channel.community_id
        return kind.subject.left_by(event) == channel.department_id

    def _is_office(self, event: Event) -> bool:
        """Whether the channel is the office's of the sub-district that the event is about."""
        channel = self._channel
        elsewhere = channel.community_id is not None or channel.department_id is not None
        return not elsewhere and channel.subdistrict_id == event.subject_id

    def _holds_office(self, row: OutboxMessage) -> bool:
        person = row.recipient
        if person is None or not person.is_active or self._offices is None:
            return False
        return self._offices.holds(row.event.subject_id, person.pk)

    def _needed(self, event: Event) -> bool:
        """Whether the matter is still what the event says: its clock runs to that date, its work goes on."""
        kind = self._kinds[event.subject_kind]
        if event.kind == REMIND:
            due_at, told = self._running.get(event.data.get("deadline", 0)), event.data.get("due_at")
            if due_at is None or (told and datetime.fromisoformat(told) != due_at):
                return False
            if not stand_for_another().isdisjoint(event.data):
                return True
        return kind.about[event.subject_id].is_open or not kind.subject.was_open(event)

    def _address(self, row: OutboxMessage) -> str:
        if row.recipient is None:
            return ""
        return row.recipient.mobile if row.channel == Channel.SMS else row.recipient.email

    def _load(self, worded: Sequence["_Worded"]) -> Load:
        first = worded[0][0]
        digest = first.bundle is not None
        parcel = Parcel(
            id=f"{first.bundle}.0" if digest else f"{first.pk}.{first.event_id}",
            items=tuple(item for _row, item in worded),
            to=self._address(first),
            digest=digest and self._channel.kind == Channel.EMAIL,
        )
        return Load(parcel, tuple(row for row, _item in worded))

    def _item(self, event: Event) -> Item:
        """In the active language."""
        about = self._about(event)
        if about is None:
            return Item(event.pk, event.kind, event.at, self._alarms.words(event), data=event.data)
        facts = facts_of(event, about, self._departments)
        return Item(
            event_id=event.pk,
            kind=facts.kind,
            at=event.at,
            words=texts.render(facts, event.subject_kind, private=False),
            subject=(event.subject_kind, about.id),
            number=about.number,
            level=about.level,
            data=event.data,
        )


def _letters(rows: Iterable[OutboxMessage]) -> Mapping[tuple[int, int], Letter | str]:
    """What the letters among these hold now, or why they must not leave; a statement for each kind of subjects."""
    found: dict[tuple[int, int], Letter | str] = {}
    pairs = [(row.event, row.outsider_id) for row in rows if row.outsider_id is not None]
    for subject in subjects.every():
        mine = [pair for pair in pairs if pair[0].subject_kind == subject.kind]
        if mine:
            found |= subject.letters(mine)
    return found


def _running(events: Iterable[Event]) -> dict[int, datetime]:
    """When the running clocks are due that these events remind of."""
    deadlines = {event.data.get("deadline") for event in events if event.kind == REMIND} - {None}
    if not deadlines:
        return {}
    rows = Deadline.objects.filter(pk__in=deadlines, state=DeadlineState.RUNNING)
    return dict(rows.values_list("pk", "due_at"))
