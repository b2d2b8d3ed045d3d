"""The duty roster 值班表: two weeks of an area, who is on now, and the hours that nobody covers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.noting import note
from common import dates
from common.clock import SHANGHAI, local
from common.tables import XLSX
from communities.presence import Presence
from console.kit.reading import Reader, reader_of, text_of
from console.kit.shapes import ChoiceShape
from deadlines.duty import staffing
from deadlines.duty.sheet import SheetLine, write_sheet
from deadlines.duty.staffing import Area, Span
from deadlines.models import DutyNote, DutyShift
from deadlines.reference import load_calendar

WEEKS: Final = 2
_WEEK: Final = timedelta(days=7)
_DIALLED: Final = re.compile(r"\+?[0-9-]{3,20}")


@dataclass(frozen=True)
class ShiftRow:
    """One line of the roster: a shift, or hours without anybody (``gap``)."""

    starts_at: datetime
    ends_at: datetime
    to_next_day: bool
    area: str
    gap: bool = False
    clerk: str = ""
    leader: str = ""
    phone: str = ""
    phone_url: str = ""
    state: str = ""
    state_label: str = ""
    edit_url: str = ""
    note_url: str = ""
    note_label: str = ""
    fill_url: str = ""


@dataclass(frozen=True)
class RosterDay:
    """The shifts that begin on one day."""

    on: date
    label: str
    today: bool
    rows: Sequence[ShiftRow]


@dataclass(frozen=True)
class Week:
    """A week's days that have shifts or gaps."""

    label: str
    first_on: date
    last_on: date
    days: Sequence[RosterDay]
    gaps: int


@dataclass(frozen=True)
class RosterView:
    """Which roster is shown: the area, the Monday it begins with, and all areas that could be."""

    area: Area
    areas: Sequence[Area]
    monday: date

    @property
    def start_at(self) -> datetime:
        """Midnight of the first Monday."""
        return datetime.combine(self.monday, time(), SHANGHAI)

    @property
    def end_at(self) -> datetime:
        """Midnight after the last Sunday."""
        return self.start_at + WEEKS * _WEEK


@require_safe
def roster_page(request: HttpRequest) -> HttpResponse:
    """``/console/duty/``: this week and the next; ``area`` (s1, c12) and ``week`` (a date) choose others."""
    reader = reader_of(request)
    view = view_of(request, reader)
    shifts = _shifts_of(view)
    presence = staffing.presence_on(shifts)
    gaps = _gaps_of(view, shifts)
    address = reverse("console-duty")

    def page_url(monday: date) -> str:
        return f"{address}?{urlencode({'area': view.area.code, 'week': monday.isoformat()})}"

    this_monday = monday_of(local(reader.now).date())
    context: dict[str, Any] = {
        "area": view.area,
        "areas": area_choices(view.areas),
        "week": "" if view.monday == this_monday else view.monday.isoformat(),
        "weeks": _weeks(view, shifts, gaps, reader, presence),
        "previous_url": page_url(view.monday - _WEEK),
        "next_url": page_url(view.monday + _WEEK),
        "now_url": page_url(this_monday) if view.monday != this_monday else "",
        "now_lines": _now_lines(shifts, view, reader, presence) if view.monday == this_monday else [],
        "new_url": f"{reverse('console-duty-new')}?{urlencode({'area': view.area.code})}" if view.area.kept else "",
        "import_url": reverse("console-duty-import") if any(area.kept for area in view.areas) else "",
        "export_url": f"{reverse('console-duty-export')}?{urlencode(_query(view))}",
    }
    return render(request, "console/duty/roster.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """``/console/duty/export/``: the same two weeks as a ledger (.xlsx)."""
    reader = reader_of(request)
    view = view_of(request, reader)
    shifts = _shifts_of(view)
    if request.method == "GET":
        note(reader.user.pk, "export", reader.now, what="duty", rows=len(shifts))
    return sheet_answer(view, shifts, _("值班表"))


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """``/console/duty/template/``: the ledger to fill in, with the hours of the two weeks that nobody covers yet."""
    reader = reader_of(request)
    view = view_of(request, reader)
    if not view.area.kept:
        raise PermissionDenied(_("您不能修改这个区域的值班表"))
    shifts = _shifts_of(view)
    empty = [gap for gap in _gaps_of(view, shifts) if gap.ends_at > reader.now]
    notes = (
        _("每行一个班次。区域填街道或社区的名称；时间按 2026-03-18 17:30 的格式填写。"),
        _("值班员必填，填姓名或账号；姓名相同的填账号。值班领导可以不填。"),
        _("值班电话填值班室电话，不填个人手机。"),
        _("区域和开始时间与已排班次相同的，按表中内容修改；其余的新增。导入不会撤下班次。"),
        _("值班员和值班领导都没有填写的行不导入。"),
    )
    return sheet_answer(view, [], _("值班表（模板）"), empty, notes)


def sheet_answer(
    view: RosterView, shifts: Sequence[DutyShift], title: str, empty: Sequence[Span] = (), notes: Sequence[str] = ()
) -> HttpResponse:
    """A ledger of shifts, or of empty hours, as a download."""
    names = {area.key: area.name for area in view.areas}
    lines = [
        SheetLine(
            area=names.get((shift.subdistrict_id, shift.community_id), ""),
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            clerk=shift.clerk.display_name,
            leader=shift.leader.display_name if shift.leader else "",
            phone=shift.phone,
        )
        for shift in shifts
    ] + [SheetLine(view.area.name, gap.starts_at, gap.ends_at, phone=view.area.duty_phone) for gap in empty]
    span = _("%(first)s至%(last)s") % {
        "first": dates.day(view.monday),
        "last": dates.day(view.monday + WEEKS * _WEEK - timedelta(days=1)),
    }
    data = write_sheet(
        title=_("%(area)s%(title)s") % {"area": view.area.name, "title": title},
        unit_line=_("单位：%(area)s    日期：%(span)s") % {"area": view.area.name, "span": span},
        lines=lines,
        notes=notes,
    )
    name = f"{view.area.name}-{title}-{view.monday:%Y%m%d}.xlsx"
    answer = HttpResponse(data, content_type=XLSX)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer


# What the query asks for


def monday_of(on: date) -> date:
    """The Monday of that week."""
    return on - timedelta(days=on.weekday())


def view_of(request: HttpRequest, reader: Reader) -> RosterView:
    """The area and the weeks asked for. Two statements. Http404 for an area outside the reader's sub-districts."""
    areas = staffing.areas_of(reader.access)
    if not areas:
        raise PermissionDenied(_("您不属于任何街道，没有值班表可看"))
    code = text_of(request, "area", 20)
    area = area_of(code, areas) if code else _own_area(reader, areas)
    if area is None:
        raise Http404(_("没有这个区域的值班表"))
    week = text_of(request, "week", 10)
    try:
        on = date.fromisoformat(week) if week else local(reader.now).date()
    except ValueError as error:
        raise BadRequest(_("网址中的参数无效，请从列表重新打开")) from error
    if not 2000 <= on.year <= 2100:
        raise BadRequest(_("网址中的参数无效，请从列表重新打开"))
    return RosterView(area=area, areas=areas, monday=monday_of(on))


def area_of(code: str, areas: Sequence[Area]) -> Area | None:
    """The area with this code among those that the reader sees."""
    return next((area for area in areas if area.code == code), None)


def area_choices(areas: Sequence[Area]) -> list[ChoiceShape]:
    """The areas as choices of a field or filter."""
    return [ChoiceShape(value=area.code, label=area.name) for area in areas]


def _own_area(reader: Reader, areas: Sequence[Area]) -> Area:
    """The community of a clerk or secretary, else the sub-district."""
    own = next((area for area in areas if area.community_id in reader.access.community_ids), None)
    return own or areas[0]


def _query(view: RosterView) -> dict[str, str]:
    return {"area": view.area.code, "week": view.monday.isoformat()}


# What the page shows


def _shifts_of(view: RosterView) -> list[DutyShift]:
    return staffing.roster(
        subdistrict_id=view.area.subdistrict_id,
        community_id=view.area.community_id,
        start_at=view.start_at,
        end_at=view.end_at,
    )


def _gaps_of(view: RosterView, shifts: Sequence[DutyShift]) -> list[Span]:
    wanted = staffing.duty_hours(load_calendar(), view.monday, (view.end_at - timedelta(days=1)).date())
    return staffing.uncovered_spans(wanted, [Span(shift.starts_at, shift.ends_at) for shift in shifts])


def _now_lines(shifts: Sequence[DutyShift], view: RosterView, reader: Reader, presence: Presence) -> list[str]:
    """Whose turn it is now, in words; outside the hours of a roster: who is next."""
    now = reader.now
    names = {area.key: area.name for area in view.areas}
    present = [shift for shift in shifts if shift.starts_at <= now < shift.ends_at]
    if present:
        return [
            _("%(area)s正在值班：%(who)s，至 %(end)s")
            % {
                "area": names.get((shift.subdistrict_id, shift.community_id), ""),
                "who": who_stands(shift, presence, now),
                "end": dates.moment(shift.ends_at),
            }
            for shift in present
        ]
    coming = next((shift for shift in shifts if shift.starts_at > now), None)
    first = _("现在是工作时间，由各岗位受理。") if load_calendar().in_office_hours(now) else _("现在无人值班。")
    if coming is None:
        return [first]
    coming_who = who_stands(coming, presence, coming.starts_at)
    return [first + _("下一班：%(who)s，%(start)s 起") % {"who": coming_who, "start": dates.moment(coming.starts_at)}]


def who_stands(shift: DutyShift, presence: Presence | None = None, at: datetime | None = None) -> str:
    """陈晓琳，值班领导郑国栋. With ``presence`` also who of them left, or is away at ``at``, and who stands in."""
    clerk = _named(shift.clerk, shift, presence, at or shift.starts_at)
    if shift.leader is None:
        return clerk
    leader = _named(shift.leader, shift, presence, at or shift.starts_at)
    return _("%(clerk)s，值班领导 %(leader)s") % {"clerk": clerk, "leader": leader}


def _named(user: User, shift: DutyShift, presence: Presence | None, at: datetime) -> str:
    remark = presence.remark(user.pk, at, staffing.who_may_stand(shift, presence)) if presence is not None else ""
    return _("%(name)s（%(remark)s）") % {"name": user.display_name, "remark": remark} if remark else user.display_name


def _weeks(
    view: RosterView, shifts: Sequence[DutyShift], gaps: Sequence[Span], reader: Reader, presence: Presence
) -> list[Week]:
    rows = _Rows(view, shifts, reader, presence)
    lines = [rows.shift(shift) for shift in shifts if shift.starts_at >= view.start_at or shift.ends_at > reader.now]
    lines += [rows.gap(gap) for gap in gaps]
    lines.sort(key=lambda row: (row.starts_at, row.gap))
    today = local(reader.now).date()
    weeks = []
    for number in range(WEEKS):
        first = view.monday + number * _WEEK
        inside = [row for row in lines if max(local(row.starts_at).date(), view.monday) - first < _WEEK]
        inside = [row for row in inside if max(local(row.starts_at).date(), view.monday) >= first]
        days = [
            RosterDay(on=on, label=dates.day_weekday(on), today=on == today, rows=list(group))
            for on, group in groupby(inside, key=lambda row: local(row.starts_at).date())
        ]
        missing = sum(row.gap and row.ends_at > reader.now for row in inside)
        weeks.append(
            Week(
                label=_week_label(first, monday_of(today)),
                first_on=first,
                last_on=first + timedelta(days=6),
                days=days,
                gaps=missing,
            )
        )
    return weeks


def _week_label(monday: date, this: date) -> str:
    names = {this - _WEEK: _("上周"), this: _("本周"), this + _WEEK: _("下周")}
    return names.get(monday, "")


class _Rows:
    """Makes the lines of one page; knows whose turn it is and what the reader may do."""

    def __init__(self, view: RosterView, shifts: Sequence[DutyShift], reader: Reader, presence: Presence) -> None:
        self.view, self.reader, self.presence = view, reader, presence
        self.areas = {area.key: area for area in view.areas}
        coming = [shift for shift in shifts if shift.starts_at > reader.now]
        self.next_id = coming[0].pk if coming else None
        self.mine = {
            (shift.subdistrict_id, shift.community_id)
            for shift in shifts
            if reader.user.pk in (shift.clerk_id, shift.leader_id)
        }

    def shift(self, shift: DutyShift) -> ShiftRow:
        """One shift."""
        now, key = self.reader.now, (shift.subdistrict_id, shift.community_id)
        area = self.areas.get(key, self.view.area)
        state, label = self._state(shift)
        note_url, note_label = self._note(shift)
        begins = max(shift.starts_at, now)
        presence = self.presence if shift.ends_at > now else None
        phone = shift.phone or area.duty_phone
        return ShiftRow(
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            to_next_day=_crosses(shift.starts_at, shift.ends_at),
            area=area.name,
            clerk=_named(shift.clerk, shift, presence, begins),
            leader=_named(shift.leader, shift, presence, begins) if shift.leader else "",
            phone=phone,
            phone_url=f"tel:{phone}" if _DIALLED.fullmatch(phone) else "",
            state=state,
            state_label=label,
            edit_url=reverse("console-duty-edit", args=[shift.pk]) if area.kept and shift.ends_at > now else "",
            note_url=note_url,
            note_label=note_label,
        )

    def gap(self, gap: Span) -> ShiftRow:
        """Hours outside office time that nobody covers."""
        fill_url = ""
        if self.view.area.kept and gap.ends_at > self.reader.now:
            given = {
                "area": self.view.area.code,
                "starts_at": f"{local(gap.starts_at):%Y-%m-%dT%H:%M}",
                "ends_at": f"{local(gap.ends_at):%Y-%m-%dT%H:%M}",
            }
            fill_url = f"{reverse('console-duty-new')}?{urlencode(given)}"
        return ShiftRow(
            starts_at=gap.starts_at,
            ends_at=gap.ends_at,
            to_next_day=_crosses(gap.starts_at, gap.ends_at),
            area=self.view.area.name,
            gap=True,
            state="over" if gap.ends_at <= self.reader.now else "gap",
            state_label=_("无人值班"),
            fill_url=fill_url,
        )

    def _state(self, shift: DutyShift) -> tuple[str, str]:
        if shift.ends_at <= self.reader.now:
            return "over", _("已结束")
        begins = max(shift.starts_at, self.reader.now)
        if self.presence.acting(shift.clerk_id, begins, staffing.who_may_stand(shift, self.presence)) is None:
            return "gap", _("无人值班")
        if shift.starts_at <= self.reader.now:
            return "now", _("正在值班")
        return ("next", _("下一班")) if shift.pk == self.next_id else ("", "")

    def _note(self, shift: DutyShift) -> tuple[str, str]:
        """The link to the note and its state in words; no link for those who may not read it."""
        note = _note(shift)
        url = reverse("console-duty-note", args=[shift.pk])
        own = self.reader.user.pk in (shift.clerk_id, shift.leader_id)
        if note is None:
            return (url, _("写交接记录")) if own and shift.starts_at <= self.reader.now else ("", "")
        words = _("交接记录（已阅）") if note.acknowledged_at else _("交接记录（待阅）")
        near = (shift.subdistrict_id, shift.community_id) in self.mine
        return (url if staffing.may_read_note(self.reader.access, shift, near=near) else ""), words


def _note(shift: DutyShift) -> DutyNote | None:
    """The note that ``staffing.roster`` loaded with the shift."""
    return getattr(shift, "note", None)


def _crosses(starts_at: datetime, ends_at: datetime) -> bool:
    return local(ends_at).date() > local(starts_at).date()
