"""Devices from which an account signs in: a new one is told to its person once.

A browser is known by a signed cookie of chance, which says nothing of anybody and is the same for all who sign in
there; what it is to an account stands in the database as a keyed digest. A program has no cookie: it is known by its
network and by what it calls itself. The first device of an account is no news, and the demonstration's accounts are
everybody's.
"""

import secrets
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.agents import kind_of
from accounts.models import KnownDevice, User
from accounts.noting import ACCOUNT
from common.crypto import keyed_digest
from common.http import network
from journal.services import Entry, record

NEW: Final = "device_new"
COOKIE: Final = "known_browser"
KEPT: Final = timedelta(days=400)
"""A device from which nobody signed in for so long is new again."""
_SALT: Final = "known browser"


def note_browser(request: HttpRequest, response: HttpResponse, user: User, at: datetime) -> None:
    """A browser was signed in; it keeps its cookie, or gets one."""
    name = browser_of(request) or secrets.token_urlsafe(16)
    _note(request, user, f"browser {name}", "page", at)
    response.set_signed_cookie(
        COOKIE,
        name,
        salt=_SALT,
        max_age=KEPT,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def browser_of(request: HttpRequest) -> str:
    """The chance that this browser keeps, "" where nobody signed in from it yet."""
    return request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=KEPT) or ""


def note_program(request: HttpRequest, user: User, at: datetime) -> None:
    """A program got a token."""
    agent = request.META.get("HTTP_USER_AGENT", "")[:200]
    _note(request, user, f"program {network(request)} {agent}", "token", at)


@transaction.atomic
def _note(request: HttpRequest, user: User, name: str, door: str, at: datetime) -> None:
    digest = keyed_digest(f"device {user.pk} {name}")
    first = not KnownDevice.objects.filter(user=user).exists()
    _row, new = KnownDevice.objects.update_or_create(user=user, digest=digest, defaults={"seen_at": at})
    if not new or first or user.demo:
        return
    browser, system = kind_of(request.META.get("HTTP_USER_AGENT", ""))
    data = {"door": door, "browser": browser, "system": system, "place": masked_network(network(request))}
    record(Entry(subject_kind=ACCOUNT, subject_id=user.pk, kind=NEW, at=at, data=data))


def masked_network(address: str) -> str:
    """Where in the network, roughly: ``203.0.*.*``, ``2001:db8:*``."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        return ":".join(part.lstrip("0") or "0" for part in found.exploded.split(":")[:2]) + ":*"
    return ".".join(str(found).split(".")[:2]) + ".*.*"
