"""第一步: what an office needs before it works, and how far it is; founding an office."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from console.kit.areas import OfficeSetting, offices_of, setting_of
from console.kit.form_fields import error_items, shapes_of
from console.kit.reading import Reader, reader_of
from console.kit.shapes import error_title
from offices import steps
from offices.kinds import OFFICE
from offices.services import offices
from offices.services.errors import InvalidReference, NotAdministered


@dataclass(frozen=True)
class StepRow:
    """One step: whether it is done, what there is, and where it is done."""

    label: str
    text: str
    told: str
    done: bool
    url: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def office_home(request: HttpRequest) -> HttpResponse:
    """``/console/admin/office/``: the steps of one office; before there is any, the form that founds it."""
    reader = reader_of(request)
    if not offices_of(reader) or request.GET.get("new") == "1":
        return _founding(request, reader)
    setting = setting_of(request)
    rows = [_row(setting, step) for step in steps.steps_of(setting.office)]
    context = {
        "area": setting.office,
        "offices": [
            {"label": office.name, "url": f"?office={office.pk}", "active": office == setting.office}
            for office in setting.offices
        ],
        "steps": rows,
        "ready": all(row.done for row in rows),
        "may_found": offices.may_found(reader.actor),
    }
    return render(request, "console/offices/first_steps.html", context)


def _row(setting: OfficeSetting, step: steps.FirstStep) -> StepRow:
    area = f"?office={setting.office.pk}"
    return StepRow(str(step.label), str(step.text), step.told, step.done, f"{reverse(step.page, args=step.args)}{area}")


def _founding(request: HttpRequest, reader: Reader) -> HttpResponse:
    if not offices.may_found(reader.actor):
        raise PermissionDenied(_("您不能修改这个街道的设置"))
    form: Any = OFFICE.form(office=None)
    errors: dict[str, list[str]] = {}
    status = HTTPStatus.OK
    if request.method == "POST":
        try:
            founded = offices.found_office(data=request.POST, by=reader.actor, at=reader.now)
            messages.success(request, _("已建立%(office)s") % {"office": founded.name})
            return HttpResponseRedirect(f"{reverse('console-office')}?office={founded.pk}")
        except NotAdministered as error:
            raise PermissionDenied(error.message) from error
        except InvalidReference as error:
            form, errors = error.forms[0], error.errors
        status = HTTPStatus.BAD_REQUEST
    fields = shapes_of(form, errors)
    context: dict[str, Any] = {
        "fields": fields,
        "errors": error_items(fields, errors),
        "error_title": error_title(len(errors)),
    }
    return render(request, "console/offices/found.html", context, status=status)
