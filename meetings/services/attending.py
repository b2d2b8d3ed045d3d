"""Who came to a meeting: ticked by the secretary, or written by guests themselves. No time is kept."""

from datetime import datetime
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext as _

from communities.actors import Actor
from meetings.enums import MET, MeetingState
from meetings.models import Invitation, Meeting
from meetings.services.base import clean, held_meeting, tell_meeting
from meetings.services.errors import NotNow

MOST_GUESTS: Final = 300
"""So many may write themselves in at one meeting; more are added by the secretary."""
_SIGNER: Final = Signer(sep=".", salt="meetings.guests")


def mark_present(*, meeting_id: int, present: set[int], by: Actor, at: datetime) -> int:
    """Exactly these invitations came; returns how many ticks changed. One event where any did.

    Raises NotPermitted, NotNow.
    """
    with transaction.atomic():
        meeting = _taking_attendance(held_meeting(meeting_id, by))
        rows = list(meeting.invitations.standing().order_by("pk"))
        changed = [row for row in rows if row.present != (row.pk in present)]
        for row in changed:
            row.present = not row.present
            row.save(update_fields=["present"])
        if changed:
            came = sum(row.present for row in rows)
            tell_meeting(meeting, "attendance_marked", by, at, data={"present": came, "invited": len(rows)})
    return len(changed)


def add_guest(*, meeting_id: int, name: str, by: Actor, at: datetime) -> Invitation:
    """Somebody came, by office or organisation, whom the secretary adds. Raises NotPermitted, NotNow, InvalidFields."""
    said = _said(name)
    with transaction.atomic():
        meeting = _taking_attendance(held_meeting(meeting_id, by))
        row, is_new = _came(meeting, said)
        if is_new:
            tell_meeting(meeting, "attendance_marked", by, at, data={"guests": 1})
    return row


def write_in(*, meeting_id: int, name: str) -> Invitation:
    """Somebody who holds the code that is shown in the room writes themselves in, while the meeting is in progress.

    No event tells of it, since an event has its second: the row is all that is kept. What staff ticks is told.
    Raises NotNow, InvalidFields.
    """
    said = _said(name)
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(no_key=True).get(pk=meeting_id)
        if meeting.state != MeetingState.LIVE:
            raise NotNow(_("会议没有在进行，现在不能登记"))
        if meeting.invitations.filter(invited=False).count() >= MOST_GUESTS:
            raise NotNow(_("自己登记的人数已满，请找会议记录人"))
        return _came(meeting, said)[0]


def guest_token(meeting: Meeting) -> str:
    """What stands in the code of the room: nobody who was not shown it can write themselves in."""
    return _SIGNER.sign(str(meeting.pk))


def meeting_of(token: str) -> int | None:
    """The meeting of such a code, None where it is none of ours."""
    try:
        return int(_SIGNER.unsign(token))
    except BadSignature:
        return None


def _said(name: str) -> str:
    return clean({"guest": name}, required={"guest": _("请填写单位或身份")})["guest"]


def _taking_attendance(meeting: Meeting) -> Meeting:
    if meeting.state not in MET or meeting.is_locked:
        raise NotNow(_("会议开始后、纪要确认前才能记录到会情况"))
    return meeting


def _came(meeting: Meeting, said: str) -> tuple[Invitation, bool]:
    """Their invitation where one is called so, else a new row; once, however often they say it. Whether it is new."""
    rows = meeting.invitations.standing().with_names().order_by("pk")
    row = next((one for one in rows if one.is_called(said)), None)
    if row is None:
        row = Invitation(meeting=meeting, name=said, invited=False)
    is_new = not row.present
    if is_new:
        row.present = True
        row.save()
    return row, is_new
