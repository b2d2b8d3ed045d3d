"""Lists and forms of what an office consists of: one page for all kinds (offices.kinds)."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.keyset import BadCursor, Order, paginate
from common.masking import mask_name, mask_phone
from console.kit.areas import OfficeSetting, setting_of
from console.kit.form_fields import Errors, error_items, shapes_of
from console.kit.reading import PAGE_SIZE, pager_of, text_of, url_with
from console.kit.shapes import error_title
from console.offices.history import history_of
from console.offices.staff import save_desk, staff_of
from offices.kinds import KINDS, OFFICE, ORGANISATION, ReferenceKind
from offices.sealing import digest_of
from offices.services import comparing, offices, references
from offices.services.errors import InvalidReference, NotAdministered, ReferenceChanged, StillUsed
from offices.services.references import Written

_PAGES: Final = {**KINDS, OFFICE.code: OFFICE}


@dataclass(frozen=True)
class ReferenceRow:
    """One row of a list, each cell with its head: the first cell leads to its page."""

    cells: Sequence[tuple[str, str]]
    url: str
    retired: bool


@require_safe
def reference_list(request: HttpRequest, kind: str) -> HttpResponse:
    """``/console/admin/office/<kind>/``: all rows of a kind, those out of use only when asked for."""
    setting, spec = setting_of(request), _kind_of(kind)
    asked = text_of(request, "q", 60).strip()
    retired = request.GET.get("retired") == "1"
    rows = _found(spec.rows_of(setting.office).filter(retired_at__isnull=not retired), spec, asked)
    cursor = text_of(request, "cursor", 400)
    try:
        page = paginate(rows, order=Order(spec.order), cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = _frame(setting, spec) | {
        "heads": [str(spec.fields[name].label) for name in spec.listed],
        "rows": [_row(setting, spec, row) for row in page.rows],
        "asked": asked,
        "retired": retired,
        "other_url": url_with(request, retired="" if retired else "1"),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/offices/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_reference(request: HttpRequest, kind: str) -> HttpResponse:
    """``/console/admin/office/<kind>/new/``: one more row; the query may bring values along."""
    setting, spec = setting_of(request), _kind_of(kind)
    if request.method != "POST":
        return _form(setting, spec, None, spec.form(initial=_given(request), office=setting.office), {})
    return _written(setting, spec, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit_reference(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """``/console/admin/office/<kind>/<pk>/``: change a row, or take it out of use and back."""
    setting = setting_of(request)
    spec = _PAGES.get(kind) or _kind_of(kind)
    row = _row_of(setting, spec, pk)
    if request.method != "POST":
        return _form(setting, spec, row, spec.form_for(setting.office, row), {})
    if request.POST.get("step") in ("retire", "restore"):
        return _moved(setting, spec, row)
    try:
        if request.POST.get("step") == "desk" and spec is ORGANISATION:
            return save_desk(setting, row, _url(setting, spec, row))
        if request.POST.get("step") == "accept":
            comparing.accept(spec, office=setting.office, pk=row.pk, by=setting.reader.actor, at=setting.reader.now)
            messages.success(request, _("已确认现在的内容"))
            return HttpResponseRedirect(_url(setting, spec, row))
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    return _written(setting, spec, row)


def _kind_of(code: str) -> ReferenceKind:
    if code not in KINDS:
        raise Http404(_("没有这个页面"))
    return KINDS[code]


def _row_of(setting: OfficeSetting, spec: ReferenceKind, pk: int) -> Any:
    if spec is OFFICE:
        found = next((office for office in setting.offices if office.pk == pk), None)
    else:
        found = spec.rows_of(setting.office).filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有找到，可能属于别的街道"))
    return found


def _found(rows: QuerySet[Any], spec: ReferenceKind, asked: str) -> QuerySet[Any]:
    """The rows whose words hold what was asked for."""
    if not asked:
        return rows
    wanted = Q()
    for path in spec.searched:
        wanted |= Q(**{f"{path}__icontains": asked})
    return rows.filter(wanted)


def _row(setting: OfficeSetting, spec: ReferenceKind, row: Any) -> ReferenceRow:
    return ReferenceRow(
        cells=[(str(spec.fields[name].label), _cell(spec, row, name)) for name in spec.listed],
        url=_url(setting, spec, row),
        retired=row.retired_at is not None,
    )


def _cell(spec: ReferenceKind, row: Any, name: str) -> str:
    """A value as people read it; a leader's number and name masked, as everywhere in lists."""
    shown = getattr(row, f"get_{name}_display", None)
    value = shown() if shown else getattr(row, name)
    if name in spec.worded:
        return spec.worded[name](value)
    if name in spec.personal:
        return mask_phone(value) if name == "phone" else mask_name(value)
    if value is None:
        return ""
    return str(getattr(value, "name", value))


def _url(setting: OfficeSetting, spec: ReferenceKind, row: Any = None) -> str:
    args = [spec.code, row.pk] if row is not None else [spec.code]
    name = "console-reference" if row is not None else "console-references"
    return f"{reverse(name, args=args)}?office={setting.office.pk}"


def _given(request: HttpRequest) -> dict[str, str]:
    return {name: value[:200] for name, value in request.GET.dict().items() if value.isprintable()}


def _write(setting: OfficeSetting, spec: ReferenceKind, row: Any) -> Written:
    by, at, data = setting.reader.actor, setting.reader.now, setting.request.POST
    if spec is OFFICE:
        version = data.get("version", "")
        return offices.write_office(data={**data.dict(), "code": row.code}, by=by, at=at, version=version)
    opened = data.get("version", "") if row is not None else None
    return references.write(
        spec, office=setting.office, data=data, by=by, at=at, pk=row.pk if row else None, version=opened
    )


def _written(setting: OfficeSetting, spec: ReferenceKind, row: Any) -> HttpResponse:
    try:
        written = _write(setting, spec, row)
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except InvalidReference as error:
        return _form(setting, spec, row, error.forms[0], error.errors, status=HTTPStatus.BAD_REQUEST)
    except ReferenceChanged as error:
        typed = spec.form_for(setting.office, _row_of(setting, spec, row.pk), setting.request.POST)
        return _form(setting, spec, row, typed, {}, conflict=error.message, status=HTTPStatus.CONFLICT)
    messages.success(setting.request, _("已保存") if written.event else _("没有改动"))
    again = setting.request.POST.get("step") == "another"
    where = reverse("console-reference-new", args=[spec.code]) if again else ""
    return HttpResponseRedirect(f"{where}?office={setting.office.pk}" if again else _url(setting, spec, written.row))


def _moved(setting: OfficeSetting, spec: ReferenceKind, row: Any) -> HttpResponse:
    """Out of use, or back."""
    retires = setting.request.POST["step"] == "retire"
    move = references.retire if retires else references.restore
    try:
        move(spec, office=setting.office, pk=row.pk, by=setting.reader.actor, at=setting.reader.now)
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except InvalidReference as error:
        return _form(setting, spec, row, error.forms[0], error.errors, status=HTTPStatus.BAD_REQUEST)
    except StillUsed as error:
        form = spec.form_for(setting.office, row)
        return _form(setting, spec, row, form, {}, conflict=error.message, status=HTTPStatus.CONFLICT)
    messages.success(setting.request, _("已停用") if retires else _("已恢复使用"))
    return HttpResponseRedirect(_url(setting, spec, row))


def _frame(setting: OfficeSetting, spec: ReferenceKind) -> dict[str, Any]:
    return {
        "area": setting.office,
        "kind": spec,
        "kinds": [
            {"label": kind.several, "url": _url(setting, kind), "active": kind is spec} for kind in KINDS.values()
        ],
        "list_url": _url(setting, spec)
        if spec is not OFFICE
        else f"{reverse('console-office')}?office={setting.office.pk}",
        "new_url": f"{reverse('console-reference-new', args=[spec.code])}?office={setting.office.pk}",
    }


def _form(
    setting: OfficeSetting,
    spec: ReferenceKind,
    row: Any,
    form: Any,
    errors: Errors,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    fields = shapes_of(form, errors)
    context = _frame(setting, spec) | {
        "row": row,
        "title": row.name if row is not None and "name" not in spec.personal else "",
        "fixed": [(spec.fields[name].label, getattr(row, name)) for name in sorted(form.fixed)] if row else [],
        "fields": fields,
        "errors": error_items(fields, errors),
        "error_title": error_title(sum(map(len, errors.values()))),
        "conflict": conflict,
        "version": digest_of(spec, _row_of(setting, spec, row.pk)) if row is not None else "",
        "altered": row is not None and comparing.is_altered(spec, row.pk),
        "retirable": spec is not OFFICE,
        "staff": staff_of(setting, spec, row),
        "days": history_of(spec.code, row.pk, setting.reader.now, spec.fields) if row is not None else (),
    }
    return render(setting.request, "console/offices/form.html", context, status=status)
