"""Importing a duty roster from a sheet: upload, preview row by row, confirm. Nothing is kept between the steps.

The preview carries the rows back in a signed field; the confirmation plans them anew and writes only what the preview
showed.
"""

from dataclasses import astuple, dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common import dates
from common.sheets import SheetError
from console.duty.form import keeper_of
from console.kit.reading import Reader, reader_of
from deadlines.duty import staffing
from deadlines.duty.importing import SheetPlan, plan_import, run_import
from deadlines.duty.plan import PlanRow, RowOutcome, SheetRow
from deadlines.duty.roster import Overlap, RosterError
from deadlines.duty.sheet import MAX_ROWS, read_sheet

_SALT: Final = "duty-roster-import"
_KEPT_FOR: Final = 2 * 3600
OUTCOMES: Final[dict[RowOutcome, Promise]] = {
    RowOutcome.ADD: gettext_lazy("新增"),
    RowOutcome.CHANGE: gettext_lazy("修改"),
    RowOutcome.SAME: gettext_lazy("无变化"),
    RowOutcome.EMPTY: gettext_lazy("未填人员"),
    RowOutcome.REFUSED: gettext_lazy("不导入"),
}


@dataclass(frozen=True)
class PreviewRow:
    """One row of the preview."""

    number: int
    outcome: str
    label: str
    area: str
    starts: str
    ends: str
    clerk: str
    leader: str
    phone: str
    reasons: tuple[str, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def import_page(request: HttpRequest) -> HttpResponse:
    """``/console/duty/import/``: GET offers the form; POST with a file previews, with ``rows`` confirms."""
    reader = reader_of(request)
    areas = [area for area in staffing.areas_of(reader.access) if area.kept]
    if not areas:
        raise PermissionDenied(_("您不能修改值班表"))
    if request.method != "POST":
        return _page(request)
    if "rows" in request.POST:
        return _confirm(request, reader)
    upload = request.FILES.get("file")
    if upload is None:
        return _page(request, error=_("请选择 .xlsx 文件"), status=HTTPStatus.BAD_REQUEST)
    try:
        rows = read_sheet(upload)
    except SheetError as error:
        return _page(request, error=error.message, status=HTTPStatus.BAD_REQUEST)
    return _preview(request, reader, rows, plan_import(rows=rows, access=reader.access, at=reader.now))


def _confirm(request: HttpRequest, reader: Reader) -> HttpResponse:
    try:
        told = signing.loads(request.POST["rows"], salt=_salt(reader), max_age=_KEPT_FOR)
        rows = [SheetRow(*values) for values in told]
    except (signing.BadSignature, TypeError, ValueError):
        return _page(request, error=_("预览已过期，请重新上传文件"), status=HTTPStatus.BAD_REQUEST)
    try:
        plan = run_import(rows=rows, digest=request.POST.get("digest", ""), by=keeper_of(reader), at=reader.now)
    except (Overlap, RosterError) as error:
        plan = plan_import(rows=rows, access=reader.access, at=reader.now)
        return _preview(request, reader, rows, plan, conflict=error.message, status=HTTPStatus.CONFLICT)
    added, changed = len(plan.of(RowOutcome.ADD)), len(plan.of(RowOutcome.CHANGE))
    messages.success(
        request, _("已导入：新增 %(added)s 班，修改 %(changed)s 班") % {"added": added, "changed": changed}
    )
    first = next(
        (row.draft for row in plan.rows if row.outcome in (RowOutcome.ADD, RowOutcome.CHANGE) and row.draft), None
    )
    address = reverse("console-duty")
    if first is None:
        return HttpResponseRedirect(address)
    area = f"s{first.subdistrict_id}" if first.community_id is None else f"c{first.community_id}"
    return HttpResponseRedirect(f"{address}?area={area}&week={first.starts_at.date().isoformat()}")


def _salt(reader: Reader) -> str:
    """A preview is confirmed by the person who made it."""
    return f"{_SALT}:{reader.user.pk}"


def _page(request: HttpRequest, *, error: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"error": error, "max_rows": MAX_ROWS, "template_url": reverse("console-duty-template")}
    return render(request, "console/duty/import.html", context, status=status)


def _preview(
    request: HttpRequest,
    reader: Reader,
    rows: list[SheetRow],
    plan: SheetPlan,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    refused = len(plan.of(RowOutcome.REFUSED))
    context: dict[str, Any] = {
        "rows": [_row(row) for row in plan.rows if row.outcome is not RowOutcome.EMPTY],
        "counts": [
            {"label": label, "count": len(plan.of(outcome)), "outcome": outcome.value}
            for outcome, label in OUTCOMES.items()
        ],
        "payload": signing.dumps([astuple(row) for row in rows], salt=_salt(reader), compress=True),
        "digest": plan.digest,
        "writes": plan.writes,
        "confirm_label": ngettext("确认导入 %(n)d 班", "确认导入 %(n)d 班", plan.writes) % {"n": plan.writes},
        "refused_text": (
            ngettext("%(n)d 行有误，不会导入", "%(n)d 行有误，不会导入", refused) % {"n": refused} if refused else ""
        ),
        "conflict": conflict,
    }
    return render(request, "console/duty/preview.html", context, status=status)


def _row(row: PlanRow) -> PreviewRow:
    draft, raw = row.draft, row.row
    return PreviewRow(
        number=raw.number,
        outcome=row.outcome.value,
        label=str(OUTCOMES[row.outcome]),
        area=row.area.name if row.area else raw.area,
        starts=dates.moment(draft.starts_at) if draft else raw.starts,
        ends=dates.moment(draft.ends_at) if draft else raw.ends,
        clerk=raw.clerk,
        leader=raw.leader,
        phone=raw.phone,
        reasons=row.reasons or row.changes,
    )
