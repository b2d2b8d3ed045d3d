"""What a service refuses, in words fit for the person."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from commitments.models import Commitment

Words = str | Promise


class InvalidCommitment(ValueError):
    """It cannot be promised, or done, so; ``fields`` has the words for each field that is wrong."""

    def __init__(self, fields: Mapping[str, Words]) -> None:
        super().__init__("; ".join(str(words) for words in fields.values()))
        self.fields = dict(fields)


class PromiseRefused(Exception):
    """A refusal. ``code`` is stable, ``message`` is for the person."""

    code = "refused"

    def __init__(self, message: Words) -> None:
        super().__init__(str(message))
        self.message = message


class CommitmentEnded(PromiseRefused):
    """It was reported, fulfilled or withdrawn before."""

    code = "state_conflict"

    def __init__(self) -> None:
        super().__init__(_("这项承诺已经结束"))


class UnknownPromiseAction(PromiseRefused):
    """There is no such action."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__(_("没有这个操作"))


class PromiseNotPermitted(PromiseRefused):
    """This person may not do this."""

    code = "permission_denied"

    def __init__(self, message: Words | None = None) -> None:
        super().__init__(message or _("您没有权限进行此操作"))


class PromiseConflict(PromiseRefused):
    """The commitment is not as the person thought; carries it as it is now."""

    def __init__(self, commitment: "Commitment", message: Words) -> None:
        super().__init__(message)
        self.commitment = commitment


class PromiseVersionConflict(PromiseConflict):
    """Somebody else changed it in between."""

    code = "version_conflict"

    def __init__(self, commitment: "Commitment") -> None:
        super().__init__(commitment, _("承诺已有变化，请按最新状态继续"))


class PromiseStateConflict(PromiseConflict):
    """It does not stand so that this could be done now."""

    code = "state_conflict"
