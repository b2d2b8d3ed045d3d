"""The minutes as one person may read them: what was confirmed stays as it is kept, and what is closed is not shown."""

from communities.access import Access
from meetings import minutes
from meetings.models import Meeting
from meetings.services import following


def read_minutes(meeting: Meeting, access: Access) -> list[minutes.Paragraph]:
    """As confirmed, else as they stand now; items of confidential matters only for who sees these. One statement more.

    A matter may become confidential long after the minutes were confirmed (docs/rules/meetings.md#the-agenda).
    """
    found = minutes.parse(meeting.minutes or following.minutes_of(meeting))
    closed = set(meeting.items.closed_to(access).values_list("number", flat=True))
    return minutes.without(found, closed) if closed else found
