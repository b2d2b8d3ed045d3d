"""Signing in, by form or for a token: one account however its name is spelt, counted, and every attempt an event.

Five failures of one account from one network lock it there for a quarter of an hour; a hundred from one network lock
that network for an hour. Fifty of one account in an hour, over all networks, slow it down to one try a minute for each
network: a stranger can make its owner wait, never lock the owner out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth import authenticate
from django.db import transaction
from django.http import HttpRequest

from accounts.models import SecondFactor, User
from accounts.noting import ACCOUNT
from accounts.phones import MOST_WRONG, PhoneError, check_pin
from common import limits
from common.crypto import keyed_digest
from common.http import network
from common.plain import plain
from journal.services import Entry, record

UNKNOWN: Final = "sign_in"
"""The subject kind of attempts under a name that no account has: of the name only a keyed hash is kept."""

_HOUR: Final = 3600
HERE: Final = limits.Bucket("sign-in-here", 5, 15 * 60)
NETWORK: Final = limits.Bucket("sign-in-network", 100, _HOUR)
EVERYWHERE: Final = limits.Bucket("sign-in-account", 50, _HOUR)
CODE: Final = limits.Bucket("sign-in-code", 5, 15 * 60)
CODES: Final = limits.Bucket("sign-in-codes", 20, _HOUR)
SLOW: Final = limits.Bucket("sign-in-slow", 1, 60)


class SignInError(Exception):
    """No sign-in: ``retry_after`` seconds where it was tried too often, 0 where name and password do not fit.

    ``left`` says how many tries of this account remain from this network.
    """

    def __init__(self, retry_after: int = 0, left: int = 0) -> None:
        super().__init__("sign-in refused")
        self.retry_after, self.left = retry_after, left


@dataclass(frozen=True)
class _Attempt:
    """Who tried, from where and by which door, as the journal notes it."""

    name: str
    network: str
    door: str
    at: datetime
    account_id: int | None

    def note(self, kind: str, actor: User | None = None, **facts: int) -> None:
        data = {"door": self.door, "network": keyed_digest(f"network {self.network}")[:16], **facts}
        if self.account_id is None:
            data["name"] = keyed_digest(f"name {self.name}")[:16]
        entry = Entry(
            subject_kind=ACCOUNT if self.account_id is not None else UNKNOWN,
            subject_id=self.account_id or 0,
            kind=kind,
            at=self.at,
            actor_id=actor.pk if actor else None,
            actor_role="none",
            data=data,
        )
        with transaction.atomic():
            record(entry)


def folded_username(username: str) -> str:
    """The one spelling of an account's name: half-width, lower case, without spaces and what shows nothing."""
    return "".join(plain(username).split()).lower()


def sign_in(*, request: HttpRequest, username: str, password: str, door: str, at: datetime) -> tuple[User, bool]:
    """The person with this name and password, and whether a code is still due. Raises SignInError.

    Both ways the journal has an event.
    """
    name, here = folded_username(username), network(request)
    known = User.objects.named(name).values_list("pk", "username").first()
    attempt = _Attempt(name, here, door, at, known[0] if known else None)
    counted = _counted(name, here)
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        attempt.note("sign_in_refused", retry_after=answer.retry_after)
        raise SignInError(answer.retry_after)
    user = authenticate(request, username=known[1] if known else name, password=password)
    if not isinstance(user, User):
        attempt.note("sign_in_failed")
        raise SignInError(left=max(0, HERE.limit - HERE.used(f"{name} {here}")))
    limits.release_all(counted)
    code_due = asks_code(user)
    attempt.note("sign_in_first_step" if code_due else "sign_in", user)
    return user, code_due


def asks_code(user: User) -> bool:
    """Whether a code of the second factor is asked after the password (accounts.second_factor)."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def check_code(*, request: HttpRequest, user: User, verify: Callable[[], bool], door: str, at: datetime) -> None:
    """Take the second step of a sign-in. Raises SignInError; both ways the journal has an event."""
    here = network(request)
    attempt = _Attempt(user.username, here, door, at, user.pk)
    counted = [(CODE, f"{user.pk} {here}"), (CODES, str(user.pk))]
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        attempt.note("sign_in_refused", retry_after=answer.retry_after)
        raise SignInError(answer.retry_after)
    if not verify():
        attempt.note("code_failed")
        raise SignInError(left=max(0, CODE.limit - CODE.used(f"{user.pk} {here}")))
    limits.release_all(counted)
    attempt.note("sign_in", user)


def enter_by_pin(*, request: HttpRequest, secret: str, pin: str, at: datetime) -> User:
    """The leader whose phone this is, by its six digits. Raises SignInError, PhoneError where the phone opens nothing.

    Right or wrong the journal has an event; tries of one network are counted with those of passwords.
    """
    here = network(request)
    counted = [(NETWORK, here)]
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        raise SignInError(answer.retry_after)
    user, left = check_pin(secret, pin, at=at)
    attempt = _Attempt(user.username, here, "phone", at, user.pk)
    if left < MOST_WRONG:
        attempt.note("code_failed")
        if left == 0:
            raise PhoneError
        raise SignInError(left=left)
    limits.release_all(counted)
    attempt.note("sign_in", user)
    return user


def _counted(name: str, here: str) -> list[tuple[limits.Bucket, str]]:
    counted = [(HERE, f"{name} {here}"), (NETWORK, here)]
    if EVERYWHERE.used(name) >= EVERYWHERE.limit:
        return [*counted, (SLOW, f"{name} {here}")]
    return [*counted, (EVERYWHERE, name)]
