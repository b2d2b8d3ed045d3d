"""What is refused about personal information, besides rights and fields (``issues.services.errors``)."""

from issues.services.errors import IssueError


class HasEnded(IssueError):
    """It was answered meanwhile, or is not at that step."""


class RecordChanged(IssueError):
    """Somebody else wrote to it meanwhile."""


class AlreadyAsked(IssueError):
    """The same person waits for the same already."""


class CannotDelete(IssueError):
    """The law or a matter that is still open wants it kept; the message says which."""
