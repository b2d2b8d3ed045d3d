"""What is refused about tasks of leaders, besides rights and fields (``issues.services.errors``)."""

from django.utils.translation import gettext_lazy as _

from issues.services.errors import IssueError


class TaskEnded(IssueError):
    """Its time is over, or it was cancelled."""

    code = "state_conflict"

    def __init__(self) -> None:
        super().__init__(_("已截止或已取消，不能再回应"))
