"""What is refused about meetings, besides rights and fields (``issues.services.errors``)."""

from issues.services.errors import IssueError, Words
from meetings.models import Meeting, MeetingItem


class NotNow(IssueError):
    """The meeting or the item is not at that step."""

    code = "state_conflict"


class MeetingChanged(IssueError):
    """Somebody else changed the meeting meanwhile; ``meeting`` is as it is now."""

    code = "version_conflict"

    def __init__(self, meeting: Meeting, message: Words) -> None:
        super().__init__(message)
        self.meeting = meeting


class ItemChanged(IssueError):
    """Somebody else changed the item meanwhile; ``item`` is as it is now."""

    code = "version_conflict"

    def __init__(self, item: MeetingItem, message: Words) -> None:
        super().__init__(message)
        self.item = item
