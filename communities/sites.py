"""What this installation calls itself: the one office that it serves."""

from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

from django.db import DatabaseError

from communities.models import SubDistrict
from communities.models.base import localised

CHECK_AFTER: Final = 60.0
"""Seconds for which nothing is asked of the database."""


class OwnNames(NamedTuple):
    """The office's name in both languages; empty where the installation serves none yet, or several."""

    zh: str
    en: str

    @property
    def name(self) -> str:
        """In the active language."""
        return localised(self.zh, self.en)


NOBODY: Final = OwnNames("", "")
_lock = Lock()
_held: list[tuple[OwnNames, float]] = []


def own_names() -> OwnNames:
    """The names; at most one statement a minute."""
    if _held and monotonic() - _held[0][1] < CHECK_AFTER:
        return _held[0][0]
    shown = SubDistrict.objects.filter(retired_at__isnull=True).values_list("name_zh", "name_en")
    try:
        rows = list(shown.order_by("pk")[:2])
    except DatabaseError:
        return NOBODY  # a page that says that something is wrong is shown all the same
    found = OwnNames(*rows[0]) if len(rows) == 1 else NOBODY
    with _lock:
        _held[:] = [(found, monotonic())]
    return found


def forget() -> None:
    """Drop what this process holds."""
    with _lock:
        _held.clear()
