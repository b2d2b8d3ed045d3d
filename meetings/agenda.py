"""What a meeting begins with: what earlier ones left unfinished, topics of those not held, matters to put forward."""

from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Q

from communities.access import Access
from issues.enums import Status
from issues.models import Issue
from issues.querysets import IssueQuerySet
from meetings.enums import TO_COME, MeetingState
from meetings.models import Meeting, MeetingItem
from meetings.querysets import ItemQuerySet

MOST: Final = 30
REOPENED: Final = 3
"""So often reopened, a matter is one for a meeting (docs/rules/meetings.md#the-agenda)."""


def unfinished_before(meeting: Meeting, access: Access, today: date) -> ItemQuerySet:
    """Of earlier meetings of its series, the longest waiting first; else of its kind in the same place."""
    seen = MeetingItem.objects.visible_to(access).raised().filter(_earlier(meeting))
    return seen.unfinished(today).read_by(access).order_by("raised_on", "id")


def not_reached_before(meeting: Meeting, access: Access, today: date) -> ItemQuerySet:
    """Topics of earlier ones that were cancelled or not held, and that no later agenda took over."""
    dropped = Q(meeting__state__in=[MeetingState.CANCELLED, MeetingState.NOT_HELD])
    dropped |= Q(meeting__state__in=TO_COME, meeting__on__lt=today)
    taken = MeetingItem.objects.filter(carried_from=OuterRef("pk"))
    rows = MeetingItem.objects.visible_to(access).filter(_earlier(meeting), dropped, ~Exists(taken))
    return rows.read_by(access).order_by("raised_on", "id")


def matters_for(meeting: Meeting, access: Access) -> IssueQuerySet:
    """Open matters that staff may put forward: deferred, reopened three times, or raised by many (群体性诉求).

    Of the meeting's community, else of its office. A confidential one is read out in no room.
    """
    why = Q(status=Status.SUSPENDED) | Q(reopen_count__gte=REOPENED) | Q(collective_at__isnull=False)
    there = MeetingItem.objects.filter(about=OuterRef("pk"), meeting=meeting)
    rows = _of_place(Issue.objects.visible_to(access).open(), meeting).filter(why, ~Exists(there), confidential=False)
    return rows.select_related("community", "lead_department").defer("lexemes", "description").order_by("id")


def _of_place(rows: IssueQuerySet, meeting: Meeting) -> IssueQuerySet:
    if meeting.community_id is not None:
        return rows.filter(community_id=meeting.community_id)
    return rows.filter(subdistrict_id=meeting.subdistrict_id)


def _earlier(meeting: Meeting) -> Q:
    before = Q(meeting__on__lt=meeting.on) | Q(meeting__on=meeting.on, meeting_id__lt=meeting.pk)
    if meeting.series_id is not None:
        return before & Q(meeting__series_id=meeting.series_id)
    same = Q(
        meeting__kind_id=meeting.kind_id,
        meeting__community_id=meeting.community_id,
        meeting__series__isnull=True,
        meeting__subdistrict_id=meeting.subdistrict_id,
        meeting__historic=False,
    )
    return before & same
