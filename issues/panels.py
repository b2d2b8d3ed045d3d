"""What higher floors add to the issue page. They register in ``AppConfig.ready()``; imports only go down."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

ToldReader = Callable[[int], Sequence[Mapping[str, Any]]]
"""An issue's id → who was reminded: ``label``, ``at``, ``to``, ``status_text``, ``failed``. At most one statement."""

_told: list[ToldReader] = []


def register_who_was_told(reader: ToldReader) -> None:
    """Show what ``reader`` returns as 谁收到过提醒."""
    _told[:] = [reader]


def who_was_told(issue_id: int) -> Sequence[Mapping[str, Any]]:
    """Who was reminded of this issue, newest first; () where nobody registered."""
    return _told[0](issue_id) if _told else ()
