"""The second factor: a code of an authenticator app (TOTP, RFC 6238), or one of ten recovery codes, each good once.

The secret is stored encrypted, recovery codes as keyed digests. A code holds half a minute before and after its own;
none is taken twice.
"""

import base64
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from django.db import transaction
from django_otp.oath import TOTP

from accounts.models import RecoveryCode, SecondFactor, User
from accounts.noting import note
from common.crypto import keyed_digest

ISSUER: Final = "GovTrack"
CODES: Final = 10
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH: Final = 10


@transaction.atomic
def begin(user: User) -> str | None:
    """A secret to be confirmed, in base 32; the one that was begun before goes on. None where it is on."""
    factor, _made = SecondFactor.objects.select_for_update().get_or_create(
        user=user, defaults={"secret": base64.b32encode(secrets.token_bytes(20)).decode()}
    )
    return None if factor.confirmed_at is not None else factor.secret


def address_of(user: User, secret: str) -> str:
    """What an authenticator app reads from the QR code."""
    label = quote(f"{ISSUER}:{user.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


@transaction.atomic
def confirm(user: User, code: str, at: datetime) -> list[str] | None:
    """Turn it on where the code is right; returns the recovery codes, which nobody sees again. None where it is not."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=True).first()
    if factor is None or not _takes(factor, code, at):
        return None
    factor.confirmed_at = at
    factor.save(update_fields=["confirmed_at"])
    note(user.pk, "second_factor_on", at)
    return _new_codes(user)


@transaction.atomic
def verify(user: User, code: str, at: datetime) -> bool:
    """Whether the code is right now, or an unused recovery code; it is spent with that."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    if _takes(factor, code, at):
        return True
    digest = _digest(user, code)
    spent = RecoveryCode.objects.filter(user=user, digest=digest, used_at__isnull=True).update(used_at=at)
    if spent:
        note(user.pk, "recovery_code_used", at)
    return bool(spent)


@transaction.atomic
def turn_off(user: User, at: datetime, by: User | None = None) -> bool:
    """Without it from now on, until it is set up again; whether it was on or begun."""
    there = SecondFactor.objects.filter(user=user).delete()[0] > 0
    RecoveryCode.objects.filter(user=user).delete()
    if there:
        note(user.pk, "second_factor_off", at, by_id=by.pk if by else None)
    return there


def codes_left(user: User) -> int:
    """How many recovery codes were not used yet."""
    return RecoveryCode.objects.filter(user=user, used_at__isnull=True).count()


def _takes(factor: SecondFactor, code: str, at: datetime) -> bool:
    """Whether the code fits and is later than the last one that was taken."""
    text = "".join(code.split())
    if not (text.isascii() and text.isdecimal() and len(text) == 6):
        return False
    clock = TOTP(base64.b32decode(factor.secret))
    clock.time = at.timestamp()
    if not clock.verify(int(text), tolerance=1, min_t=factor.last_step + 1):
        return False
    factor.last_step = clock.t()
    factor.save(update_fields=["last_step"])
    return True


def _new_codes(user: User) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _place in range(_LENGTH)) for _number in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(user: User, code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return keyed_digest(f"recovery {user.pk} {plain}")
