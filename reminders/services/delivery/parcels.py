"""From claimed messages to parcels: rights and state are checked again, words are made, nothing of the resident is in.

Read for a whole claim at once: the number of statements does not depend on how many messages or readers there are.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from common.clock import now
from communities.access import Access, load_accesses
from communities.models import Category, Community, Department
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.enums import OPEN, SUBJECT, DepartmentRole
from issues.models import Issue, IssueDepartment
from issues.sight import Sight
from journal.models import Event
from reminders import texts
from reminders.alarms import Alarms
from reminders.channels.base import Item, Parcel
from reminders.enums import NO_ADDRESS, NO_LONGER_ALLOWED, NO_LONGER_NEEDED, REMIND, Channel
from reminders.facts import departments_for, facts_of
from reminders.models import DeliveryChannel, OutboxMessage
from reminders.services.queueing import Offices

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


class Batch:
    """What claimed messages are made of, as it stands now. At most fifteen statements for any number of messages."""

    def __init__(self, channel: DeliveryChannel, rows: Sequence[OutboxMessage]) -> None:
        self._channel = channel
        events = [row.event for row in rows]
        ids = {event.subject_id for event in events if event.subject_kind == SUBJECT}
        self._issues = _issues(ids) if ids else {}
        self._departments = departments_for(events)
        self._alarms = Alarms(events)
        self._running = _running(events)
        people = {row.recipient_id for row in rows if row.recipient_id is not None}
        self._sight = Sight(ids if people else ())
        self._accesses = load_accesses(people) if people and ids else {}
        offices = {event.subject_id for event in events if event.subject_kind != SUBJECT}
        self._offices = Offices(offices, now()) if people and offices else None
        self._parts = _parts(channel, ids) if ids and not people else set()

    def sort(self, rows: Iterable[OutboxMessage]) -> "Sorted":
        """What may leave, in parcels in the order given; what may not any more; what nobody can word."""
        found = Sorted([], [], [])
        together: dict[tuple[str, int], list[_Worded]] = {}
        with translation.override(settings.LANGUAGE_CODE):
            for row in rows:
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

    def obstacle(self, row: OutboxMessage) -> str:
        """Why this message must not leave any more, "" where it may."""
        if self._channel.retired_at is not None:
            return NO_LONGER_NEEDED
        if row.recipient is not None and not self._address(row):
            return NO_ADDRESS
        if not self._may_be_told(row):
            return NO_LONGER_ALLOWED
        return "" if row.event.subject_kind != SUBJECT or self._needed(row.event) else NO_LONGER_NEEDED

    def _may_be_told(self, row: OutboxMessage) -> bool:
        """A person who is active and sees the issue, or is in office; a group that the matter still concerns."""
        event, about_issue = row.event, row.event.subject_kind == SUBJECT
        if about_issue and event.subject_id not in self._issues:
            return False
        if row.recipient is None:
            return self._concerns_group(event) if about_issue else self._is_office(event)
        if not row.recipient.is_active:
            return False
        if not about_issue:
            return self._offices is not None and self._offices.holds(event.subject_id, row.recipient.pk)
        return self._sight.shows(self._accesses.get(row.recipient.pk, _NOBODY), event.subject_id)

    def _concerns_group(self, event: Event) -> bool:
        """Whether the issue is still, or by this very event no longer, the affair of the channel's organisation."""
        issue, channel = self._issues[event.subject_id], self._channel
        if issue.subdistrict_id != channel.subdistrict_id:
            return False
        if issue.pk in self._parts or (channel.community_id is None and channel.department_id is None):
            return True
        if channel.department_id is None:
            return issue.community_id == channel.community_id
        left = event.data.get("department") if event.kind == "waive_department" else event.data.get("previous")
        return bool(left == channel.department_id)

    def _is_office(self, event: Event) -> bool:
        """Whether the channel is the office's of the sub-district that the event is about."""
        channel = self._channel
        elsewhere = channel.community_id is not None or channel.department_id is not None
        return not elsewhere and channel.subdistrict_id == event.subject_id

    def _needed(self, event: Event) -> bool:
        """Whether the matter is still what the event says: its clock runs to that date, its work goes on."""
        if event.kind == REMIND:
            due_at, told = self._running.get(event.data.get("deadline", 0)), event.data.get("due_at")
            if due_at is None or (told and datetime.fromisoformat(told) != due_at):
                return False
            if event.data.get("commitment"):
                return True
        issue = self._issues[event.subject_id]
        return issue.status in OPEN or event.data.get("to", event.data.get("status")) not in OPEN

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
        if event.subject_kind != SUBJECT:
            return Item(event.pk, event.kind, event.at, self._alarms.words(event), data=event.data)
        issue = self._issues[event.subject_id]
        facts = facts_of(event, issue, self._departments)
        return Item(
            event_id=event.pk,
            kind=facts.kind,
            at=event.at,
            words=texts.render(facts, private=False),
            issue_id=issue.pk,
            number=issue.number,
            level=issue.level,
            data=event.data,
        )


def _issues(ids: Collection[int]) -> dict[int, Issue]:
    """The issues, with what their words need. Places and offices are few, and each is read as one object for all."""
    columns = ("number", "level", "status", "title", "alarm", "subdistrict_id", "community_id", "category_id")
    found = Issue.objects.only(*columns, "lead_department_id").in_bulk(list(ids))
    named: tuple[tuple[str, type[Community | Category | Department]], ...] = (
        ("community", Community),
        ("category", Category),
        ("lead_department", Department),
    )
    for name, model in named:
        wanted = {getattr(issue, f"{name}_id") for issue in found.values()} - {None}
        rows: Mapping[int, Any] = model._default_manager.in_bulk(list(wanted))
        for issue in found.values():
            setattr(issue, name, rows.get(getattr(issue, f"{name}_id")))
    return found


def _running(events: Iterable[Event]) -> dict[int, datetime]:
    """When the running clocks are due that these events remind of."""
    deadlines = {event.data.get("deadline") for event in events if event.kind == REMIND} - {None}
    if not deadlines:
        return {}
    rows = Deadline.objects.filter(pk__in=deadlines, state=DeadlineState.RUNNING)
    return dict(rows.values_list("pk", "due_at"))


def _parts(channel: DeliveryChannel, issue_ids: set[int]) -> set[int]:
    """The issues in which the organisation whose group a channel is has a part, or of which it got a copy."""
    parts = IssueDepartment.objects.filter(Q(current=True) | Q(role=DepartmentRole.CC), issue_id__in=issue_ids)
    if channel.department_id is not None:
        parts = parts.filter(department_id=channel.department_id)
    elif channel.community_id is not None:
        parts = parts.filter(department__community_id=channel.community_id)
    else:
        return set()
    return set(parts.values_list("issue_id", flat=True))
