"""A leader's phone: bound by a card with a code, opened by six digits from then on.

An invitation works once and for fourteen days; a binding lasts 180 days, and ends with five wrong entries in a row,
with another phone, or when the office or its person ends it. One phone at a time. The digits are worth nothing without
the secret that the phone keeps, and the secret nothing without the digits.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import ApiToken, BoundPhone, PhoneInvitation, User
from accounts.noting import note
from accounts.sessions import end_sessions
from common.crypto import keyed_digest

INVITED: Final = timedelta(days=14)
BOUND: Final = timedelta(days=180)
DIGITS: Final = 6
MOST_WRONG: Final = 5
_RUNS: Final = "01234567890", "09876543210"

COOKIE: Final = "leader_phone"
_SALT: Final = "leader phone"


class PhoneError(Exception):
    """The code or the phone opens nothing, or not any more."""


def is_weak(pin: str) -> bool:
    """Whether these digits are guessed first: one digit six times, or a run."""
    return len(set(pin)) == 1 or any(pin in run for run in _RUNS)


def is_pin(pin: str) -> bool:
    """Whether this is six digits."""
    return len(pin) == DIGITS and pin.isascii() and pin.isdigit()


@transaction.atomic
def invite(user: User, *, by_id: int | None, at: datetime) -> str:
    """A new code for this person; only returned here. The one before opens nothing any more."""
    _hold(user)
    PhoneInvitation.objects.filter(user=user, ended_at__isnull=True).update(ended_at=at)
    code = secrets.token_urlsafe(18)
    PhoneInvitation.objects.create(user=user, digest=ApiToken.digest_of(code), made_at=at, expires_at=at + INVITED)
    note(user.pk, "phone_invited", at, by_id=by_id)
    return code


def invited(code: str, at: datetime) -> User | None:
    """Whom this code invites; None where it opens nothing, or not any more."""
    rows = PhoneInvitation.objects.select_related("user").filter(ended_at__isnull=True, expires_at__gt=at)
    row = rows.filter(digest=ApiToken.digest_of(code)).first()
    return row.user if row is not None and row.user.works else None


@transaction.atomic
def bind(code: str, pin: str, *, at: datetime) -> tuple[User, str]:
    """Bind a phone by a code, which is spent with it: the person, and the secret that the phone keeps.

    Every other phone and session of the person ends. Raises PhoneError; ``pin`` was looked at by ``is_pin``.
    """
    user = invited(code, at)
    if user is None:
        raise PhoneError
    _hold(user)
    if not PhoneInvitation.objects.filter(digest=ApiToken.digest_of(code), ended_at__isnull=True).update(ended_at=at):
        raise PhoneError
    _end(user, at)
    secret = secrets.token_urlsafe(24)
    BoundPhone.objects.create(
        user=user, digest=ApiToken.digest_of(secret), pin=_digest(secret, pin), bound_at=at, expires_at=at + BOUND
    )
    note(user.pk, "phone_bound", at)
    return user, secret


def secret_of(request: HttpRequest) -> str:
    """What this browser keeps; "" where it is no bound phone."""
    return request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=BOUND) or ""


def keep(answer: HttpResponseBase, secret: str) -> None:
    """Let this browser be the bound phone."""
    answer.set_signed_cookie(
        COOKIE, secret, salt=_SALT, max_age=BOUND, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def forget(answer: HttpResponseBase) -> None:
    """Let this browser be none."""
    answer.delete_cookie(COOKIE, samesite="Lax")


def is_bound(secret: str, at: datetime) -> bool:
    """Whether this phone's digits still open an account."""
    return bool(secret) and _standing(at).filter(digest=ApiToken.digest_of(secret)).exists()


def check_pin(secret: str, pin: str, *, at: datetime) -> tuple[User, int]:
    """Whose phone this is and how many tries are left, MOST_WRONG where the digits are right. Raises PhoneError.

    The last wrong one ends the binding.
    """
    with transaction.atomic():
        row = (
            _standing(at)
            .select_for_update(of=("self",), no_key=True)
            .select_related("user")
            .filter(digest=ApiToken.digest_of(secret))
            .first()
        )
        if row is None or not row.user.works:
            raise PhoneError
        right = secrets.compare_digest(row.pin, _digest(secret, pin))
        row.wrong = 0 if right else row.wrong + 1
        left = MOST_WRONG - row.wrong
        row.ended_at = at if left == 0 else None
        row.save(update_fields=["wrong", "ended_at"])
        if left == 0:
            end_sessions(row.user_id)
            note(row.user_id, "phone_ended", at)
        return row.user, left


@transaction.atomic
def unbind(user: User, *, by_id: int | None, at: datetime) -> bool:
    """End the phone, the invitation and all sessions of this person; whether there was one of the first two."""
    _hold(user)
    there = PhoneInvitation.objects.filter(user=user, ended_at__isnull=True).update(ended_at=at)
    there += _end(user, at)
    if there:
        note(user.pk, "phone_ended", at, by_id=by_id)
    return there > 0


def _hold(user: User) -> None:
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def _end(user: User, at: datetime) -> int:
    end_sessions(user.pk)
    return BoundPhone.objects.filter(user=user, ended_at__isnull=True).update(ended_at=at)


def _standing(at: datetime) -> QuerySet[BoundPhone]:
    return BoundPhone.objects.filter(ended_at__isnull=True, expires_at__gt=at)


def _digest(secret: str, pin: str) -> str:
    return keyed_digest(f"phone {secret} {pin}")
