"""A form that is sent again (a double tap, an answer that was lost, Back) does once what it is for.

The key of a form stands for one intention. The same words under it are a repeat and get the first one's issue; other
words are somebody's second matter, which must neither vanish behind the first nor be logged without being asked. What
comes without a key, as no form of ours does, stands for itself: nothing is taken for a repeat because it resembles.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from common.clock import now
from common.crypto import keyed_digest
from files.services import hashes_of, of_owner
from issues.enums import SUBJECT
from issues.models import Issue, Submission
from issues.services.errors import InvalidFields, IssueError

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_STALE: Final = _("表单已失效，请刷新页面后重新提交")


class FormSentBefore(IssueError):  # noqa: N818  named as the contract's code is
    """The form was sent before with other words; ``issue`` came of those."""

    code = "idempotency_key_reused"

    def __init__(self, issue: Issue) -> None:
        super().__init__(_("这张表刚才已经提交过，现在写的内容还没有提交"))
        self.issue = issue


@dataclass(frozen=True)
class Sent:
    """What one sending of a form brought: its key, whose it is, a keyed hash of the words, and its photos.

    ``photos`` are the sha256 of the files that came along, ``kept`` the public ids of those that came before.
    """

    key: str
    user_id: int | None
    digest: str
    photos: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def has_key(self) -> bool:
        """Whether it can be known as a repeat. Raises InvalidFields where the key is malformed."""
        if self.key and not is_key(self.key):
            raise InvalidFields({"idempotency_key": _STALE})
        return bool(self.key)


def is_key(text: str) -> bool:
    """Whether a form may carry this as its key."""
    return bool(_KEY.fullmatch(text))


def kept_key(text: str) -> str:
    """The key that a form carries on when it is shown again: its own, or a new one for what is no key."""
    return text if is_key(text) else new_key()


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_urlsafe(18)


def digest_of(words: Mapping[str, str]) -> str:
    """What tells one form's words from another's; spaces around them and the kind of line ends do not."""
    parts = (f"{name}={' '.join(words[name].split())}" for name in sorted(words))
    return keyed_digest("\n".join(parts))


def find_submitted(sent: Sent) -> Issue | None:
    """The issue that an earlier sending of this form made or acted on; two statements at most.

    Raises KeyReused where that one said something else, InvalidFields where the key is malformed or somebody else's.
    """
    if not sent.has_key():
        return None
    earlier = Submission.objects.filter(key=sent.key).select_related("issue").defer("issue__lexemes").first()
    if earlier is None:
        return None
    if earlier.user_id != sent.user_id:
        raise InvalidFields({"idempotency_key": _STALE})
    if not _is_repeat(earlier, sent):
        raise FormSentBefore(earlier.issue)
    return earlier.issue


def was_sent(key: str) -> bool:
    """Whether something came of a form with this key."""
    return Submission.objects.filter(key=key).exists()


def submit_once(sent: Sent, make: Callable[[], Issue]) -> Issue:
    """The issue that this form made or acted on before, else the one that ``make`` makes or acts on now.

    ``make`` runs in the same transaction as the note of the key; two requests with one key run one after the other, so
    whatever ``make`` counts is counted once. Without a key it runs every time. Raises as ``find_submitted`` does.
    """
    if not sent.has_key():
        return make()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"submission:{sent.key}"])
        earlier = find_submitted(sent)
        if earlier is not None:
            return earlier
        issue = make()
        Submission.objects.create(key=sent.key, user_id=sent.user_id, issue=issue, digest=sent.digest, created_at=now())
        return issue


def _is_repeat(earlier: Submission, sent: Sent) -> bool:
    """Whether it brings nothing that the first did not: the same words, and no further photo."""
    if earlier.digest and earlier.digest != sent.digest:
        return False
    if not sent.photos and not sent.kept:
        return True
    files = of_owner(SUBJECT, earlier.issue_id)
    others = sent.kept - {file.public_id for file in files}
    return sent.photos | hashes_of(others) <= {file.sha256 for file in files}
