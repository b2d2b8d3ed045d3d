"""Series: meetings that come again, planned a quarter ahead by their rule; changed and retired."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.clock import local
from communities.actors import Actor
from communities.models import Appointment, Department, SubDistrict
from deadlines import services as deadlines
from issues.services.errors import InvalidFields
from issues.services.once import made_before
from journal.models import Event
from meetings.enums import MEETING, SERIES, MeetingState
from meetings.models import Invitation, Meeting, Series
from meetings.recurrence import Occurrence, Rule, dates
from meetings.services.base import LONGEST, save, tell, tell_meeting
from meetings.services.errors import NotNow, SeriesChanged
from meetings.services.inviting import Whom, add_invitations, invitation_rows, named_in, whom, withdraw
from meetings.services.planning import NewMeeting, check_day, check_keeper, check_new, set_day

AHEAD: Final = timedelta(days=92)
"""How far a series is planned: a quarter."""
_FIELDS: Final[Mapping[str, str]] = {
    "name": "title", "kind": "kind", "community": "community", "place": "place", "starts": "starts",
    "convener": "convener",
}  # fmt: skip
"""What a meeting of a series has of it: the series' field and the meeting's."""


@dataclass(frozen=True)
class _Before:
    """What a series said before it was changed: its columns, and whom it invited."""

    values: Mapping[str, Any]
    invited: Collection[Whom]


def add_series(*, given: NewMeeting, rule: Rule, by: Actor, at: datetime) -> Series:
    """Meetings that come again; the next quarter is planned at once, once for each key.

    Raises NotPermitted, InvalidFields.
    """
    values = _values(given, by)
    for on in rule.on_dates:
        check_day(on, at, "dates")
    values |= {"subdistrict": given.subdistrict, "rule": rule.as_data()}
    with transaction.atomic():
        wanted = _wanted(given)
        there = made_before(Series.objects, given.key, values, lambda row: _invitees(row) == wanted)
        if there is not None:
            return there
        _check_name(values["name"], given.subdistrict)
        series = Series.objects.create(key=given.key, **values)
        _set_invited(series, given)
        tell(SERIES, series.pk, "series_added", by, at, data={"rule": series.rule}, texts={"name": series.name})
        plan(series_id=series.pk, by=by, at=at)
    return series


def change_series(*, series_id: int, given: NewMeeting, rule: Rule, version: int, by: Actor, at: datetime) -> Series:
    """Change it from here on: what is planned and not announced follows, but for what was changed at that meeting.

    A day that the rule names no more is taken back unless somebody moved that meeting; one that it names again is
    planned again. What is announced stays as it is. Raises NotPermitted, InvalidFields, NotNow, SeriesChanged.
    """
    with transaction.atomic():
        series = _held(series_id, by)
        values = _values(given, by, kept=series.convener)
        if series.retired_at is not None:
            raise NotNow(_("这个系列已停办"))
        if series.version != version:
            raise SeriesChanged
        for on in set(rule.on_dates) - set(Rule.read(series.rule).on_dates):
            check_day(on, at, "dates")
        if values["name"] != series.name:
            _check_name(values["name"], given.subdistrict)
        values["rule"] = rule.as_data()
        before = _Before({name: getattr(series, name) for name in values}, _invitees(series))
        was = before.values
        changed = sorted(name for name, value in values.items() if was[name] != value)
        if before.invited != _wanted(given):
            changed.append("invited")
        if not changed:
            return series
        for name, value in values.items():
            setattr(series, name, value)
        series.version += 1
        series.save(update_fields=[*values, "version"])
        _set_invited(series, given)
        said = {f"was_{name}": str(was[name]) for name in changed if was.get(name) and name != "rule"}
        tell(SERIES, series.pk, "series_changed", by, at, data={"fields": changed, "rule": series.rule}, texts=said)
        _fit(series, before, by, at)
        plan(series_id=series.pk, by=by, at=at)
    return series


def retire_series(*, series_id: int, by: Actor, at: datetime) -> Series:
    """It does not go on; what is planned and not announced is taken back. Raises NotPermitted."""
    with transaction.atomic():
        series = _held(series_id, by)
        if series.retired_at is None:
            series.retired_at = at
            series.save(update_fields=["retired_at"])
            tell(SERIES, series.pk, "series_retired", by, at)
            planned = series.meetings.filter(state=MeetingState.PLANNED).select_for_update(no_key=True)
            for meeting in planned.order_by("pk"):
                _take_back(meeting, by, at)
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
    with transaction.atomic():
        rows = Series.objects.select_for_update(of=("self",), no_key=True)
        series = rows.select_related("community", "kind", "convener").get(pk=series_id)
        found = _coming(series, at)
        there = _known(series, at)
        new = [one for one in found if one.planned_on not in there]
        for one in found:
            _follow(there.get(one.planned_on), one, by, at)
        for one in new:
            _occur(series, one, by, at)
    return len(new)


def _coming(series: Series, at: datetime) -> list[Occurrence]:
    today = local(at).date()
    return dates(Rule.read(series.rule), deadlines.load_calendar(), today, today + AHEAD)


def _known(series: Series, at: datetime) -> dict[date | None, Meeting]:
    """Its meetings by the day that the rule names, from a quarter ago on."""
    return {row.planned_on: row for row in series.meetings.filter(planned_on__gte=local(at).date() - AHEAD)}


def _take_back(meeting: Meeting, by: Actor, at: datetime) -> None:
    """Nobody was told of it: no reason, and nobody is told."""
    meeting.state = MeetingState.CANCELLED
    save(meeting, "state")
    tell_meeting(meeting, "meeting_cancelled", by, at)


def _fit(series: Series, before: _Before, by: Actor, at: datetime) -> None:
    """Let what is to come and was not announced be as the series is now; what was taken back too, should it come back.

    A day that passed stays as it is: it stands under 已预告未举行 until somebody says what became of it.
    """
    named = {one.planned_on for one in _coming(series, at)}
    untold = Q(state=MeetingState.PLANNED) | Q(state=MeetingState.CANCELLED, reason="")
    rows = series.meetings.filter(untold, planned_on__gte=local(at).date()).select_for_update(of=("self",), no_key=True)
    for meeting in rows.select_related("kind", "community", "convener").order_by("pk"):
        _take_over(meeting, series, before, by, at)
        if meeting.state == MeetingState.CANCELLED:
            if meeting.planned_on in named:
                meeting.state = MeetingState.PLANNED
                save(meeting, "state")
                tell_meeting(meeting, "meeting_planned", by, at, data={"on": meeting.on.isoformat()})
        elif meeting.planned_on not in named and not _was_moved(meeting):
            _take_back(meeting, by, at)


def _take_over(meeting: Meeting, series: Series, before: _Before, by: Actor, at: datetime) -> None:
    """What the meeting had of the series it has of it again; what was changed at the meeting itself stays."""
    changed = []
    for name, field in _FIELDS.items():
        if getattr(meeting, field) == before.values[name] != getattr(series, name):
            setattr(meeting, field, getattr(series, name))
            changed.append(field)
    wanted = _invitations(series, meeting)
    left = [row.pk for row in meeting.invitations.standing() if whom(row) in before.invited]
    gone = withdraw(meeting, left, named_in(wanted), at)
    added = add_invitations(meeting, [row for row in wanted if whom(row) not in before.invited])
    if changed or gone or added:
        save(meeting, *changed)
        tell_meeting(meeting, "meeting_adapted", by, at, data={"fields": changed, "added": added, "left": len(gone)})


def _follow(meeting: Meeting | None, one: Occurrence, by: Actor, at: datetime) -> None:
    if (
        meeting is None
        or meeting.state != MeetingState.PLANNED
        or (meeting.on, meeting.estimated) == (one.on, one.estimated)
        or _was_moved(meeting)
    ):
        return
    was = meeting.on
    set_day(meeting, one.on, estimated=one.estimated)
    tell_meeting(meeting, "meeting_moved", by, at, data={"was": was.isoformat(), "on": one.on.isoformat()})


def _was_moved(meeting: Meeting) -> bool:
    """Whether somebody gave it another day than the rule's, which then holds."""
    return Event.objects.of(MEETING, meeting.pk).of_kinds(["meeting_moved"]).filter(actor__isnull=False).exists()


def _occur(series: Series, one: Occurrence, by: Actor, at: datetime) -> Meeting:
    meeting = Meeting.objects.create(
        subdistrict_id=series.subdistrict_id,
        series=series,
        planned_on=one.planned_on,
        on=one.on,
        estimated=one.estimated,
        **{field: getattr(series, name) for name, field in _FIELDS.items()},
    )
    Invitation.objects.bulk_create(_invitations(series, meeting))
    tell_meeting(meeting, "meeting_planned", by, at, data={"on": one.on.isoformat()})
    return meeting


def _invitations(series: Series, meeting: Meeting) -> list[Invitation]:
    """Of a series' meeting; of its people those who are in office then."""
    in_office = Appointment.objects.filter(pk__in=series.appointments.values("pk")).current(meeting.on).order_by("pk")
    invited = (series.communities.all(), series.departments.all())
    return invitation_rows(meeting, *invited, appointments=in_office)


def _held(series_id: int, by: Actor) -> Series:
    """The series under its lock. Raises NotPermitted."""
    rows = Series.objects.select_for_update(of=("self",), no_key=True)
    series = rows.select_related("subdistrict", "community", "kind", "convener").get(pk=series_id)
    check_keeper(series.subdistrict_id, series.community, by)
    return series


def _values(given: NewMeeting, by: Actor, *, kept: Department | None = None) -> dict[str, Any]:
    """The columns but the rule; ``kept``: who convenes it already. Raises NotPermitted, InvalidFields."""
    texts = check_new(given, by, kept=kept)
    if len(texts["title"]) > LONGEST["name"]:
        raise InvalidFields({"title": _("最多 %(longest)d 个字") % {"longest": LONGEST["name"]}})
    return {
        "name": texts["title"],
        "kind": given.kind,
        "community": given.community,
        "place": texts["place"],
        "starts": given.starts,
        "convener": given.convener,
    }


def _check_name(name: str, subdistrict: SubDistrict) -> None:
    """Raises InvalidFields where another that stands is called so; from here on nobody else calls one so."""
    SubDistrict.objects.select_for_update(no_key=True).get(pk=subdistrict.pk)
    if Series.objects.standing().filter(subdistrict=subdistrict, name=name).exists():
        raise InvalidFields({"title": _("已有同名的系列会议")})


def _wanted(given: NewMeeting) -> set[Whom]:
    return named_in(invitation_rows(None, given.communities, given.departments, appointments=given.appointments))


def _invitees(series: Series) -> set[Whom]:
    several = (series.communities.all(), series.departments.all())
    return named_in(invitation_rows(None, *several, appointments=series.appointments.all()))


def _set_invited(series: Series, given: NewMeeting) -> None:
    series.communities.set(given.communities)
    series.departments.set(given.departments)
    series.appointments.set(given.appointments)
