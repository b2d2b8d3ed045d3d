"""Bringing an office in from a workbook: the template, what it would do, and then the doing."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Permission
from common.sheets import SheetError
from console.kit.areas import OfficeSetting, setting_of
from console.kit.reading import number_of, text_of
from offices.importing import ADDED, CHANGED, SAME, SHEETS
from offices.models import ImportRun, ImportState
from offices.services import import_runs
from offices.services.errors import NotAdministered, ReferenceChanged
from offices.services.people import invitation_path, people_without_password
from offices.template import template_workbook

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """``/console/admin/office/template/``: an empty workbook with every sheet, and how it is filled in."""
    setting_of(request)
    answer = HttpResponse(template_workbook(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="office.xlsx"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def import_office(request: HttpRequest) -> HttpResponse:
    """``/console/admin/office/import/``: a workbook is examined, kept, and written once the person says so.

    ``run`` is the one that was brought; a large one is worked on by the worker, and the page asks how far it is.
    """
    setting = setting_of(request)
    run = _run_of(setting)
    if request.method != "POST":
        return _page(setting, run)
    if run is not None:
        return _written(setting, run)
    upload = request.FILES.get("file")
    if upload is None:
        return _page(setting, None, error=_("请选择 .xlsx 文件"), status=HTTPStatus.BAD_REQUEST)
    reader = setting.reader
    try:
        run = import_runs.receive(office=setting.office, data=upload.read(), by=reader.actor, at=reader.now)
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except SheetError as error:
        return _page(setting, None, error=error.message, status=HTTPStatus.BAD_REQUEST)
    return HttpResponseRedirect(_url(setting, run))


def _run_of(setting: OfficeSetting) -> ImportRun | None:
    """The run that was asked for. Http404 where it is somebody else's, another office's, or too old."""
    text = setting.request.POST.get("run", "") or text_of(setting.request, "run", 18)
    if not text:
        return None
    run = import_runs.find(
        pk=number_of(text) or 0, office=setting.office, by=setting.reader.actor, at=setting.reader.now
    )
    if run is None:
        raise Http404(_("这份表格已不在，请重新上传"))
    return run


def _url(setting: OfficeSetting, run: ImportRun) -> str:
    return f"{reverse('console-office-import')}?office={setting.office.pk}&run={run.pk}"


def _written(setting: OfficeSetting, run: ImportRun) -> HttpResponse:
    try:
        import_runs.write(run=run, digest=setting.request.POST.get("digest", ""), at=setting.reader.now)
    except ReferenceChanged as error:
        return _page(setting, run, error=error.message, status=HTTPStatus.CONFLICT)
    return HttpResponseRedirect(_url(setting, run))


def _page(
    setting: OfficeSetting, run: ImportRun | None, *, error: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    result = run.result if run else {}
    waits = run is not None and run.state == ImportState.WAITING
    written = run is not None and run.state == ImportState.WRITTEN
    rights = setting.reader.access.may(Permission.MANAGE_RIGHTS, setting.office.pk)
    invited = result.get("invited", ()) if written else ()
    people = people_without_password(invited) if rights else ()
    context: dict[str, Any] = {
        "area": setting.office,
        "error": error or result.get("error", ""),
        "run": run,
        "url": _url(setting, run) if run else "",
        "waits": waits,
        "examined": run is not None and run.state == ImportState.EXAMINED,
        "written": written,
        "done": import_runs.progress_of(run) if run and waits else 0,
        "rightless": bool(invited) and not rights,
        "links": [(user, f"{settings.PUBLIC_URL}{invitation_path(user)}") for user in people],
        "counts": _counts(result.get("counts", {})),
        "errors": result.get("errors", ()),
        "number": result.get("number", 0),
    }
    return render(setting.request, "console/offices/import.html", context, status=status)


def _counts(found: dict[str, dict[str, int]]) -> Sequence[dict[str, Any]]:
    labels = {sheet.code: sheet.label for sheet in SHEETS}
    return [
        {
            "label": labels[code],
            "added": counts.get(ADDED, 0),
            "changed": counts.get(CHANGED, 0),
            "same": counts.get(SAME, 0),
        }
        for code, counts in found.items()
    ]
