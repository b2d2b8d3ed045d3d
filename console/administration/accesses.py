"""谁看过个人信息: who looked at one person, by the whole number; asking is itself an event."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.masking import mask_phone, scrub
from console.kit.form_fields import errors_of
from console.kit.reading import reader_of
from console.kit.shapes import FieldShape
from issues.services.errors import InvalidFields, NotPermitted
from privacy.services.tracing import LONGEST_REASON, trace


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def accesses_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/accesses/``: the form; a POST answers with the list, shown once and kept nowhere."""
    if request.method != "POST":
        return _page(request, {}, {})
    reader = reader_of(request)
    given = {
        "phone": request.POST.get("phone", "")[:40],
        "reason": request.POST.get("reason", "")[: LONGEST_REASON + 1],
    }
    try:
        found = trace(**given, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, given, errors_of(error), status=HTTPStatus.BAD_REQUEST)
    rows = [
        {
            "at": row.at,
            "what": row.what,
            "name": row.name,
            "role": row.role,
            "office": row.office,
            "number": row.number,
            "reason": scrub(row.reason),
        }
        for row in found.rows
    ]
    return _page(request, {}, {}, asked=mask_phone(given["phone"]), rows=rows, more=found.more)


def _page(
    request: HttpRequest,
    given: dict[str, str],
    wrong: dict[str, list[str]],
    *,
    status: int = HTTPStatus.OK,
    **found: Any,
) -> HttpResponse:
    context = {
        "fields": [
            FieldShape(
                *("phone", _("完整的电话号码"), "tel", given.get("phone", "")),
                required=True, maxlength=40, autocomplete="off", errors=wrong.get("phone", ()),
            ),
            FieldShape(
                *("reason", _("查询原因"), "text", given.get("reason", "")),
                required=True, maxlength=LONGEST_REASON, autocomplete="off", errors=wrong.get("reason", ()),
                help=_("这次查询也会记入日志，本人看得到"),
            ),
        ],
        **found,
    }  # fmt: skip
    return render(request, "console/administration/accesses.html", context, status=status)
