"""A proposal that the congress handed over, with who leads it and who has a part."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.roles import Permission
from common.clock import local
from communities.models import Department, DepartmentKind, SubDistrict
from console.kit.choices import row_choices
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import Reader, reader_of
from console.kit.shapes import FieldShape, error_title
from console.kit.typed import day_typed, shaper
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.submissions import new_key
from proposals.services import registering
from proposals.services.base import LONGEST
from proposals.services.registering import Deputy, NewProposal


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_proposal(request: HttpRequest) -> HttpResponse:
    """``/console/proposals/new/``."""
    reader = reader_of(request)
    office = _office(reader)
    if request.method != "POST":
        return _page(request, reader, office, {})
    typed = request.POST
    try:
        made = registering.register(given=_given(typed, office), by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, office, errors_of(error), HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已交办，主办和会办单位会收到通知"))
    return redirect("console-proposal", pk=made.pk)


def _office(reader: Reader) -> SubDistrict:
    areas = reader.access.areas(Permission.KEEP_PROPOSALS)
    rows = SubDistrict.objects.order_by("pk")
    found = rows.filter(pk__in=sorted(areas)).first() if areas else None
    if found is None:
        raise PermissionDenied(_("建议由街道社会治理办登记"))
    return found


def _given(typed: QueryDict, office: SubDistrict) -> NewProposal:
    return NewProposal(
        subdistrict_id=office.pk,
        number=typed.get("number", ""),
        title=typed.get("title", ""),
        words=typed.get("words", ""),
        received_on=day_typed(typed.get("received_on", "")),
        lead=typed.get("lead", ""),
        deputies=[_deputy(line) for line in typed.get("deputies", "").splitlines() if line.strip()],
        parts=typed.getlist("parts"),
        key=typed.get("key", ""),
    )


def _deputy(line: str) -> Deputy:
    """陈大文 平东代表小组: a name, and after a space whose."""
    return Deputy(*line.split(maxsplit=1))


def _page(
    request: HttpRequest, reader: Reader, office: SubDistrict, wrong: Errors, status: int = HTTPStatus.OK
) -> HttpResponse:
    fields = _fields(request.POST, reader, office, wrong)
    context = {"fields": fields, "errors": error_items(fields, wrong), "error_title": error_title(len(wrong))}
    context["key"] = new_key()
    return render(request, "console/proposals/new.html", context, status=status)


def _fields(typed: QueryDict, reader: Reader, office: SubDistrict, wrong: Errors) -> list[FieldShape]:
    """The fields of the form, with what stands in them; one statement."""
    shape = shaper(typed, wrong)
    rows = Department.objects.filter(subdistrict_id=office.pk, retired_at__isnull=True)
    rows = rows.exclude(kind=DepartmentKind.COMMUNITY_TEAM).order_by("name_zh", "id")
    choices = row_choices(rows, "code")
    today = local(reader.now).date().isoformat()
    return [
        shape("number", _("建议编号"), required=True, maxlength=LONGEST["number"], autocomplete="off", half=True),
        shape("received_on", _("交办日期"), "date", today, required=True, half=True),
        shape("title", _("标题"), required=True, maxlength=LONGEST["title"], autocomplete="off"),
        shape("words", _("建议的内容"), "textarea", rows=6, required=True, maxlength=LONGEST["words"]),
        shape(
            *("deputies", _("代表"), "textarea"),
            rows=3, required=True, help=_("一行一位，领衔的在前；姓名后空一格可写代表团或联络站"),
        ),
        shape("lead", _("主办单位"), "department", choices=choices, required=True),
        FieldShape(
            *("parts", _("会办单位"), "many", typed.getlist("parts")),
            choices=choices, placeholder=_("输入名称筛选"), errors=wrong.get("parts", ()),
        ),
    ]  # fmt: skip
