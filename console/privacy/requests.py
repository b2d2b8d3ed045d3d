"""个人信息请求: what people ask of the office about their own data, as a queue, and taking one in at the counter."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.keyset import BadCursor, Order, paginate
from common.masking import mask_name, mask_phone
from communities.models import Community
from console.kit.choices import pair_choices, row_choices
from console.kit.form_fields import error_items, errors_of
from console.kit.reading import PAGE_SIZE, Reader, flag_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import FieldShape, error_title
from console.kit.typed import shaper
from issues.models import Issue
from issues.reading.finding import by_number, parse_number
from issues.services.errors import InvalidFields, NotPermitted
from privacy.enums import OPEN_RIGHTS, AskedAs, IdentityCheck, RightsKind
from privacy.models import RightsRequest
from privacy.services import rights
from privacy.services.errors import AlreadyAsked

_WAITING: Final = Order(("due_at", "id"))
_ENDED: Final = Order(("-received_at", "-id"))


@dataclass(frozen=True)
class RightsRow:
    """One request of the queue; who asks is masked."""

    pk: int
    number: str
    kind: str
    state: str
    who: str
    place: str
    received_at: datetime
    due_at: datetime
    late: bool


def who_asks(request: RightsRequest) -> str:
    """张*三 138****1234."""
    return f"{mask_name(request.contact.name)} {mask_phone(request.contact.phone)}".strip() or _("未留姓名")


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """``/console/rights/``: what waits, due first; ``ended=1``: what was answered, newest first."""
    reader, ended = reader_of(request), flag_of(request, "ended")
    seen = RightsRequest.objects.visible_to(reader.access).select_related("contact", "community", "subdistrict")
    rows = seen.exclude(status__in=OPEN_RIGHTS) if ended else seen.filter(status__in=OPEN_RIGHTS)
    cursor = text_of(request, "cursor", 400)
    try:
        page = paginate(rows, order=_ENDED if ended else _WAITING, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = {
        "rows": [_row(row, reader) for row in page.rows],
        "ended": ended,
        "tabs": [
            {"label": _("待办"), "url": url_with(request, ended=""), "active": not ended},
            {"label": _("已办结"), "url": url_with(request, ended="1"), "active": ended},
        ],
        "may_record": bool(_communities(reader)),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/privacy/queue.html", context)


def _row(row: RightsRequest, reader: Reader) -> RightsRow:
    return RightsRow(
        pk=row.pk,
        number=row.number,
        kind=str(row.get_kind_display()),
        state=str(row.get_status_display()),
        who=who_asks(row),
        place=row.community.name if row.community else row.subdistrict.name,
        received_at=row.received_at,
        due_at=row.due_at,
        late=row.is_open and row.due_at <= reader.now,
    )


def _communities(reader: Reader) -> list[Community]:
    """Where this person takes requests at the counter; one statement."""
    rows = Community.objects.filter(retired_at__isnull=True, subdistrict_id__in=sorted(reader.access.subdistrict_ids))
    return [row for row in rows.order_by("subdistrict_id", "initials", "id") if rights.may_record(reader.access, row)]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_request(request: HttpRequest) -> HttpResponse:
    """``/console/rights/new/``: somebody asks at the counter."""
    reader = reader_of(request)
    communities = _communities(reader)
    if not communities:
        raise PermissionDenied(_("您不能在这个社区登记"))
    if request.method != "POST":
        return _form(request, communities, {})
    typed, wrong = request.POST, dict[str, list[str]]()
    community = next((row for row in communities if str(row.pk) == typed.get("community")), None)
    issue = _named(reader, typed.get("number", ""), wrong)
    if community is None:
        wrong["community"] = [_("请选择社区")]
    if community is None or wrong:
        return _form(request, communities, wrong, status=HTTPStatus.BAD_REQUEST)
    given = rights.AtCounter(
        community=community,
        issue=issue,
        **{name: typed.get(name, "") for name in ("kind", "asked_as", "identity", "name", "phone", "words")},
    )
    try:
        made = rights.record_at_counter(given=given, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _form(request, communities, errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except AlreadyAsked as error:
        return _form(request, communities, {"kind": [str(error.message)]}, status=HTTPStatus.CONFLICT)
    messages.success(request, _("已登记，编号 %(number)s") % {"number": made.number})
    return redirect("console-rights-request", pk=made.pk)


def _named(reader: Reader, text: str, wrong: dict[str, list[str]]) -> Issue | None:
    """The matter whose number was typed, in the reader's scope."""
    if not text.strip():
        return None
    form = parse_number(text, reader.now)
    seen = Issue.objects.visible_to(reader.access).select_related("contact")
    found = seen.filter(pk__in=by_number(form).values("pk")).first() if form else None
    if found is None:
        wrong["number"] = [_("未找到该工单，请核对编号")]
    return found


def _form(
    request: HttpRequest, communities: list[Community], wrong: dict[str, list[str]], status: int = HTTPStatus.OK
) -> HttpResponse:
    fields = _fields(request.POST, communities, wrong)
    context: dict[str, Any] = {
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
    }
    return render(request, "console/privacy/new.html", context, status=status)


def _fields(typed: Any, communities: list[Community], wrong: dict[str, list[str]]) -> list[FieldShape]:
    only = str(communities[0].pk) if len(communities) == 1 else ""

    shape = shaper(typed, wrong, autocomplete="off")

    places = row_choices(communities)
    counted = [code for code in IdentityCheck.choices if code[0] != IdentityCheck.WHOLE_NUMBER]
    return [
        shape("community", _("社区"), "department", only, choices=places, required=True),
        shape("kind", _("请求"), "radio", choices=pair_choices(RightsKind.choices), required=True),
        shape("asked_as", _("申请人是"), "radio", AskedAs.SELF, choices=pair_choices(AskedAs.choices), required=True),
        shape("identity", _("怎样核实身份"), "choice", choices=pair_choices(counted), required=True),
        shape("name", _("申请人姓名或称呼"), required=True, maxlength=40),
        shape("phone", _("反映诉求时留的电话"), "tel", maxlength=40, help=_("用它找到与本人有关的诉求")),
        shape("number", _("诉求编号"), maxlength=60, help=_("没有留电话的，填编号")),
        shape("words", _("具体要求"), "textarea", maxlength=rights.WORDS, rows=3),
    ]
