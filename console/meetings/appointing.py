"""任职: who holds a post beside the staff, until when; a term that begins and one that ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common import dates
from common.clock import local
from communities.models import Appointment, AppointmentKind, Community, Department, SubDistrict
from console.kit.choices import pair_choices, row_choices
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import FieldShape, error_title
from console.kit.typed import chosen, day_typed, shaper
from console.meetings.arranging import may_arrange
from console.meetings.listing import APPOINTMENTS, frame
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from meetings.rights import keeps_for, keeps_in
from meetings.services.appointing import NewAppointment, appoint, end_term

ENDS_SOON: Final = timedelta(days=60)
_MOST: Final = 500


@dataclass(frozen=True)
class AppointmentRow:
    """One term. ``left``: how long it still runs, where that is not long; ``ended``: it does not run any more."""

    pk: int
    kind: str
    name: str
    post: str
    body: str
    term: str
    left: str
    ended: bool
    may_end: bool


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def appointment_page(request: HttpRequest) -> HttpResponse:
    """``/console/appointments/``: present terms, what ends next first; ``step=appoint`` and ``step=end``."""
    reader = reader_of(request)
    if request.method != "POST":
        return _page(request, reader, {})
    wrong: dict[str, list[str]] = {}
    try:
        match request.POST.get("step"):
            case "appoint":
                given = _Offered(reader).read(request.POST, wrong)
                if given is None:
                    return _page(request, reader, wrong, HTTPStatus.BAD_REQUEST)
                appoint(given=given, by=reader.actor, at=reader.now)
                messages.success(request, _("已登记任职"))
            case "end":
                _end(request, reader)
            case _:
                raise BadRequest(_("无法识别的操作"))
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, errors_of(error), HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        messages.error(request, str(error.message))
    return redirect("console-appointments")


def _end(request: HttpRequest, reader: Reader) -> None:
    pk = number_of(request.POST.get("key", "")) or 0
    row = Appointment.objects.visible_to(reader.access).filter(pk=pk).first()
    if row is None:
        raise Http404(_("没有找到"))
    end_term(appointment_id=row.pk, on=local(reader.now).date(), by=reader.actor, at=reader.now)
    messages.success(request, _("任期已结束"))


class _Offered:
    """What this person may choose among: the own communities, for the office all of it."""

    def __init__(self, reader: Reader) -> None:
        access = reader.access
        offices = SubDistrict.objects.filter(pk__in=sorted(access.subdistrict_ids))
        self.office = offices.order_by("pk").first() if may_arrange(access) else None
        office_id = self.office.pk if self.office else 0
        self.whole = keeps_for(access, office_id)
        rows = Community.objects.filter(subdistrict_id=office_id, retired_at__isnull=True)
        self.communities = [row for row in rows.order_by("initials", "id") if keeps_in(access, row)]
        departments = Department.objects.filter(subdistrict_id=office_id, retired_at__isnull=True)
        self.departments = list(departments.order_by("name_zh", "id")) if self.whole else []

    def read(self, typed: Mapping[str, str], wrong: dict[str, list[str]]) -> NewAppointment | None:
        """What was typed; None where something is wrong. PermissionDenied for who may not appoint."""
        if self.office is None:
            raise PermissionDenied(_("社区只能登记本社区的任职"))
        from_on, to_on = day_typed(typed.get("from_on", "")), day_typed(typed.get("to_on", ""))
        community = chosen(self.communities, typed.get("community", ""))
        if from_on is None:
            wrong["from_on"] = [_("请填写日期，例如 2026-12-31")]
        if to_on is None and typed.get("to_on"):
            wrong["to_on"] = [_("请填写日期，例如 2026-12-31")]
        if community is None and (typed.get("community") or not self.whole):
            wrong["community"] = [_("请选择社区")]
        department = chosen(self.departments, typed.get("department", ""))
        if department is None and typed.get("department"):
            wrong["department"] = [_("请从列出的选项中选择")]
        if wrong or from_on is None:
            return None
        texts = {name: typed.get(name, "") for name in ("kind", "name", "post")}
        return NewAppointment(
            self.office, **texts, from_on=from_on, to_on=to_on, community=community, department=department
        )

    def fields(self, typed: Mapping[str, str], wrong: Errors, today: date) -> list[FieldShape]:
        """The fields of the form, with what stands in them."""
        shape = shaper(typed, wrong, half=True)
        only = str(self.communities[0].pk) if len(self.communities) == 1 else ""
        kinds = pair_choices(AppointmentKind.choices)
        communities = row_choices(self.communities)
        found = [
            shape("kind", _("职务"), "select", choices=kinds, required=True),
            shape("name", _("姓名或单位"), required=True, maxlength=40, autocomplete="off"),
            shape("post", _("现单位、职务"), maxlength=80, autocomplete="off"),
            shape("community", _("社区"), "department", only, choices=communities, required=not self.whole),
            shape("from_on", _("任期开始"), "date", today.isoformat(), required=True),
            shape("to_on", _("任期结束"), "date"),
        ]
        if self.departments:
            found.insert(4, shape("department", _("单位"), "department", choices=row_choices(self.departments)))
        return found


def _page(request: HttpRequest, reader: Reader, wrong: Errors, status: int = HTTPStatus.OK) -> HttpResponse:
    today, offered = local(reader.now).date(), _Offered(reader)
    rows = Appointment.objects.visible_to(reader.access).select_related("community", "department")
    ended = request.GET.get("view") == "ended"
    shown = rows.filter(to_on__lt=today) if ended else rows.exclude(to_on__lt=today)
    fields = offered.fields(request.POST, wrong, today) if offered.communities or offered.whole else []
    context = frame(reader, APPOINTMENTS) | {
        "rows": [
            _row(row, reader, today)
            for row in shown.order_by(F("to_on").desc() if ended else F("to_on").asc(nulls_last=True), "id")[:_MOST]
        ],
        "ended": ended,
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
    }
    return render(request, "console/meetings/appointments.html", context, status=status)


def _row(row: Appointment, reader: Reader, today: date) -> AppointmentRow:
    body = row.community or row.department
    keeps = keeps_in(reader.access, row.community) if row.community else keeps_for(reader.access, row.subdistrict_id)
    ended = row.to_on is not None and row.to_on < today
    until = dates.day(row.to_on) if row.to_on else _("未定")
    left = ""
    if row.to_on is not None and not ended and row.to_on - today <= ENDS_SOON:
        days = (row.to_on - today).days
        left = ngettext("任期还剩%(n)d天", "任期还剩%(n)d天", days) % {"n": days}
    return AppointmentRow(
        pk=row.pk,
        kind=str(row.get_kind_display()),
        name=row.name,
        post=row.post,
        body=body.name if body else _("街道"),
        term=f"{dates.day(row.from_on)} – {until}",
        left=left,
        ended=ended,
        may_end=keeps and row.from_on <= today and (row.to_on is None or row.to_on > today),
    )
