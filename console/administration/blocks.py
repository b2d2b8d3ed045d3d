"""暂停网上提交: from whom an office takes no public form for a while, as its security administrator keeps it."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission
from common.clock import now
from common.masking import mask_phone
from communities.models import SubDistrict
from console.administration.areas import administered
from console.kit.reading import Reader, reader_of
from console.kit.shapes import ChoiceShape, FieldShape
from door import blocks
from door.enums import BlockKind
from issues.services.errors import InvalidFields, NotPermitted

_NAMES: Final = ("kind", "what", "reason", "until")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def blocks_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/blocks/``: who is stopped and until when; one form that adds, one button each that lifts."""
    reader = reader_of(request)
    asked = request.POST.get("office") or request.GET.get("office", "")
    office = administered(reader, Permission.MANAGE_RIGHTS, asked)
    if request.method != "POST":
        return _page(request, office, dict.fromkeys(_NAMES, ""), {})
    given = {name: request.POST.get(name, "")[:400] for name in _NAMES}
    try:
        _carry_out(request, reader, office, given)
    except InvalidFields as error:
        return _page(request, office, given, error.fields, status=400)
    except NotPermitted as error:
        raise PermissionDenied(error.message) from error
    return redirect(f"{request.path}?office={office.pk}")


def _carry_out(request: HttpRequest, reader: Reader, office: SubDistrict, given: Mapping[str, str]) -> None:
    lifted = request.POST.get("lift", "")
    if lifted:
        pk = int(lifted) if lifted.isascii() and lifted.isdigit() and len(lifted) < 19 else 0
        blocks.lift(office=office, pk=pk, by=reader.actor, at=reader.now)
        messages.success(request, _("已恢复网上提交"))
        return
    try:
        until = parse_date(given["until"])
    except ValueError:
        until = None
    blocks.block(
        office=office, kind=given["kind"], what=given["what"], reason=given["reason"], until=until, by=reader.actor,
        at=reader.now,
    )  # fmt: skip
    messages.success(request, _("已暂停网上提交"))


def _page(
    request: HttpRequest,
    office: SubDistrict,
    given: Mapping[str, str],
    errors: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    rows = [
        {
            "pk": row.pk,
            "kind": row.get_kind_display(),
            "what": mask_phone(row.what) if row.kind == BlockKind.PHONE else row.what,
            "reason": row.reason,
            "by": row.created_by.display_name,
            "created_at": row.created_at,
            "ends_at": row.ends_at,
        }
        for row in blocks.current(office, now())
    ]
    context = {"area": office, "rows": rows, "fields": _fields(given, errors)}
    return render(request, "console/administration/blocks.html", context, status=status)


def _fields(given: Mapping[str, str], errors: Mapping[str, Any]) -> list[FieldShape]:
    kinds = [ChoiceShape(value, str(label)) for value, label in BlockKind.choices]
    wrong = {name: (str(errors[name]),) if name in errors else () for name in _NAMES}
    return [
        FieldShape("kind", _("按什么"), "choice", given["kind"], kinds, required=True, errors=wrong["kind"]),
        FieldShape(
            "what", _("号码或地址"), value=given["what"], required=True, maxlength=60, errors=wrong["what"],
            help=_("同一网络后面可能有整栋楼的人：能按手机号就不要按网络，时间尽量短"),
        ),
        FieldShape("reason", _("理由"), value=given["reason"], required=True, maxlength=300, errors=wrong["reason"]),
        FieldShape("until", _("到哪天为止"), "date", given["until"], required=True, errors=wrong["until"]),
    ]  # fmt: skip
