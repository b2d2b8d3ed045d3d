"""Bringing an office in from a workbook: the template, what it would do, and then the doing."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Permission
from common.sheets import SheetError, read_workbook
from console.offices.areas import OfficeSetting, setting_of
from offices.importing import ADDED, CHANGED, SAME, SHEETS, Report, load
from offices.services.people import invitation_path
from offices.template import template_workbook

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_ERRORS: Final = 100


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
    """``/console/admin/office/import/``: a workbook is tried, and written only where every row is right."""
    setting = setting_of(request)
    if request.method != "POST":
        return _page(setting)
    upload = request.FILES.get("file")
    if upload is None:
        return _page(setting, error=_("请选择 .xlsx 文件"), status=HTTPStatus.BAD_REQUEST)
    tries = request.POST.get("step") != "write"
    try:
        report = load(
            read_workbook(upload.read()),
            by=setting.reader.actor,
            at=setting.reader.now,
            dry_run=tries,
            office=setting.office,
        )
    except SheetError as error:
        return _page(setting, error=error.message, status=HTTPStatus.BAD_REQUEST)
    if report.errors:
        return _page(setting, report=report, status=HTTPStatus.BAD_REQUEST)
    if tries:
        return _page(setting, report=report)
    messages.success(request, _("已导入"))
    if report.invited and not setting.reader.access.may(Permission.MANAGE_RIGHTS, setting.office.pk):
        messages.info(request, _("请安全管理员在每个人的页面生成登录链接"))
    elif report.invited:
        return _page(setting, report=report)
    return HttpResponseRedirect(f"{reverse('console-office')}?office={setting.office.pk}")


def _page(
    setting: OfficeSetting, *, report: Report | None = None, error: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    rights = setting.reader.access.may(Permission.MANAGE_RIGHTS, setting.office.pk)
    invited = report.invited if report and rights else ()
    context: dict[str, Any] = {
        "area": setting.office,
        "error": error,
        "links": [(user, f"{settings.PUBLIC_URL}{invitation_path(user)}") for user in invited],
        "report": report,
        "counts": _counts(report) if report else (),
        "errors": [str(wrong) for wrong in report.errors[:_MOST_ERRORS]] if report else (),
        "number": len(report.errors) if report else 0,
    }
    return render(setting.request, "console/offices/import.html", context, status=status)


def _counts(report: Report) -> Sequence[dict[str, Any]]:
    labels = {sheet.code: sheet.label for sheet in SHEETS}
    return [
        {"label": labels[code], "added": counts[ADDED], "changed": counts[CHANGED], "same": counts[SAME]}
        for code, counts in report.counts.items()
    ]
