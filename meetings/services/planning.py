"""Meetings before they are held: announced, corrected, moved, taken back, released."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from communities.models import Appointment, Community, Department, SubDistrict
from deadlines import services as deadlines
from deadlines.calendar import WorkCalendar
from deadlines.models import Deadline
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.once import made_before
from meetings.enums import KIND, MEETING, TO_COME, MeetingClock, MeetingState
from meetings.models import Invitation, Meeting, MeetingKind
from meetings.rights import keeps_at, keeps_for, may_convene
from meetings.services.asking import end_box
from meetings.services.base import clean, held_meeting, save, start_clock, tell, tell_meeting, why
from meetings.services.errors import NotNow
from meetings.services.inviting import add_invitations, invitation_rows, named_in, teams_of, told_of, withdraw

FARTHEST: Final = timedelta(days=731)


@dataclass(frozen=True)
class NewMeeting:
    """What is known of a meeting, or of each one of a series, before it is held.

    ``key`` is the form's own: sent twice it is one meeting.
    """

    subdistrict: SubDistrict
    kind: MeetingKind
    title: str
    convener: Department
    community: Community | None = None
    place: str = ""
    beside: str = ""
    starts: time | None = None
    communities: Sequence[Community] = ()
    departments: Sequence[Department] = ()
    guests: Sequence[str] = field(default=())
    appointments: Sequence[Appointment] = ()
    key: str = ""


def add_kind(*, subdistrict: SubDistrict, name_zh: str, name_en: str, by: Actor, at: datetime) -> MeetingKind:
    """A kind of the office's own. Raises NotPermitted, InvalidFields."""
    if not keeps_for(by.access, subdistrict.pk):
        raise NotPermitted(_("会议类型由街道社会治理办添加"))
    texts = clean({"title": name_zh, "name": name_en})
    with transaction.atomic():
        SubDistrict.objects.select_for_update(no_key=True).get(pk=subdistrict.pk)
        own = MeetingKind.objects.filter(subdistrict=subdistrict)
        known = MeetingKind.objects.filter(Q(subdistrict__isnull=True) | Q(subdistrict=subdistrict))
        if not texts["title"] or known.filter(name_zh=texts["title"]).exists():
            raise InvalidFields({"name_zh": _("请填写还没有的会议类型")})
        code = f"own-{own.count() + 1}"
        kind = MeetingKind.objects.create(
            subdistrict=subdistrict, code=code, name_zh=texts["title"], name_en=texts["name"]
        )
        tell(KIND, kind.pk, "meeting_kind_added", by, at, data={"code": code}, texts={"name": kind.name_zh})
    return kind


def set_day(meeting: Meeting, on: date, *, estimated: bool) -> None:
    """Another day, of its topics too: they are as old as the meeting at which they are raised."""
    meeting.on, meeting.estimated = on, estimated
    save(meeting, "on", "estimated")
    meeting.items.update(raised_on=on)


def add_meeting(*, given: NewMeeting, on: date, by: Actor, at: datetime) -> Meeting:
    """A meeting of its own, announced at once; once for each key. Raises NotPermitted, InvalidFields."""
    texts = check_new(given, by)
    guests = dict.fromkeys(clean({"guests": one})["guests"] for one in given.guests)
    check_day(on, at)
    calendar = deadlines.load_calendar()
    values: dict[str, Any] = {
        "subdistrict": given.subdistrict,
        "kind": given.kind,
        "on": on,
        "starts": given.starts,
        "community": given.community,
        "convener": given.convener,
        **texts,
    }
    with transaction.atomic():
        wanted = invitation_rows(None, given.communities, given.departments, guests, given.appointments)
        there = made_before(
            Meeting.objects, given.key, values, lambda row: named_in(row.invitations.all()) == named_in(wanted)
        )
        if there is not None:
            return there
        meeting = Meeting.objects.create(
            key=given.key, estimated=calendar.is_estimated(on), state=MeetingState.ANNOUNCED, **values
        )
        Invitation.objects.bulk_create(
            invitation_rows(meeting, given.communities, given.departments, guests, given.appointments)
        )
        _expect(meeting, at, calendar)
        _tell_announced(meeting, by, at)
    return meeting


def announce(*, meeting_id: int, version: int, by: Actor, at: datetime) -> Meeting:
    """Tell everybody who is invited; from now on it is expected. Raises NotPermitted, MeetingChanged, NotNow."""
    calendar = deadlines.load_calendar()
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        if meeting.state != MeetingState.PLANNED:
            raise NotNow(_("这次会议已经预告或已有结果"))
        meeting.state = MeetingState.ANNOUNCED
        save(meeting, "state")
        _expect(meeting, at, calendar)
        _tell_announced(meeting, by, at)
    return meeting


def move(*, meeting_id: int, on: date, reason: str, version: int, by: Actor, at: datetime) -> Meeting:
    """Hold it on another day. Raises NotPermitted, MeetingChanged, NotNow, InvalidFields."""
    said = why(reason)
    check_day(on, at)
    calendar = deadlines.load_calendar()
    with transaction.atomic():
        meeting = _to_come(meeting_id, version, by)
        was = meeting.on
        set_day(meeting, on, estimated=calendar.is_estimated(on))
        deadlines.cancel(_clocks(meeting), {MeetingClock.HOLDING}, at)
        if meeting.state == MeetingState.ANNOUNCED:
            _expect(meeting, at, calendar)
        data = {"was": was.isoformat(), "on": on.isoformat()} | told_of(meeting)
        tell_meeting(meeting, "meeting_moved", by, at, data=data, texts={"reason": said})
    return meeting


@dataclass(frozen=True)
class MeetingChange:
    """What a meeting is called, where and when on its day it is held, and who is invited.

    ``withdrawn`` are invitations that are taken back; whoever else was invited stays so.
    """

    title: str
    place: str = ""
    starts: time | None = None
    communities: Sequence[Community] = ()
    departments: Sequence[Department] = ()
    appointments: Sequence[Appointment] = ()
    guests: Sequence[str] = ()
    withdrawn: Collection[int] = ()


def change(*, meeting_id: int, given: MeetingChange, version: int, by: Actor, at: datetime) -> Meeting:
    """Correct it before it begins; who is invited is told of what changed, who no longer is of that.

    Raises NotPermitted, MeetingChanged, NotNow, InvalidFields.
    """
    texts = clean({"title": given.title, "place": given.place}, required={"title": _("请填写会议名称")})
    guests = dict.fromkeys(clean({"guests": one})["guests"] for one in given.guests)
    with transaction.atomic():
        meeting = _to_come(meeting_id, version, by)
        values = {**texts, "starts": given.starts}
        changed = sorted(name for name, value in values.items() if getattr(meeting, name) != value)
        was = {f"was_{name}": str(getattr(meeting, name)) for name in changed if getattr(meeting, name)}
        wanted = invitation_rows(meeting, given.communities, given.departments, guests, given.appointments)
        gone = withdraw(meeting, given.withdrawn, named_in(wanted), at)
        added = add_invitations(meeting, wanted)
        if not (changed or added or gone):
            return meeting
        for name in changed:
            setattr(meeting, name, values[name])
        save(meeting, *changed)
        if changed or added:
            data = {"fields": changed, "added": added} | told_of(meeting)
            tell_meeting(meeting, "meeting_changed", by, at, data=data, texts=was)
        if gone:
            names = "、".join(row.called for row in gone)
            teams = teams_of(Invitation.objects.filter(pk__in=[row.pk for row in gone]))
            tell_meeting(meeting, "invitation_withdrawn", by, at, data={"invited": teams}, texts={"note": names})
    return meeting


def cancel(*, meeting_id: int, reason: str, version: int, by: Actor, at: datetime, not_held: bool = False) -> Meeting:
    """Take it back, or (``not_held``) say that its day passed without it.

    Raises NotPermitted, MeetingChanged, NotNow, InvalidFields.
    """
    said = why(reason)
    with transaction.atomic():
        meeting = _to_come(meeting_id, version, by)
        if not_held and meeting.on > local(at).date():
            raise NotNow(_("会议日期还没有到，要取消请选“取消会议”"))
        meeting.state = MeetingState.NOT_HELD if not_held else MeetingState.CANCELLED
        meeting.reason = said
        save(meeting, "state", "reason")
        end = deadlines.stop if not_held else deadlines.cancel
        end(_clocks(meeting), {MeetingClock.HOLDING}, at)
        event = "meeting_not_held" if not_held else "meeting_cancelled"
        tell_meeting(meeting, event, by, at, data=told_of(meeting), texts={"reason": said})
        end_box(meeting, by, at)
    return meeting


def release(*, meeting_id: int, version: int, by: Actor, at: datetime, back: bool = False) -> Meeting:
    """Let everybody read of it, or (``back``) nobody any more; what was raised only once its minutes are confirmed.

    Raises NotPermitted, MeetingChanged, NotNow.
    """
    with transaction.atomic():
        meeting = held_meeting(meeting_id, by, version)
        if meeting.state == MeetingState.PLANNED or meeting.historic:
            raise NotNow(_("先预告，再公开"))
        if (meeting.released_at is None) is back:
            raise NotNow(_("会议刚被别人修改，请按最新情况继续"))
        meeting.released_at, meeting.released_by = (None, None) if back else (at, by.user)
        save(meeting, "released_at", "released_by")
        tell_meeting(meeting, "meeting_unreleased" if back else "meeting_released", by, at)
    return meeting


def _to_come(meeting_id: int, version: int, by: Actor) -> Meeting:
    meeting = held_meeting(meeting_id, by, version)
    if meeting.state not in TO_COME:
        raise NotNow(_("这次会议已经开始或已有结果"))
    return meeting


def check_new(given: NewMeeting, by: Actor, *, kept: Department | None = None) -> dict[str, str]:
    """Its texts, cleaned; whoever may not name a convener may leave who it is (``kept``).

    Raises NotPermitted, InvalidFields.
    """
    check_keeper(given.subdistrict.pk, given.community, by)
    if given.convener != kept and not may_convene(by.access, given.convener):
        raise InvalidFields({"convener": _("请选择召集单位")})
    texts = {"title": given.title, "place": given.place, "beside": given.beside}
    return clean(texts, required={"title": _("请填写会议名称")})


def check_keeper(subdistrict_id: int, community: Community | None, by: Actor) -> None:
    """Raises NotPermitted where this person keeps no meetings there."""
    if not keeps_at(by.access, subdistrict_id, community):
        raise NotPermitted(_("社区只能安排本社区的会议"))


def check_day(on: date, at: datetime, name: str = "on") -> None:
    """Raises InvalidFields for a day that is over or too far away; ``name`` is the field."""
    today = local(at).date()
    if on < today:
        raise InvalidFields({name: _("日期已过，请填写今后的日期")})
    if on > today + FARTHEST:
        raise InvalidFields({name: _("日期过远，请填写两年以内的日期")})


def _tell_announced(meeting: Meeting, by: Actor, at: datetime) -> None:
    data = {"on": meeting.on.isoformat(), "department": meeting.convener_id} | told_of(meeting)
    tell_meeting(meeting, "meeting_announced", by, at, data=data)


def _clocks(meeting: Meeting) -> Any:
    return Deadline.objects.of(MEETING, meeting.pk).open()


def _expect(meeting: Meeting, at: datetime, calendar: WorkCalendar) -> None:
    """Its clock: held by the end of the next working day, counted from its own."""
    start_clock(MEETING, meeting, MeetingClock.HOLDING, at, calendar, party_id=meeting.convener_id)
