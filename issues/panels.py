"""What higher floors add to the issue page. They register in ``AppConfig.ready()``; imports only go down."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deadlines.models import Deadline
    from issues.models import Issue

ToldReader = Callable[[int, int | None], Sequence[Mapping[str, Any]]]
"""An issue's id, and the account whose name the reader may not learn → who was reminded: ``label``, ``at``, ``to``,
``status_text``, ``failed``; one by one ``people`` and ``groups`` (reminders.panels). At most one statement."""

ComingReader = Callable[[Sequence["Deadline"], "Issue", datetime], Sequence[Any]]
"""An issue's clocks, the issue, now → what reminds of them next: ``at``, ``clock``, ``label``, ``to``. No statement."""

OpenedNote = Callable[[int, int, datetime], object]
"""A person's id, an issue's id, now → this person has the matter before them. At most one statement."""

_told: list[ToldReader] = []
_opened: list[OpenedNote] = []
_coming: list[ComingReader] = []


def register_who_was_told(reader: ToldReader) -> None:
    """Show what ``reader`` returns as 谁收到过提醒."""
    _told[:] = [reader]


def who_was_told(issue_id: int, hidden_id: int | None = None) -> Sequence[Mapping[str, Any]]:
    """Who was reminded of this issue, newest first; () where nobody registered.

    ``hidden_id``: the leader who reported confidentially, where the reader may not know who did.
    """
    return _told[0](issue_id, hidden_id) if _told else ()


def register_opened(note: OpenedNote) -> None:
    """Let ``note`` know of every matter that a person opens or acts on."""
    _opened[:] = [note]


def opened(user_id: int, issue_id: int, now: datetime) -> None:
    """Somebody reads this matter's page, or has just acted on it."""
    for note in _opened:
        note(user_id, issue_id, now)


def register_what_comes_next(reader: ComingReader) -> None:
    """Show what ``reader`` returns as 接下来."""
    _coming[:] = [reader]


def what_comes_next(clocks: "Sequence[Deadline]", issue: "Issue", now: datetime) -> Sequence[Any]:
    """The next reminder of each of these clocks, soonest first; () where nobody registered."""
    return _coming[0](clocks, issue, now) if _coming else ()
