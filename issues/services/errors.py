"""What a service refuses, in words fit for the person."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from issues.models import Issue

Words = str | Promise


class IssueError(Exception):
    """A refusal. ``code`` is stable, ``message`` is for the person."""

    code = "refused"

    def __init__(self, message: Words) -> None:
        super().__init__(str(message))
        self.message = message


class UnknownAction(IssueError):
    """The table has no such action."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(_("没有这个操作"))


class NotPermitted(IssueError):
    """This person may not do this."""

    code = "permission_denied"

    def __init__(self, message: Words | None = None) -> None:
        super().__init__(message or _("您没有权限进行此操作"))


class Conflict(IssueError):
    """The issue is not as the person thought; carries it as it is now."""

    def __init__(self, issue: "Issue", message: Words) -> None:
        super().__init__(message)
        self.issue = issue


class VersionConflict(Conflict):
    """Somebody else acted in between."""

    code = "version_conflict"

    def __init__(self, issue: "Issue") -> None:
        super().__init__(issue, _("工单已有变化，请按最新状态继续"))


class StateConflict(Conflict):
    """The table does not allow the action now."""

    code = "state_conflict"


class InvalidFields(IssueError):
    """Some fields are missing or wrong."""

    code = "invalid"

    def __init__(self, fields: Mapping[str, Words]) -> None:
        super().__init__(_("填写的内容有误，请检查后重新提交"))
        self.fields: dict[str, Words] = dict(fields)
