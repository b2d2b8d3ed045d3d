"""处理活动登记 and 个人信息安全事件: the office's two records on personal information."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Permission
from common import dates
from common.keyset import BadCursor, Order, paginate
from communities.models import SubDistrict
from console.kit.areas import OfficeSetting, setting_of
from console.kit.form_fields import Errors, error_items, errors_of, shapes_of
from console.kit.reading import PAGE_SIZE, Reader, number_of, pager_of, reader_of, text_of
from console.kit.shapes import FieldShape, error_title
from console.privacy.history import history_of
from issues.services.errors import InvalidFields, NotPermitted
from privacy import register
from privacy.enums import ACTIVITY, INCIDENT
from privacy.forms import ActivityForm, IncidentForm
from privacy.models import Incident
from privacy.services import incidents
from privacy.services import register as keeping
from privacy.services.errors import HasEnded, RecordChanged
from privacy.services.versions import version_of

_NEWEST: Final = Order(("-noticed_at", "-id"))


def _setting(request: HttpRequest) -> OfficeSetting:
    return setting_of(request, Permission.SEE_PRIVACY)


def _keeps(at: OfficeSetting) -> bool:
    return keeping.may_keep(at.reader.access, at.office)


def _frame(at: OfficeSetting) -> dict[str, Any]:
    """The office, and the others whose records this person reads, where there is more than one."""
    several = at.offices if len(at.offices) > 1 else ()
    return {
        "area": at.office,
        "offices": [{"label": row.name, "url": f"?office={row.pk}", "active": row == at.office} for row in several],
    }


# 处理活动登记


@require_safe
def register_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/register/``: what is done with personal information, row by row."""
    at = _setting(request)
    rows = [
        {
            "code": row.code,
            "name": row.values["name"],
            "retired": row.is_retired,
            "facts": [
                {"label": label, "value": row.values[name]} for name, label in register.FIELDS.items() if name != "name"
            ],
            "url": reverse("console-register-row", args=[row.code]) + at.query,
        }
        for row in register.activities_of(at.office)
    ]
    context = _frame(at) | {"rows": rows}
    context["new_url"] = reverse("console-register-new") + at.query if _keeps(at) else ""
    return render(request, "console/privacy/register.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def register_row(request: HttpRequest, code: str = "") -> HttpResponse:
    """``/console/admin/register/<code>/``: one row and what stood there before; ``new/``: one more."""
    at = _setting(request)
    shown = register.find(at.office, code) if code else None
    if code and shown is None:
        raise Http404(_("没有这一行"))
    if not code and not _keeps(at):
        raise PermissionDenied(_("只有安全管理员能修改"))
    if request.method != "POST":
        return _row(request, at, shown, ActivityForm(initial=dict(shown.values) if shown else None), {})
    try:
        if request.POST.get("step") in ("retire", "restore"):
            back = request.POST["step"] == "restore"
            keeping.retire(office=at.office, code=code, by=at.reader.actor, at=at.reader.now, back=back)
            saved = code
        else:
            opened = number_of(request.POST.get("version", ""))
            saved = keeping.write(
                office=at.office, code=code, data=request.POST, version=opened, by=at.reader.actor, at=at.reader.now
            ).code
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _row(request, at, shown, ActivityForm(request.POST), errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except RecordChanged as error:
        typed, now = ActivityForm(request.POST), register.find(at.office, code)
        return _row(request, at, now, typed, {}, conflict=str(error.message), status=HTTPStatus.CONFLICT)
    messages.success(request, _("已保存"))
    return redirect(reverse("console-register-row", args=[saved]) + at.query)


def _row(
    request: HttpRequest,
    at: OfficeSetting,
    shown: register.Shown | None,
    form: ActivityForm,
    wrong: Errors,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    fields = shapes_of(form, wrong, rows=3)
    own = shown.own if shown else None
    context: dict[str, Any] = {
        "area": at.office,
        "title": shown.values["name"] if shown else _("添加处理活动"),
        "shown": shown,
        "facts": [{"label": label, "value": shown.values[name]} for name, label in register.FIELDS.items()]
        if shown
        else [],
        "keeps": _keeps(at),
        "conflict": conflict,
        "version": version_of(ACTIVITY, own.pk if own else None),
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
        "list_url": reverse("console-register") + at.query,
        "days": history_of(ACTIVITY, own.pk, at.reader.now, register.FIELDS) if own else (),
    }
    return render(request, "console/privacy/register_row.html", context, status=status)


# 个人信息安全事件


@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    """``/console/admin/incidents/``: the newest first."""
    at = _setting(request)
    cursor = text_of(request, "cursor", 400)
    try:
        rows = Incident.objects.visible_to(at.reader.access).filter(subdistrict=at.office)
        page = paginate(rows, order=_NEWEST, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = _frame(at) | {
        "rows": page.rows,
        "new_url": reverse("console-incident-new") + at.query if _keeps(at) else "",
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/privacy/incidents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_incident(request: HttpRequest) -> HttpResponse:
    """``/console/admin/incidents/new/``."""
    at = _setting(request)
    if not _keeps(at):
        raise PermissionDenied(_("只有安全管理员能登记"))
    if request.method != "POST":
        return _incident(request, at.reader, None, IncidentForm(), {}, office=at.office)
    try:
        made = incidents.record_incident(office=at.office, data=request.POST, by=at.reader.actor, at=at.reader.now)
    except InvalidFields as error:
        form = IncidentForm(request.POST)
        return _incident(
            request, at.reader, None, form, errors_of(error), office=at.office, status=HTTPStatus.BAD_REQUEST
        )
    messages.success(request, _("已登记，编号 %(number)s") % {"number": made.number})
    return redirect("console-incident", pk=made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def incident_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/incidents/<pk>/``: what is known, and who was told; ``step=end`` closes it."""
    reader = reader_of(request)
    row = Incident.objects.visible_to(reader.access).select_related("subdistrict").filter(pk=pk).first()
    if row is None:
        raise Http404(_("没有找到，可能属于别的街道"))
    if request.method != "POST":
        return _incident(request, reader, row, incidents.form_of(row), {})
    try:
        incidents.change_incident(
            incident_id=pk,
            data=request.POST,
            version=number_of(request.POST.get("version", "")),
            by=reader.actor,
            at=reader.now,
            ends=request.POST.get("step") == "end",
        )
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        form = incidents.form_of(row, request.POST)
        return _incident(request, reader, row, form, errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except (HasEnded, RecordChanged) as error:
        row.refresh_from_db()
        form = incidents.form_of(row, None if row.ended_at else request.POST)
        return _incident(request, reader, row, form, {}, conflict=str(error.message), status=HTTPStatus.CONFLICT)
    messages.success(request, _("已保存"))
    return redirect("console-incident", pk=pk)


def _told(row: Incident | None, field: FieldShape) -> str:
    at = getattr(row, field.name, None) if field.type == "datetime" else None
    return dates.moment(at) if at is not None else str(field.value)


def _incident(
    request: HttpRequest,
    reader: Reader,
    row: Incident | None,
    form: IncidentForm,
    wrong: Errors,
    *,
    office: SubDistrict | None = None,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    area = row.subdistrict if row is not None else office
    fields = shapes_of(form, wrong, rows=3)
    keeps = area is not None and keeping.may_keep(reader.access, area)
    context: dict[str, Any] = {
        "area": area,
        "row": row,
        "version": version_of(INCIDENT, row.pk if row else None),
        "keeps": keeps and (row is None or row.ended_at is None),
        "fields": fields,
        "facts": [{"label": field.label, "value": _told(row, field)} for field in fields],
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
        "conflict": conflict,
        "may_end": keeps and row is not None and row.ended_at is None,
        "days": history_of(INCIDENT, row.pk, reader.now) if row is not None else (),
    }
    return render(request, "console/privacy/incident.html", context, status=status)
