"""What this installation calls itself: the one office that it serves."""

from typing import Final, NamedTuple

from django.db import DatabaseError

from common.held import Held
from communities.models import SubDistrict
from communities.models.base import localised


class OwnNames(NamedTuple):
    """The office's name in both languages; empty where the installation serves none yet, or several."""

    zh: str
    en: str

    @property
    def name(self) -> str:
        """In the active language."""
        return localised(self.zh, self.en)


NOBODY: Final = OwnNames("", "")


def own_names() -> OwnNames:
    """The names; at most one statement a minute."""
    try:
        return _names.of("")
    except DatabaseError:
        return NOBODY  # a page that says that something is wrong is shown all the same


def _read_names(_key: str) -> OwnNames:
    shown = SubDistrict.objects.filter(retired_at__isnull=True).values_list("name_zh", "name_en")
    rows = list(shown.order_by("pk")[:2])
    return OwnNames(*rows[0]) if len(rows) == 1 else NOBODY


_names = Held(_read_names)


def forget() -> None:
    """Drop what this process holds."""
    _names.forget()
