"""What is refused about meetings, besides rights and fields (``issues.services.errors``)."""

from django.utils.translation import gettext_lazy as _

from issues.services.errors import IssueError, Words
from meetings.models import Meeting, MeetingItem, Question


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


class SeriesChanged(IssueError):
    """Somebody else changed the series meanwhile."""

    code = "version_conflict"

    def __init__(self) -> None:
        super().__init__(_("这个系列刚被别人修改，请按最新情况继续"))


class QuestionChanged(IssueError):
    """Somebody else dealt with the question meanwhile."""

    code = "version_conflict"

    def __init__(self) -> None:
        super().__init__(_("这个提问刚被别人处理，请按最新情况继续"))


class AskedBefore(IssueError):
    """The form was sent before with other words; ``question`` came of those."""

    code = "idempotency_key_reused"

    def __init__(self, question: Question) -> None:
        super().__init__(_("这张表刚才已经提交过，现在写的内容还没有提交"))
        self.question = question
