"""Reading the in-app inbox."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import F

from common.keyset import Order, paginate
from communities.access import Access
from communities.lines import OfficeLines
from reminders import subjects, texts, why
from reminders.alarms import Alarms
from reminders.enums import OFFICE, Channel, OutboxState, Topic
from reminders.facts import departments_for
from reminders.models import Notification, NotificationQuerySet, OutboxMessage
from reminders.tellings import facts_of, kinds_of, topic_of

NEWEST = Order(("-id",))
SOONEST = Order(("back_at", "id"))
UNREAD_CAP = 100
"""Counts of unread notifications go no further than this (shown as 99+)."""
MOST_BACK: Final = 20
"""So many of those that have just come back (稍后处理) stand first."""

_COUNTS: Final = """
SELECT
    (SELECT count(*) FROM (SELECT 1 FROM reminders_notification WHERE user_id = %(user)s AND read_at IS NULL
        AND (snoozed_until_at IS NULL OR snoozed_until_at <= %(at)s) LIMIT %(cap)s) AS unread),
    (SELECT count(*) FROM (SELECT 1 FROM reminders_notification WHERE user_id = %(user)s AND read_at IS NULL
        AND snoozed_until_at > %(at)s LIMIT %(cap)s) AS later)
"""


class InboxCounts(NamedTuple):
    """How many notifications wait, and how many are put off; each at most UNREAD_CAP."""

    unread: int
    later: int


def inbox_counts(user_id: int, at: datetime) -> InboxCounts:
    """Unread and put off, as of ``at``. One statement on a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"user": user_id, "at": at, "cap": UNREAD_CAP})
        unread, later = cursor.fetchone()
    return InboxCounts(int(unread), int(later))


def unread_count(user_id: int, at: datetime) -> int:
    """How many notifications this person has not read and not put off, at most UNREAD_CAP. One statement."""
    return inbox_counts(user_id, at).unread


@dataclass(frozen=True)
class Delivery:
    """What became of a notification by one personal channel. ``at`` is when it was sent, ``error`` why it was not."""

    channel: Channel
    state: OutboxState
    at: datetime | None
    error: str

    @property
    def failed(self) -> bool:
        """Whether it was given up."""
        return self.state is OutboxState.DEAD


@dataclass(frozen=True)
class InboxItem:
    """A notification as its reader sees it. ``number`` and ``url`` are "" where the subject is out of sight now.

    ``why``: the sentence of 为什么通知我. ``back``: it was put off, and has come back.
    """

    id: int
    kind: str
    topic: Topic
    event_id: int
    at: datetime
    read_at: datetime | None
    snoozed_until_at: datetime | None
    back: bool
    number: str
    title: str
    body: str
    url: str
    reason: str
    why: str
    deliveries: tuple[Delivery, ...]

    @property
    def unread(self) -> bool:
        """Whether it is still to be read."""
        return self.read_at is None


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox and the cursor of the next one (None on the last)."""

    items: list[InboxItem]
    next_cursor: str | None


def inbox_page(
    access: Access,
    *,
    at: datetime,
    unread_only: bool = False,
    topic: Topic | None = None,
    cursor: str | None = None,
    size: int = 25,
) -> InboxPage:
    """One page of a person's notifications as of ``at``, newest first, worded in the active language.

    What is put off is not there; what has come back stands first. At most eight statements for any page size: two
    less without alarms, one less where no organisation is named. Raises common.keyset.BadCursor.
    """
    rows = Notification.objects.of(access.user_id).select_related("event", "covering")
    if topic is not None:
        rows = rows.filter(kind__in=kinds_of(topic))
    back = list(rows.unread().filter(snoozed_until_at__lte=at).order_by("-snoozed_until_at", "-id")[:MOST_BACK])
    others = rows.shown(at).exclude(pk__in=[row.pk for row in back])
    page = paginate(others.unread() if unread_only else others, order=NEWEST, cursor=cursor, size=size)
    shown = page.rows if cursor else [*back, *page.rows]
    return InboxPage(items=worded(shown, access, at), next_cursor=page.next_cursor)


def later_page(access: Access, *, at: datetime, cursor: str | None = None, size: int = 25) -> InboxPage:
    """One page of what a person put off (稍后处理), the next to come back first. Raises common.keyset.BadCursor."""
    rows: NotificationQuerySet = Notification.objects.of(access.user_id).unread().filter(snoozed_until_at__gt=at)
    rows = rows.select_related("event", "covering").annotate(back_at=F("snoozed_until_at"))
    page = paginate(rows, order=SOONEST, cursor=cursor, size=size)
    return InboxPage(items=worded(page.rows, access, at), next_cursor=page.next_cursor)


def worded(notifications: Sequence[Notification], access: Access, at: datetime) -> list[InboxItem]:
    """Notifications with their words; those about what is out of their reader's sight say only that."""
    if not notifications:
        return []
    words = _words(notifications, access)
    deliveries = _deliveries(access.user_id, [row.event_id for row in notifications])
    items = []
    for row in notifications:
        number, said = words[row.pk]
        covering = row.covering.display_name if row.covering else ""
        items.append(
            InboxItem(
                id=row.pk,
                kind=row.kind,
                topic=topic_of(row.kind),
                event_id=row.event_id,
                at=row.event.at,
                read_at=row.read_at,
                snoozed_until_at=row.snoozed_until_at,
                back=row.snoozed_until_at is not None and row.snoozed_until_at <= at,
                number=number,
                title=said.title,
                body=said.body,
                url=said.url,
                reason=row.reason,
                why=why.sentence(row.reason, row.event.data, covering=covering),
                deliveries=tuple(deliveries[row.event_id]),
            )
        )
    return items


def _words(notifications: Sequence[Notification], access: Access) -> dict[int, tuple[str, texts.Words]]:
    """By notification the number of its subject ("" where there is none to be seen) and its words."""
    departments = departments_for([row.event for row in notifications])
    lines_of = cache(OfficeLines)
    alarms = Alarms(row.event for row in notifications if row.subject_kind == OFFICE)
    found = {
        row.pk: ("", alarms.words(row.event) if row.subject_kind == OFFICE else texts.unknown(""))
        for row in notifications
    }
    for subject in subjects.every():
        mine = [row for row in notifications if row.subject_kind == subject.kind]
        ids = {row.subject_id for row in mine}
        about, visible = (subject.about(ids), subject.visible_ids(access, ids)) if ids else ({}, set())
        for row in mine:
            one = about.get(row.subject_id)
            if one is None:
                continue
            if one.id not in visible:
                found[row.pk] = ("", texts.unknown(one.number))
                continue
            facts = facts_of(row.event, one, departments)
            words = texts.render(facts, subject.kind, keep=lines_of(one.subdistrict_id))
            found[row.pk] = (one.number, words)
    return found


def _deliveries(user_id: int, event_ids: Sequence[int]) -> dict[int, list[Delivery]]:
    rows = OutboxMessage.objects.filter(recipient_id=user_id, event_id__in=event_ids).order_by("channel")
    found: dict[int, list[Delivery]] = defaultdict(list)
    for event_id, channel, state, sent_at, error in rows.values_list(
        "event_id", "channel", "state", "sent_at", "error"
    ):
        found[event_id].append(Delivery(Channel(channel), OutboxState(state), sent_at, error))
    return found
