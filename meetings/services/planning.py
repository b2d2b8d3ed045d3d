"""Series and meetings before they are held: planned from the rule, announced, moved, taken back."""

from collections.abc import Collection, Iterable, Sequence, Set
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
from journal.models import Event
from meetings.enums import KIND, MEETING, SERIES, TO_COME, MeetingClock, MeetingState
from meetings.models import Invitation, Meeting, MeetingKind, Series
from meetings.querysets import InvitationQuerySet
from meetings.recurrence import Occurrence, Rule, dates
from meetings.rights import keeps_for, keeps_in, may_convene
from meetings.services.asking import end_box
from meetings.services.base import LONGEST, clean, held_meeting, save, start_clock, tell, tell_meeting, why
from meetings.services.errors import NotNow

AHEAD: Final = timedelta(days=92)
"""How far a series is planned: a quarter."""
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


def add_series(*, given: NewMeeting, rule: Rule, by: Actor, at: datetime) -> Series:
    """Meetings that come again; the next quarter is planned at once, once for each key.

    Raises NotPermitted, InvalidFields.
    """
    texts = _checked(given, by)
    name = texts["title"]
    if len(name) > LONGEST["name"]:
        raise InvalidFields({"title": _("最多 %(longest)d 个字") % {"longest": LONGEST["name"]}})
    for on in rule.on_dates:
        _check_date(on, at, "dates")
    with transaction.atomic():
        values: dict[str, Any] = {
            "subdistrict": given.subdistrict,
            "kind": given.kind,
            "name": name,
            "community": given.community,
            "place": texts["place"],
            "starts": given.starts,
            "convener": given.convener,
            "rule": rule.as_data(),
        }
        invited = _ids(given.communities, given.departments, given.appointments)
        there = made_before(
            Series.objects,
            given.key,
            values,
            lambda row: _ids(row.communities.all(), row.departments.all(), row.appointments.all()) == invited,
        )
        if there is not None:
            return there
        SubDistrict.objects.select_for_update(no_key=True).get(pk=given.subdistrict.pk)
        if Series.objects.standing().filter(subdistrict=given.subdistrict, name=name).exists():
            raise InvalidFields({"title": _("已有同名的系列会议")})
        series = Series.objects.create(key=given.key, **values)
        series.communities.set(given.communities)
        series.departments.set(given.departments)
        series.appointments.set(given.appointments)
        tell(SERIES, series.pk, "series_added", by, at, data={"rule": series.rule}, texts={"name": series.name})
        plan(series_id=series.pk, by=by, at=at)
    return series


def retire_series(*, series_id: int, by: Actor, at: datetime) -> Series:
    """It does not go on; what is planned and not announced is taken back. Raises NotPermitted."""
    with transaction.atomic():
        series = (
            Series.objects.select_for_update(of=("self",), no_key=True).select_related("community").get(pk=series_id)
        )
        _check_right(series.subdistrict_id, series.community, by)
        if series.retired_at is None:
            series.retired_at = at
            series.save(update_fields=["retired_at"])
            tell(SERIES, series.pk, "series_retired", by, at)
            planned = series.meetings.filter(state=MeetingState.PLANNED).select_for_update(no_key=True)
            for meeting in planned.order_by("pk"):
                meeting.state = MeetingState.CANCELLED
                save(meeting, "state")
                tell_meeting(meeting, "meeting_cancelled", by, at)
    return series


def plan_all(*, at: datetime) -> int:
    """Plan the next quarter of every series that goes on; returns how many meetings are new. Twice is once."""
    standing = Series.objects.standing().order_by("pk").values_list("pk", flat=True)
    return sum(plan(series_id=pk, by=Actor.system(), at=at) for pk in standing)


def plan(*, series_id: int, by: Actor, at: datetime) -> int:
    """Plan the next quarter of one series; returns how many meetings are new.

    What is planned already is known by the day that the rule names, whatever became of it; one that was not announced
    follows the calendar, unless somebody moved it.
    """
    calendar, today = deadlines.load_calendar(), local(at).date()
    with transaction.atomic():
        rows = Series.objects.select_for_update(of=("self",), no_key=True)
        series = rows.select_related("community", "kind", "convener").get(pk=series_id)
        found = dates(Rule.read(series.rule), calendar, today, today + AHEAD)
        there = {row.planned_on: row for row in series.meetings.filter(planned_on__gte=today - AHEAD)}
        new = [one for one in found if one.planned_on not in there]
        for one in found:
            _follow(there.get(one.planned_on), one, by, at)
        for one in new:
            _occur(series, one, by, at)
    return len(new)


def _follow(meeting: Meeting | None, one: Occurrence, by: Actor, at: datetime) -> None:
    if (
        meeting is None
        or meeting.state != MeetingState.PLANNED
        or (meeting.on, meeting.estimated) == (one.on, one.estimated)
        or _was_moved(meeting)
    ):
        return
    was = meeting.on
    _set_day(meeting, one.on, estimated=one.estimated)
    tell_meeting(meeting, "meeting_moved", by, at, data={"was": was.isoformat(), "on": one.on.isoformat()})


def _was_moved(meeting: Meeting) -> bool:
    """Whether somebody gave it another day than the rule's, which then holds."""
    return Event.objects.of(MEETING, meeting.pk).of_kinds(["meeting_moved"]).filter(actor__isnull=False).exists()


def _set_day(meeting: Meeting, on: date, *, estimated: bool) -> None:
    """Another day, of its topics too: they are as old as the meeting at which they are raised."""
    meeting.on, meeting.estimated = on, estimated
    save(meeting, "on", "estimated")
    meeting.items.update(raised_on=on)


def _occur(series: Series, one: Occurrence, by: Actor, at: datetime) -> Meeting:
    meeting = Meeting.objects.create(
        subdistrict_id=series.subdistrict_id,
        kind=series.kind,
        series=series,
        planned_on=one.planned_on,
        title=series.name,
        on=one.on,
        estimated=one.estimated,
        starts=series.starts,
        community=series.community,
        place=series.place,
        convener=series.convener,
    )
    in_office = Appointment.objects.filter(pk__in=series.appointments.values("pk")).current(one.on).order_by("pk")
    _invite(meeting, series.communities.all(), series.departments.all(), (), in_office)
    tell_meeting(meeting, "meeting_planned", by, at, data={"on": one.on.isoformat()})
    return meeting


def add_meeting(*, given: NewMeeting, on: date, by: Actor, at: datetime) -> Meeting:
    """A meeting of its own, announced at once; once for each key. Raises NotPermitted, InvalidFields."""
    texts = _checked(given, by)
    guests = dict.fromkeys(clean({"guests": one})["guests"] for one in given.guests)
    _check_date(on, at)
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
        wanted = _rows(None, given.communities, given.departments, guests, given.appointments)
        there = made_before(
            Meeting.objects, given.key, values, lambda row: _named(row.invitations.all()) == _named(wanted)
        )
        if there is not None:
            return there
        meeting = Meeting.objects.create(
            key=given.key, estimated=calendar.is_estimated(on), state=MeetingState.ANNOUNCED, **values
        )
        _invite(meeting, given.communities, given.departments, guests, given.appointments)
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
    _check_date(on, at)
    calendar = deadlines.load_calendar()
    with transaction.atomic():
        meeting = _to_come(meeting_id, version, by)
        was = meeting.on
        _set_day(meeting, on, estimated=calendar.is_estimated(on))
        deadlines.cancel(_clocks(meeting), {MeetingClock.HOLDING}, at)
        if meeting.state == MeetingState.ANNOUNCED:
            _expect(meeting, at, calendar)
        data = {"was": was.isoformat(), "on": on.isoformat()} | _invited(meeting)
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
        wanted = _rows(meeting, given.communities, given.departments, guests, given.appointments)
        gone = _withdraw(meeting, given.withdrawn, _named(wanted), at)
        added = _add(meeting, wanted)
        if not (changed or added or gone):
            return meeting
        for name in changed:
            setattr(meeting, name, values[name])
        save(meeting, *changed)
        if changed or added:
            data = {"fields": changed, "added": added} | _invited(meeting)
            tell_meeting(meeting, "meeting_changed", by, at, data=data, texts=was)
        if gone:
            names = "、".join(row.called for row in gone)
            teams = _teams(Invitation.objects.filter(pk__in=[row.pk for row in gone]))
            tell_meeting(meeting, "invitation_withdrawn", by, at, data={"invited": teams}, texts={"note": names})
    return meeting


def _withdraw(meeting: Meeting, ids: Collection[int], kept: Set[tuple[Any, ...]], at: datetime) -> Sequence[Invitation]:
    """Take these invitations back, but for those that are wanted."""
    rows = meeting.invitations.standing().with_names().filter(pk__in=ids).order_by("pk")
    gone = [row for row in rows if _name(row) not in kept]
    for row in gone:
        row.withdrawn_at = at
    Invitation.objects.bulk_update(gone, ["withdrawn_at"])
    return gone


def _add(meeting: Meeting, wanted: Iterable[Invitation]) -> int:
    """Invite those who are not, also who was no longer; returns how many."""
    there = {_name(row): row for row in meeting.invitations.all()}
    again = [row for one in wanted if (row := there.get(_name(one))) and row.withdrawn_at]
    for row in again:
        row.withdrawn_at = None
    Invitation.objects.bulk_update(again, ["withdrawn_at"])
    new = [row for row in wanted if _name(row) not in there]
    return len(again) + len(Invitation.objects.bulk_create(new))


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
        tell_meeting(meeting, event, by, at, data=_invited(meeting), texts={"reason": said})
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


def _checked(given: NewMeeting, by: Actor) -> dict[str, str]:
    _check_right(given.subdistrict.pk, given.community, by)
    if not may_convene(by.access, given.convener):
        raise InvalidFields({"convener": _("请选择召集单位")})
    texts = {"title": given.title, "place": given.place, "beside": given.beside}
    return clean(texts, required={"title": _("请填写会议名称")})


def _check_right(subdistrict_id: int, community: Community | None, by: Actor) -> None:
    allowed = keeps_in(by.access, community) if community else keeps_for(by.access, subdistrict_id)
    if not allowed:
        raise NotPermitted(_("社区只能安排本社区的会议"))


def _check_date(on: date, at: datetime, name: str = "on") -> None:
    today = local(at).date()
    if on < today:
        raise InvalidFields({name: _("日期已过，请填写今后的日期")})
    if on > today + FARTHEST:
        raise InvalidFields({name: _("日期过远，请填写两年以内的日期")})


def _invite(
    meeting: Meeting,
    communities: Iterable[Community],
    departments: Iterable[Department],
    guests: Iterable[str],
    appointments: Iterable[Appointment] = (),
) -> None:
    Invitation.objects.bulk_create(_rows(meeting, communities, departments, guests, appointments))


def _ids(*several: Iterable[Any]) -> list[set[int]]:
    return [{row.pk for row in rows} for rows in several]


def _named(rows: Iterable[Invitation]) -> set[tuple[Any, ...]]:
    """Whom invitations name."""
    return {_name(row) for row in rows}


def _name(row: Invitation) -> tuple[Any, ...]:
    return row.community_id, row.department_id, row.appointment_id, row.name


def _rows(
    meeting: Meeting | None,
    communities: Iterable[Community],
    departments: Iterable[Department],
    guests: Iterable[str],
    appointments: Iterable[Appointment],
) -> list[Invitation]:
    rows = [Invitation(meeting=meeting, community=one) for one in communities]
    rows += [Invitation(meeting=meeting, department=one) for one in departments]
    rows += [Invitation(meeting=meeting, appointment=one) for one in appointments]
    return [*rows, *(Invitation(meeting=meeting, name=name) for name in guests if name)]


def _invited(meeting: Meeting) -> dict[str, Any]:
    """Whom an event tells: organisations, and of communities their own teams; one statement."""
    return {"invited": _teams(meeting.invitations.standing())}


def _teams(invitations: InvitationQuerySet) -> list[int]:
    rows = list(invitations.filter(name="").values_list("community_id", "department_id"))
    communities = [community for community, _department in rows if community]
    teams = Department.objects.filter(community_id__in=communities, kind="community_team").values_list("pk", flat=True)
    return sorted({department for _community, department in rows if department} | set(teams))


def _tell_announced(meeting: Meeting, by: Actor, at: datetime) -> None:
    data = {"on": meeting.on.isoformat(), "department": meeting.convener_id} | _invited(meeting)
    tell_meeting(meeting, "meeting_announced", by, at, data=data)


def _clocks(meeting: Meeting) -> Any:
    return Deadline.objects.of(MEETING, meeting.pk).open()


def _expect(meeting: Meeting, at: datetime, calendar: WorkCalendar) -> None:
    """Its clock: held by the end of the next working day, counted from its own."""
    start_clock(MEETING, meeting, MeetingClock.HOLDING, at, calendar, party_id=meeting.convener_id)
