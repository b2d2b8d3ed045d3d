"""Reading the in-app inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from common.keyset import Order, paginate
from communities.access import Access
from issues.models import Issue
from reminders import texts
from reminders.enums import OutboxState
from reminders.facts import departments_for, facts_of, issues_for
from reminders.models import Notification, OutboxMessage

NEWEST = Order(("-id",))
UNREAD_CAP = 100
"""Counts of unread notifications go no further than this (shown as 99+)."""


def unread_count(user_id: int) -> int:
    """How many notifications this person has not read, at most UNREAD_CAP. One statement on a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ("
            "SELECT 1 FROM reminders_notification WHERE user_id = %s AND read_at IS NULL LIMIT %s) AS unread",
            [user_id, UNREAD_CAP],
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True)
class InboxItem:
    """A notification as its reader sees it. ``number`` and ``url`` are "" where the issue is out of sight now."""

    id: int
    kind: str
    event_id: int
    at: datetime
    read_at: datetime | None
    number: str
    title: str
    body: str
    url: str
    email_state: str

    @property
    def unread(self) -> bool:
        """Whether it is still to be read."""
        return self.read_at is None


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox and the cursor of the next one (None on the last)."""

    items: list[InboxItem]
    next_cursor: str | None


def inbox_page(access: Access, *, unread_only: bool = False, cursor: str | None = None, size: int = 25) -> InboxPage:
    """One page of a person's notifications, newest first, worded in the active language.

    At most five statements for any page size. Raises common.keyset.BadCursor.
    """
    rows = Notification.objects.of(access.user_id).select_related("event")
    page = paginate(rows.unread() if unread_only else rows, order=NEWEST, cursor=cursor, size=size)
    return InboxPage(items=worded(page.rows, access), next_cursor=page.next_cursor)


def worded(notifications: Sequence[Notification], access: Access) -> list[InboxItem]:
    """Notifications with their words; those about issues that are out of their reader's sight say only that."""
    if not notifications:
        return []
    issue_ids = {row.subject_id for row in notifications}
    visible = set(Issue.objects.filter(pk__in=issue_ids).visible_to(access).values_list("pk", flat=True))
    issues = issues_for(issue_ids)
    departments = departments_for([row.event for row in notifications])
    emails = _email_states(access.user_id, [row.event_id for row in notifications])
    items = []
    for row in notifications:
        issue = issues[row.subject_id]
        seen = issue.pk in visible
        words = texts.render(facts_of(row.event, issue, departments)) if seen else texts.unknown(issue.number)
        items.append(
            InboxItem(
                id=row.pk,
                kind=row.kind,
                event_id=row.event_id,
                at=row.event.at,
                read_at=row.read_at,
                number=issue.number if seen else "",
                title=words.title,
                body=words.body,
                url=words.url,
                email_state=emails.get(row.event_id, ""),
            )
        )
    return items


def _email_states(user_id: int, event_ids: Sequence[int]) -> dict[int, OutboxState]:
    rows = OutboxMessage.objects.filter(recipient_id=user_id, event_id__in=event_ids, channel="email")
    return {event_id: OutboxState(state) for event_id, state in rows.values_list("event_id", "state")}
