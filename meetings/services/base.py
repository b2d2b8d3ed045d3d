"""What every write on meetings has in common: the lock, the event, the words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from common.plain import folded, visible
from common.texts import kept_text
from communities.actors import Actor
from issues.services.errors import InvalidFields, NotPermitted, Words
from journal.services import Entry, record
from meetings.enums import MEETING
from meetings.models import Meeting
from meetings.rights import may_keep
from meetings.services.errors import MeetingChanged

LONGEST: Final[Mapping[str, int]] = {
    "title": 120, "place": 120, "beside": 200, "name": 80, "reason": 200, "raised_by": 60, "answered_by": 60,
    "words": 1000, "answer": 1000, "guest": 60,
    "question": 300,
}  # fmt: skip

ONE_LINE: Final = frozenset({"title", "place", "beside", "name", "raised_by", "answered_by", "guest"})
"""Stand in a line of the minutes: without breaks, and without what shows nothing or turns the line around (bidi)."""


def clean(given: Mapping[str, Any]) -> dict[str, str]:
    """Texts by the one rule of the house. Raises InvalidFields naming every one that is wrong."""
    found: dict[str, str] = {}
    wrong: dict[str, Words] = {}
    for name, value in given.items():
        try:
            line = folded(visible(value)) if name in ONE_LINE and isinstance(value, str) else value
            found[name] = kept_text(line, longest=LONGEST[name])
        except ValueError as error:
            wrong[name] = error.args[0]
    if wrong:
        raise InvalidFields(wrong)
    return found


def held_meeting(meeting_id: int, by: Actor, version: int | None = None) -> Meeting:
    """The meeting under its lock, for its secretary who opened it at ``version`` (None: whatever it is).

    Raises NotPermitted, MeetingChanged.
    """
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("community", "series", "kind")
    meeting = rows.get(pk=meeting_id)
    if not may_keep(by.access, meeting):
        raise NotPermitted(_("会议由召集的社区或街道社会治理办记录"))
    check_meeting(meeting, version)
    return meeting


def check_meeting(meeting: Meeting, version: int | None) -> None:
    """Raises MeetingChanged where it is not as it was opened."""
    if version is not None and version != meeting.version:
        raise MeetingChanged(meeting, _("会议刚被别人修改，请按最新情况继续"))


def tell(
    kind: str,
    pk: int,
    event: str,
    by: Actor,
    at: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """One event on a meeting, an item or a series."""
    record(
        Entry(
            *(kind, pk, event, at),
            actor_id=by.user_id,
            actor_role=by.role,
            data=data or {},
            texts=texts or {},
        )
    )


def save(meeting: Meeting, *fields: str) -> None:
    """Write these, one version further."""
    meeting.version += 1
    meeting.save(update_fields=[*fields, "version"])


def tell_meeting(meeting: Meeting, event: str, by: Actor, at: datetime, **more: Any) -> None:
    """One event on a meeting."""
    tell(MEETING, meeting.pk, event, by, at, **more)
