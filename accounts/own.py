"""What a person does to the own account: the password, sessions, tokens. Each is an event of the account."""

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import ApiToken, TokenPurpose, User
from accounts.noting import note
from accounts.sessions import end_session, end_sessions
from common import limits

TRIES: Final = limits.Bucket("own-account", 5, 15 * 60)
"""Present passwords and codes that are asked of somebody signed in: a browser left open is no place to guess."""


def too_many_tries(user: User) -> int:
    """Count one more try; seconds to wait where there were too many, else 0."""
    answer = TRIES.hit(str(user.pk))
    return answer.retry_after if isinstance(answer, limits.Denied) else 0


def forget_tries(user: User) -> None:
    """A try was right."""
    limits.release_all([(TRIES, str(user.pk))])


@transaction.atomic
def set_password(user: User, password: str, *, at: datetime, session_key: str | None = None) -> None:
    """Take a new password, which was validated; every other session and every token ends with the old one."""
    user.set_password(password)
    user.password_due = False
    user.save(update_fields=["password", "password_due"])
    end_sessions(user.pk, but=session_key)
    end_tokens(user, at=at)
    note(user.pk, "password_set", at)


@transaction.atomic
def end_own_session(user: User, name: str, *, at: datetime) -> bool:
    """End one of the own sessions; whether it was there."""
    there = end_session(user.pk, name)
    if there:
        note(user.pk, "session_ended", at)
    return there


@transaction.atomic
def end_token(user: User, pk: int, *, at: datetime) -> bool:
    """End one of the own tokens; whether it worked until now."""
    there = user.api_tokens.filter(pk=pk, revoked_at__isnull=True).update(revoked_at=at) > 0
    if there:
        note(user.pk, "token_ended", at, token=pk)
    return there


def reader_of_calendar(token: str, *, at: datetime) -> User | None:
    """Whose calendar this token opens; None where it opens none, not any more, or its account does not work."""
    rows = ApiToken.objects.select_related("user").filter(purpose=TokenPurpose.CALENDAR, revoked_at__isnull=True)
    row = rows.filter(digest=ApiToken.digest_of(token), expires_at__gt=at).first()
    return row.user if row is not None and row.user.works else None


def end_tokens(user: User, *, at: datetime) -> int:
    """End all tokens of an account; returns how many worked until now."""
    return ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=at)
