"""What every write on meetings has in common: the lock, the event, the words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from communities.actors import Actor
from deadlines import services as deadlines
from deadlines.calendar import DAY_CLOSES, WorkCalendar, at_clock
from issues.services.errors import NotPermitted, Words
from issues.services.texts import NOTHING, read_texts
from journal.services import Entry, record
from meetings.enums import MEETING, MeetingClock
from meetings.models import Meeting, StationActivity
from meetings.rights import may_keep
from meetings.services.errors import MeetingChanged, NotNow

LONGEST: Final[Mapping[str, int]] = {
    "title": 120, "place": 120, "beside": 200, "name": 80, "reason": 200, "raised_by": 60, "answered_by": 60,
    "words": 1000, "answer": 1000, "guest": 60, "guests": 60, "question": 300, "members": 200, "note": 1000,
    "station": 80, "audience": 80,
}  # fmt: skip

ONE_LINE: Final = frozenset(LONGEST) - {"reason", "words", "answer", "question", "note"}
_WHY: Final[Mapping[str, Words]] = {"reason": gettext_lazy("请填写原因")}


def clean(given: Mapping[str, Any], *, required: Mapping[str, Words] = NOTHING) -> dict[str, str]:
    """Texts of meetings (``issues.services.texts.read_texts``). Raises InvalidFields."""
    return read_texts(given, longest=LONGEST, one_line=ONE_LINE, required=required)


def why(reason: str) -> str:
    """A reason that must be given. Raises InvalidFields."""
    return clean({"reason": reason}, required=_WHY)["reason"]


def held_meeting(meeting_id: int, by: Actor, version: int | None = None) -> Meeting:
    """The meeting under its lock, for its secretary who opened it at ``version`` (None: whatever it is).

    Raises NotPermitted, MeetingChanged, NotNow.
    """
    rows = Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("community", "series", "kind")
    meeting = rows.get(pk=meeting_id)
    if not may_keep(by.access, meeting):
        raise NotPermitted(_("会议由召集的社区或街道社会治理办记录"))
    check_meeting(meeting, version)
    return meeting


def check_meeting(meeting: Meeting, version: int | None) -> None:
    """Raises MeetingChanged where it is not as it was opened, NotNow where the press told of it."""
    if meeting.historic:
        raise NotNow(_("历史资料不能修改"))
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


def start_clock(
    subject_kind: str,
    row: Meeting | StationActivity,
    kind: MeetingClock,
    at: datetime,
    calendar: WorkCalendar,
    *,
    party_id: int | None,
) -> None:
    """A clock by the office's rule, counted from the end of the day of the meeting or activity."""
    clock = deadlines.prepare_by_rule(
        subject_kind=subject_kind,
        subject_id=row.pk,
        subdistrict_id=row.subdistrict_id,
        kind=kind,
        at=at,
        calendar=calendar,
        party_id=party_id,
        began_at=at_clock(row.on, DAY_CLOSES),
    )
    deadlines.start_many([clock])
