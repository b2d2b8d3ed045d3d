"""What a meeting begins with: what earlier meetings of its kind left unfinished, the longest waiting first."""

from datetime import date
from typing import Final

from django.db.models import Q

from communities.access import Access
from meetings.models import Meeting, MeetingItem
from meetings.querysets import ItemQuerySet

MOST: Final = 30


def unfinished_before(meeting: Meeting, access: Access, today: date) -> ItemQuerySet:
    """Of earlier meetings of its series; of one that stands by itself, of its kind in the same place."""
    earlier = Q(meeting__on__lt=meeting.on) | Q(meeting__on=meeting.on, meeting_id__lt=meeting.pk)
    if meeting.series_id is not None:
        same = Q(meeting__series_id=meeting.series_id)
    else:
        same = Q(
            meeting__kind_id=meeting.kind_id, meeting__community_id=meeting.community_id, meeting__series__isnull=True
        )
        same &= Q(meeting__subdistrict_id=meeting.subdistrict_id, meeting__historic=False)
    seen = MeetingItem.objects.visible_to(access).raised().filter(same & earlier)
    return seen.unfinished(today).read_by(access).order_by("raised_on", "id")
