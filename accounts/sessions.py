"""Sessions in the database, each with its account, so that they can be listed and ended; and when one is over.

A session ends after SESSION_IDLE_MINUTES without anything that a person did, and twelve hours after the sign-in.
What a page asks by itself says so (``POLLING``) and is nothing that a person did.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DbSessionStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.http import HttpRequest

from accounts.agents import kind_of, words_of
from common.clock import SHANGHAI

LONGEST: Final = timedelta(hours=12)
POLLING: Final = "HTTP_X_POLLING"
"""The header with which a page asks for news by itself."""
_BEGAN: Final = "began_at"
_SEEN: Final = "seen_at"
_DEVICE: Final = "device"
PROVEN: Final = "second_factor"
"""In a session: the second factor was asked and right, or was set up in it."""
_NOTED_EVERY: Final = timedelta(minutes=1)
_LONGEST_DEVICE: Final = 200
MOST: Final = 50


class StoredSession(AbstractBaseSession):
    """One browser's session; ``account_id`` is who is signed in, None before."""

    account_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            # a person's own list of sessions, and ending them
            models.Index(
                fields=["account_id"], condition=models.Q(account_id__isnull=False), name="accounts_session_of"
            ),
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        return SessionStore


class SessionStore(DbSessionStore):
    """As Django's, with the account beside the data."""

    @classmethod
    def get_model_class(cls) -> type[StoredSession]:
        return StoredSession

    def create_model_instance(self, data: dict[str, Any]) -> StoredSession:
        row: StoredSession = super().create_model_instance(data)  # type: ignore[assignment]
        account = data.get(SESSION_KEY)
        row.account_id = int(account) if account else None
        return row


def begin(request: HttpRequest, at: datetime) -> None:
    """The session begins with this sign-in."""
    stamp = at.timestamp()
    request.session.update(
        {_BEGAN: stamp, _SEEN: stamp, _DEVICE: request.META.get("HTTP_USER_AGENT", "")[:_LONGEST_DEVICE]}
    )


def is_over(data: Mapping[str, Any] | SessionBase, at: datetime) -> bool:
    """Whether nobody did anything for too long, or it lasted as long as any may."""
    began, seen = data.get(_BEGAN), data.get(_SEEN)
    if began is None or seen is None:
        return False
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    return at - _at(seen) > idle or at - _at(began) > LONGEST


def note_activity(request: HttpRequest, at: datetime) -> None:
    """Somebody did something; written once a minute at most."""
    seen = request.session.get(_SEEN)
    if seen is not None and POLLING not in request.META and at - _at(seen) >= _NOTED_EVERY:
        request.session[_SEEN] = at.timestamp()


def _at(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, SHANGHAI)


@dataclass(frozen=True)
class OwnSession:
    """One of a person's sessions, as the list shows it; ``device`` is what people call it.

    ``name`` tells it from the others without being the key, which opens it.
    """

    name: str
    current: bool
    device: str
    began_at: datetime
    seen_at: datetime


def sessions_of(account_id: int, current_key: str | None, at: datetime) -> list[OwnSession]:
    """The sessions that are not over, the current one first. One statement."""
    rows = StoredSession.objects.filter(account_id=account_id, expire_date__gt=at).order_by("-expire_date")[:MOST]
    found = []
    for row in rows:
        data = row.get_decoded()
        if _BEGAN in data and _SEEN in data and not is_over(data, at):
            current = row.session_key == current_key
            began, seen = _at(data[_BEGAN]), _at(data[_SEEN])
            device = words_of(*kind_of(data.get(_DEVICE, "")))
            found.append(OwnSession(name_of(row.session_key), current, device, began, seen))
    return sorted(found, key=lambda one: not one.current)


def name_of(key: str) -> str:
    """What a page calls the session with this key."""
    return hashlib.sha256(f"session {key}".encode()).hexdigest()[:16]


def end_session(account_id: int, name: str) -> bool:
    """End one of a person's sessions; whether it was there."""
    keys = StoredSession.objects.filter(account_id=account_id).values_list("session_key", flat=True)
    wanted = [key for key in keys if name_of(key) == name]
    return StoredSession.objects.filter(session_key__in=wanted).delete()[0] > 0


def end_sessions(account_id: int, *, but: str | None = None) -> int:
    """End a person's sessions, all but one; returns how many."""
    rows = StoredSession.objects.filter(account_id=account_id).exclude(session_key=but or "")
    return rows.delete()[0]
