"""What this installation calls itself: the one office that it serves."""

from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

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


_lock = Lock()
_held: list[tuple[OwnNames, float]] = []


def own_names() -> OwnNames:
    """The names; at most one statement a minute."""
    if _held and monotonic() - _held[0][1] < CHECK_AFTER:
        return _held[0][0]
    rows = list(
        SubDistrict.objects.filter(retired_at__isnull=True).values_list("name_zh", "name_en").order_by("pk")[:2]
    )
    found = OwnNames(*rows[0]) if len(rows) == 1 else OwnNames("", "")
    with _lock:
        _held[:] = [(found, monotonic())]
    return found


def forget() -> None:
    """Drop what this process holds."""
    with _lock:
        _held.clear()
