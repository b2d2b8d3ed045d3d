"""What is refused about proposals, besides rights and fields (``issues.services.errors``)."""

from django.utils.translation import gettext_lazy as _

from issues.services.errors import IssueError


class NotAtThatStep(IssueError):
    """The proposal is not at that step."""

    code = "state_conflict"


class ProposalChanged(IssueError):
    """Somebody else worked on the proposal meanwhile."""

    code = "version_conflict"

    def __init__(self) -> None:
        super().__init__(_("这件建议刚被别人修改，请按最新情况继续"))
