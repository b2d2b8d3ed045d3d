"""A new meeting, and a new series: one form, with the rule of its dates where it comes again."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import Permission
from common.clock import local
from communities.access import Access
from communities.models import Appointment, Community, Department, SubDistrict
from console.kit.choices import pair_choices, row_choices
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import Reader, reader_of
from console.kit.shapes import ChoiceShape, FieldShape, error_title
from console.kit.typed import chosen, day_typed, shaper
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.submissions import new_key
from meetings.models import MeetingKind
from meetings.recurrence import Every, OffDay, Rule
from meetings.rights import keeps_for, may_convene
from meetings.services import planning, recurring

_MOST_GUESTS: Final = 60


def may_arrange(access: Access) -> bool:
    """Whether this person arranges meetings anywhere."""
    return access.has(Permission.KEEP_MEETINGS)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_meeting(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/new/``: one meeting, announced at once."""
    return _form_page(request, again=False)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_series(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/series/new/``: meetings that come again, planned a quarter ahead."""
    return _form_page(request, again=True)


@require_POST
def add_kind(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/kinds/``: a kind of meeting that only this office knows."""
    reader = reader_of(request)
    office = SubDistrict.objects.filter(pk__in=sorted(reader.access.subdistrict_ids)).order_by("pk").first()
    if office is None:
        raise PermissionDenied(_("会议类型由街道社会治理办添加"))
    names = {name: request.POST.get(name, "") for name in ("name_zh", "name_en")}
    try:
        made = planning.add_kind(subdistrict=office, **names, by=reader.actor, at=reader.now)
        messages.success(request, _("已添加会议类型：%(name)s") % {"name": made.name})
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        messages.error(request, "；".join(str(words) for words in error.fields.values()))
    return redirect(f"{reverse('console-meetings')}?view=series")


def _form_page(request: HttpRequest, *, again: bool) -> HttpResponse:
    reader = reader_of(request)
    offered = Offered(reader)
    if request.method != "POST":
        return _page(request, offered, {}, again)
    wrong: dict[str, list[str]] = {}
    typed = request.POST
    given = offered.read(typed, wrong)
    when = rule_typed(typed, wrong) if again else _date(typed.get("on", ""), wrong)
    if given is None or when is None or wrong:
        return _page(request, offered, wrong, again, HTTPStatus.BAD_REQUEST)
    try:
        if isinstance(when, Rule):
            series = recurring.add_series(given=given, rule=when, by=reader.actor, at=reader.now)
            messages.success(request, _("已添加系列会议：%(name)s") % {"name": series.name})
            return redirect(f"{reverse('console-meetings')}?view=series")
        meeting = planning.add_meeting(given=given, on=when, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, offered, errors_of(error), again, HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已预告，受邀单位会收到通知"))
    return redirect("console-meeting", pk=meeting.pk)


class Offered:
    """What this person may choose among: of their own office."""

    def __init__(self, reader: Reader) -> None:
        access = reader.access
        if not may_arrange(access):
            raise PermissionDenied(_("会议由社区工作人员、社区书记和街道社会治理办安排"))
        self.office = SubDistrict.objects.filter(pk__in=sorted(access.subdistrict_ids)).order_by("pk").first()
        office_id = self.office.pk if self.office else 0
        self.whole = keeps_for(access, office_id)
        rows = Community.objects.filter(subdistrict_id=office_id, retired_at__isnull=True)
        self.communities = list(rows.order_by("initials", "id"))
        self.own = [row for row in self.communities if self.whole or row.pk in access.community_ids]
        departments = Department.objects.filter(subdistrict_id=office_id, retired_at__isnull=True)
        self.departments = list(departments.order_by("name_zh", "id"))
        today = local(reader.now).date()
        self.appointed = list(
            Appointment.objects.filter(subdistrict_id=office_id).current(today).order_by("kind", "id")
        )
        own = Q(subdistrict__isnull=True) | Q(subdistrict_id=office_id)
        self.kinds = list(MeetingKind.objects.filter(own, retired_at__isnull=True).order_by("pk"))
        self.conveners = [row for row in self.departments if may_convene(access, row)]

    def read(self, typed: QueryDict, wrong: dict[str, list[str]]) -> planning.NewMeeting | None:
        """What was typed; None where something is wrong."""
        kind = chosen(self.kinds, typed.get("kind", ""))
        convener = chosen(self.conveners, typed.get("convener", ""))
        community = chosen(self.own, typed.get("community", ""))
        if kind is None:
            wrong["kind"] = [_("请选择会议类型")]
        if convener is None:
            wrong["convener"] = [_("请选择召集单位")]
        if community is None and (typed.get("community") or not self.whole):
            wrong["community"] = [_("请选择社区")]
        starts = clock_typed(typed.get("starts", ""), wrong)
        guests = others_typed(typed, wrong)
        if wrong or kind is None or convener is None or self.office is None:
            return None
        return planning.NewMeeting(
            subdistrict=self.office,
            kind=kind,
            title=typed.get("title", ""),
            convener=convener,
            community=community,
            place=typed.get("place", ""),
            starts=starts,
            communities=[row for row in self.communities if str(row.pk) in typed.getlist("communities")],
            departments=[row for row in self.departments if str(row.pk) in typed.getlist("departments")],
            guests=guests,
            appointments=[row for row in self.appointed if str(row.pk) in typed.getlist("appointments")],
            key=typed.get("key", ""),
        )

    def fields(self, typed: QueryDict, wrong: Errors, *, again: bool) -> list[FieldShape]:
        """The fields of the form, with what stands in them."""
        shape = shaper(typed, wrong)
        only = str(self.own[0].pk) if len(self.own) == 1 else ""
        convener = str(self.conveners[0].pk) if len(self.conveners) == 1 else ""
        when = _rule_fields(shape) if again else [shape("on", _("日期"), "date", required=True, half=True)]
        found = [
            shape("title", _("名称"), required=True, maxlength=80, autocomplete="off"),
            shape("kind", _("类型"), "select", choices=row_choices(self.kinds), required=True, half=True),
            shape(
                "convener",
                _("召集单位"),
                "department",
                convener,
                choices=row_choices(self.conveners),
                required=True,
                half=True,
            ),
            shape(
                "community",
                _("在哪个社区"),
                "department",
                only,
                choices=row_choices(self.own),
                required=not self.whole,
                half=True,
            ),
            shape("place", _("地点"), maxlength=120, autocomplete="off", half=True),
            *when,
            shape("starts", _("时间"), "time", half=True),
            *self.invitees(typed, wrong),
        ]
        return found if again else [*found, others_field(typed, wrong)]

    def invitees(self, typed: QueryDict, wrong: Errors) -> list[FieldShape]:
        """Whom to choose among as invited: communities, organisations, people in office."""
        found = [
            ("communities", _("受邀社区"), row_choices(self.communities)),
            (
                "departments",
                _("受邀单位"),
                row_choices([row for row in self.departments if row.kind != "community_team"]),
            ),
        ]
        if self.appointed:
            people = tuple(ChoiceShape(str(row.pk), f"{row.called} {row.post}".strip()) for row in self.appointed)
            found.append(("appointments", _("受邀人员（兼职委员、专家等）"), people))
        return [_many(name, label, choices, typed.getlist(name), wrong.get(name, ())) for name, label, choices in found]


def _many(
    name: str, label: str, choices: Sequence[ChoiceShape], ticked: list[str], errors: Sequence[str]
) -> FieldShape:
    """What is ticked stands first."""
    return FieldShape(
        *(name, label, "many", ticked),
        choices=tuple(sorted(choices, key=lambda one: one.value not in ticked)),
        placeholder=_("输入名称筛选"),
        errors=errors,
    )


def others_field(typed: QueryDict, wrong: Errors) -> FieldShape:
    """Others who are invited, one a line."""
    words = _("一行一个单位或身份，例如：兼职委员、专家")
    return shaper(typed, wrong)("guests", _("其他受邀"), "textarea", rows=3, help=words)


def others_typed(typed: QueryDict, wrong: dict[str, list[str]]) -> list[str]:
    """The lines of that field."""
    guests = [line.strip() for line in typed.get("guests", "").splitlines() if line.strip()]
    if len(guests) > _MOST_GUESTS:
        wrong["guests"] = [_("最多 %(most)d 项") % {"most": _MOST_GUESTS}]
    return guests


def _rule_fields(shape: Any) -> list[FieldShape]:
    weekdays = (
        (1, _("周一")),
        (2, _("周二")),
        (3, _("周三")),
        (4, _("周四")),
        (5, _("周五")),
        (6, _("周六")),
        (7, _("周日")),
    )
    return [
        shape("every", _("多久开一次"), "radio", "week", choices=pair_choices(Every.choices), required=True),
        shape("weekday", _("星期"), "select", "2", choices=pair_choices(weekdays), when="every:week", half=True),
        shape("month", _("季度的第几个月"), "number", "3", least="1", most="3", when="every:quarter", half=True),
        shape(
            *("nth", _("第几个工作日"), "number", "1"),
            least="-15", most="15", when="every:month,quarter", half=True, help=_("-1 为最后一个工作日"),
        ),
        shape("dates", _("日期"), "textarea", rows=3, when="every:dates", help=_("一行一个，例如 2026-12-31")),
        shape(
            *("else", _("遇到休息日"), "select", OffDay.DROP),
            choices=pair_choices(OffDay.choices), when="every:week,dates", half=True,
        ),
    ]  # fmt: skip


def rule_typed(typed: Mapping[str, str], wrong: dict[str, list[str]]) -> Rule | None:
    """The rule of a series; None where it says none."""
    every = typed.get("every", "")
    asked = {"week": ("weekday", "else"), "month": ("nth",), "quarter": ("month", "nth"), "dates": ("else",)}
    data: dict[str, Any] = {name: typed.get(name, "") for name in asked.get(every, ())} | {"every": every}
    if every == Every.DATES:
        data["dates"] = typed.get("dates", "").split()
    try:
        return Rule.read(data)
    except ValueError:
        wrong["dates" if every == Every.DATES else "every"] = [_("请检查开会日期的规则")]
        return None


def _date(text: str, wrong: dict[str, list[str]]) -> date | None:
    on = day_typed(text)
    if on is None:
        wrong["on"] = [_("请填写日期，例如 2026-12-31")]
    return on


def clock_typed(text: str, wrong: dict[str, list[str]]) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None) if text else None
    except ValueError:
        wrong["starts"] = [_("请填写时间，例如 14:30")]
        return None


def _page(
    request: HttpRequest, offered: Offered, wrong: Errors, again: bool, status: int = HTTPStatus.OK
) -> HttpResponse:
    fields = offered.fields(request.POST, wrong, again=again)
    context = {
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
        "again": again,
        "key": new_key(),
    }
    return render(request, "console/meetings/new.html", context, status=status)
