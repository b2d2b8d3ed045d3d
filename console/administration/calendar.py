"""工作日历: the year at a glance, pasting the yearly notice, changing single days; nothing is saved unconfirmed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from common import dates
from common.clock import local
from console.kit.reading import Reader, reader_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, Tab
from deadlines import kinds
from deadlines.calendar_changes import FARTHEST_YEARS, ChangeRefused, DayChange, Wanted, difference, digest
from deadlines.models import CalendarChange, CalendarDay, ChangeSource, DaySource
from deadlines.notice import LONGEST, Notice, parse_notice
from reminders.recount_preview import RecountPreview, preview, waiting_subjects
from reminders.services.calendar import change_calendar, check_may_change, may_change_calendar

PAST_CHANGES: Final = 5
_DAY: Final = timedelta(days=1)
_WORK, _REST = "work", "rest"
Words = str | Promise


@dataclass(frozen=True)
class MonthDay:
    """One day of a month. ``mark``: 休 or 班 where it is not what its weekday says."""

    on: date
    kind: str
    mark: str
    words: str
    today: bool


@dataclass(frozen=True)
class Month:
    """One month, week by week from Monday; ``estimated`` while its notice is not out."""

    label: str
    weeks: tuple[tuple[MonthDay | None, ...], ...]
    estimated: bool


@dataclass(frozen=True)
class AskedCalendar:
    """What somebody wants the calendar to be, as it was sent, and what is wrong with it."""

    source: ChangeSource
    year: int | None
    wanted: Wanted
    errors: tuple[ErrorItem, ...]
    fields: Mapping[str, str]
    notice: Notice | None = None


@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/calendar/?year=2027``."""
    reader = reader_of(request)
    return _page(request, reader, _year_shown(request, reader))


@require_POST
def preview_change(request: HttpRequest) -> HttpResponse:
    """What the notice, or the single day, would change; nothing is saved."""
    reader = reader_of(request)
    check_may_change(reader.actor)
    asked = _asked(request.POST, reader)
    if asked.errors:
        return _page(request, reader, asked.year or _year_shown(request, reader), asked, status=HTTPStatus.BAD_REQUEST)
    return _preview(request, reader, asked)


@require_POST
def apply_change(request: HttpRequest) -> HttpResponse:
    """Save what was confirmed. Shown again where the calendar is not what it was when it was looked at."""
    reader = reader_of(request)
    asked = _asked(request.POST, reader)
    if asked.errors:
        return _page(request, reader, asked.year or _year_shown(request, reader), asked, status=HTTPStatus.BAD_REQUEST)
    try:
        made = change_calendar(
            wanted=asked.wanted,
            source=asked.source,
            year=asked.year,
            shown=request.POST.get("shown", ""),
            text=asked.fields["text"],
            by=reader.actor,
            at=reader.now,
        )
    except ChangeRefused as refused:
        return _preview(request, reader, asked, refused=str(refused.message))
    messages.success(request, _("日历已保存，正在重算未办结的时限"))
    return redirect(f"{reverse('console-calendar')}?year={asked.year or made.first_on.year}")


# What was sent


def _year_shown(request: HttpRequest, reader: Reader) -> int:
    """The year that the person looks at: of the address, or of the page that was sent."""
    text = (request.GET if request.method in ("GET", "HEAD") else request.POST).get("year", "")
    this_year = local(reader.now).year
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else this_year
    return year if abs(year - this_year) <= FARTHEST_YEARS else this_year


def _asked(data: QueryDict, reader: Reader) -> AskedCalendar:
    fields = {name: data.get(name, "").strip() for name in ("text", "day", "workday", "name")}
    return _asked_by_notice(fields, reader) if data.get("by") == "notice" else _asked_by_day(fields, reader)


def _asked_by_notice(fields: Mapping[str, str], reader: Reader) -> AskedCalendar:
    if not fields["text"]:
        wrong = (ErrorItem("id_text", _("放假通知"), _("请粘贴通知正文")),)
        return AskedCalendar(ChangeSource.NOTICE, None, {}, wrong, fields)
    notice = parse_notice(fields["text"])
    errors = tuple(
        ErrorItem("id_text", _("第%(n)d行") % {"n": one.line} if one.line else _("放假通知"), str(one.text))
        for one in notice.problems
    )
    year = notice.year
    if year is not None and abs(year - local(reader.now).year) > FARTHEST_YEARS:
        errors = (ErrorItem("id_text", _("放假通知"), _("通知的年份离今年太远")),)
        year = None
    return AskedCalendar(ChangeSource.NOTICE, year, {} if errors else notice.wanted(), errors, fields, notice)


def _asked_by_day(fields: Mapping[str, str], reader: Reader) -> AskedCalendar:
    errors = []
    on = None
    try:
        on = date.fromisoformat(fields["day"])
    except ValueError:
        errors.append(ErrorItem("id_day", _("日期"), _("请选择日期")))
    if on is not None and abs(on.year - local(reader.now).year) > FARTHEST_YEARS:
        errors.append(ErrorItem("id_day", _("日期"), _("日期离今天太远")))
        on = None
    if fields["workday"] not in (_WORK, _REST):
        errors.append(ErrorItem("id_workday", _("当天"), _("请选择上班或休息")))
    if len(fields["name"]) > 40:
        errors.append(ErrorItem("id_name", _("说明"), _("说明不超过40个字")))
    if on is None or errors:
        return AskedCalendar(ChangeSource.DAY, on.year if on else None, {}, tuple(errors), fields)
    return AskedCalendar(ChangeSource.DAY, on.year, {on: (fields["workday"] == _WORK, fields["name"])}, (), fields)


# Pages


def _page(
    request: HttpRequest, reader: Reader, year: int, asked: AskedCalendar | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    days = {row.on: row for row in CalendarDay.objects.filter(on__year=year)}
    today = local(reader.now).date()
    context: dict[str, Any] = {
        "year": year,
        "years": _years(today.year, year),
        "months": [_month(date(year, number, 1), days, today) for number in range(1, 13)],
        "weekdays": _weekdays(),
        "source_text": _source_text(days.values()),
        "estimated": any(row.estimated for row in days.values()) or not days,
        "holidays": _holidays(days),
        "changes": _changes(),
        "notice_field": _notice_field(asked),
        "day_fields": _day_fields(asked),
        "errors": asked.errors if asked else (),
        "may_change": may_change_calendar(reader.actor),
    }
    return render(request, "console/administration/calendar.html", context, status=status)


def _preview(request: HttpRequest, reader: Reader, asked: AskedCalendar, refused: str = "") -> HttpResponse:
    changes = difference(asked.wanted)
    subdistrict_ids = None if reader.access.installation_wide else list(reader.access.subdistrict_ids)
    effect = preview(changes, subdistrict_ids=subdistrict_ids, at=reader.now)
    moving = [change for change in changes if change.moves]
    context = {
        "title": _("%(year)s年放假安排") % {"year": asked.year} if asked.notice else _("单日调整"),
        "partly": _partly(asked.notice),
        "refused": refused,
        "changes": [_change_row(change) for change in moving or changes[:PAST_CHANGES]],
        "moving": len(moving),
        "certain_text": _certain_text(changes, len(moving)),
        "nothing": not changes,
        "effect_text": _effect_text(effect),
        "moves": [
            {
                "number": move.number,
                "url": reverse("console-issue", args=[move.number]),
                "kind": kinds.label(move.kind),
                "was_at": move.was_at,
                "due_at": move.due_at,
            }
            for move in effect.first
        ],
        "by": "notice" if asked.source is ChangeSource.NOTICE else "day",
        "fields": asked.fields.items(),
        "shown": digest(changes),
        "year": asked.year,
        "back_url": f"{reverse('console-calendar')}?year={asked.year}",
    }
    return render(
        request,
        "console/administration/calendar_preview.html",
        context,
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
    )


def _partly(notice: Notice | None) -> str:
    """Why a notice decides about the days that it names only; empty where it is the year's."""
    if notice is None or notice.is_yearly:
        return ""
    if notice.amends:
        return _("这是调整或补充通知：只改文中写明的日期，这一年其余日期保持原样")
    names = "、".join(notice.missing)
    return _("文中没有安排%(names)s，不当作全年通知：只改文中写明的日期，其余日期保持原样") % {"names": names}


def _change_row(change: DayChange) -> dict[str, Any]:
    return {
        "on": change.on,
        "was": _state(change.was_workday, change.was_estimated),
        "now": _state(change.workday, False),
        "rest": not change.workday,
        "name": change.name,
    }


def _state(workday: bool, estimated: bool) -> str:
    word = _("上班") if workday else _("休息")
    return _("%(state)s（估算）") % {"state": word} if estimated else word


def _certain_text(changes: Sequence[DayChange], moving: int) -> str:
    """The days that stay what they are and are no guess any more."""
    rest = sum(change.was_estimated and not change.moves for change in changes)
    if not rest:
        return ""
    words = ngettext("另有%(n)d天由估算变为确定，上班或休息不变", "另有%(n)d天由估算变为确定，上班或休息不变", rest)
    return words % {"n": rest}


def _effect_text(effect: RecountPreview) -> str:
    if not effect.moved:
        return _("没有未办结的时限会因此变动")
    values = {"n": effect.moved}
    if effect.capped:
        return ngettext("至少%(n)d个未办结的时限将变动", "至少%(n)d个未办结的时限将变动", effect.moved) % values
    return ngettext("%(n)d个未办结的时限将变动", "%(n)d个未办结的时限将变动", effect.moved) % values


# The year


def _years(this_year: int, shown: int) -> list[Tab]:
    address = reverse("console-calendar")
    return [
        Tab(code=str(year), label=_("%(year)d年") % {"year": year}, url=f"{address}?year={year}", active=year == shown)
        for year in range(this_year - 1, this_year + FARTHEST_YEARS)
    ]


def _weekdays() -> list[str]:
    return [
        pgettext("weekday", "一"),
        pgettext("weekday", "二"),
        pgettext("weekday", "三"),
        pgettext("weekday", "四"),
        pgettext("weekday", "五"),
        pgettext("weekday", "六"),
        pgettext("weekday", "日"),
    ]


def _month(first: date, days: Mapping[date, CalendarDay], today: date) -> Month:
    cells: list[MonthDay | None] = [None] * first.weekday()
    on, estimated = first, False
    while on.month == first.month:
        row = days.get(on)
        estimated = estimated or row is None or row.estimated
        cells.append(_cell(on, row, today))
        on += _DAY
    cells += [None] * (-len(cells) % 7)
    weeks = tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))
    return Month(date_format(first, "YEAR_MONTH_FORMAT"), weeks, estimated)


def _cell(on: date, row: CalendarDay | None, today: date) -> MonthDay:
    usual = on.weekday() < 5
    workday = row.workday if row else usual
    named = row is not None and bool(row.name)
    kind = "swap" if workday and not usual else "work" if workday else "holiday" if usual or named else "weekend"
    marks = {"swap": pgettext("calendar", "班"), "holiday": pgettext("calendar", "休")}
    words = [_("上班") if workday else _("休息"), row.name if row else ""]
    return MonthDay(on, kind, marks.get(kind, ""), " ".join(word for word in words if word), on == today)


def _source_text(days: Iterable[CalendarDay]) -> str:
    """Where the year comes from."""
    found = {row.source for row in days}
    if not found or DaySource.ESTIMATE in found:
        return _("估算：这一年的放假通知还没有录入，落在这一年的时限旁都注明“估算”")
    if DaySource.NOTICE in found:
        return _("来源：放假通知或人工调整")
    return _("来源：程序库收录的放假通知")


def _holidays(days: Mapping[date, CalendarDay]) -> list[dict[str, Any]]:
    """Named days in a row as one line: 春节 2月15日 – 2月23日, and the days that are worked for them."""
    found: list[dict[str, Any]] = []
    for on in sorted(days):
        row = days[on]
        if not row.name:
            continue
        last = found[-1] if found else None
        if last and last["name"] == row.name and last["workday"] == row.workday and last["last"] == on - _DAY:
            last["last"] = on
            continue
        found.append(
            {
                "name": row.name,
                "workday": row.workday,
                "state": _("调休上班") if row.workday else _("放假"),
                "first": on,
                "last": on,
                "source": row.get_source_display(),
                "estimated": row.estimated,
            }
        )
    return [row | {"days": (row["last"] - row["first"]).days + 1, "one": row["first"] == row["last"]} for row in found]


def _changes() -> list[dict[str, Any]]:
    rows = CalendarChange.objects.select_related("made_by").order_by("-pk")[:PAST_CHANGES]
    return [
        {
            "label": _("%(year)s年放假通知") % {"year": row.year}
            if row.source == ChangeSource.NOTICE
            else _("单日调整 %(day)s") % {"day": dates.day_weekday(row.first_on)},
            "who": row.made_by.display_name,
            "at": row.made_at,
            "progress": _progress(row),
            "running": row.finished_at is None,
        }
        for row in rows
    ]


def _progress(change: CalendarChange) -> str:
    moved = ngettext("%(n)d件工单的时限已变动", "%(n)d件工单的时限已变动", change.moved) % {"n": change.moved}
    if change.finished_at is not None:
        return moved
    left = waiting_subjects(change)
    if not left.count:
        return _("正在重算，%(moved)s") % {"moved": moved}
    words = ngettext("正在重算，还有%(n)d件待核对，%(moved)s", "正在重算，还有%(n)d件待核对，%(moved)s", left.count)
    if left.capped:
        words = ngettext(
            "正在重算，还有%(n)d件以上待核对，%(moved)s", "正在重算，还有%(n)d件以上待核对，%(moved)s", left.count
        )
    return words % {"n": left.count, "moved": moved}


# Forms


def _notice_field(asked: AskedCalendar | None) -> FieldShape:
    mine = asked is not None and asked.source is ChangeSource.NOTICE
    return FieldShape(
        name="text",
        label=_("放假通知"),
        type="textarea",
        rows=9,
        required=True,
        maxlength=LONGEST,
        value=asked.fields["text"] if asked and mine else "",
        help=_("粘贴国务院办公厅通知的标题和正文。先核对，确认后才保存。"),
        errors=[f"{one.label}：{one.message}" for one in asked.errors] if asked and mine else (),
    )


def _day_fields(asked: AskedCalendar | None) -> list[FieldShape]:
    mine = asked if asked is not None and asked.source is ChangeSource.DAY else None
    values = mine.fields if mine else {"day": "", "workday": "", "name": ""}
    wrong = {one.field_id: [one.message] for one in mine.errors} if mine else {}
    choices = (ChoiceShape(_REST, _("休息")), ChoiceShape(_WORK, _("上班")))
    return [
        FieldShape(
            name="day", label=_("日期"), type="date", required=True, value=values["day"], errors=wrong.get("id_day", ())
        ),
        FieldShape(
            name="workday",
            label=_("当天"),
            type="radio",
            required=True,
            value=values["workday"],
            choices=choices,
            errors=wrong.get("id_workday", ()),
        ),
        FieldShape(
            name="name",
            label=_("说明"),
            maxlength=40,
            value=values["name"],
            help=_("例如：台风停工"),
            errors=wrong.get("id_name", ()),
        ),
    ]
