"""A form that is sent twice (a double click, a network that came back) makes one issue."""

import re
import secrets
from collections.abc import Callable
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from issues.models import Issue, Submission
from issues.services.errors import InvalidFields

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_urlsafe(18)


def once(key: str, user_id: int | None, make: Callable[[], Issue]) -> Issue:
    """The issue that the form with ``key`` made before, else the one that ``make`` makes now.

    ``make`` runs in the same transaction as the note of the key; two requests with one key run one after the other.
    Without a key every call makes an issue. InvalidFields where the key is malformed or belongs to somebody else.
    """
    if not key:
        return make()
    if not _KEY.fullmatch(key):
        raise InvalidFields({"idempotency_key": _("表单已失效，请刷新页面后重新提交")})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"submission:{key}"])
        known = Submission.objects.filter(key=key).select_related("issue").defer("issue__lexemes").first()
        if known is not None:
            if known.user_id != user_id:
                raise InvalidFields({"idempotency_key": _("表单已失效，请刷新页面后重新提交")})
            return known.issue
        issue = make()
        Submission.objects.create(key=key, user_id=user_id, issue=issue, created_at=issue.created_at)
        return issue
