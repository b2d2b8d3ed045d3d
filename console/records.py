"""历史资料: what press reports of earlier years mention. No clock runs on it and no rate counts it."""

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from common.keyset import BadCursor, Order, paginate
from communities.models import Community, Department
from console.kit.reading import PAGE_SIZE, code_of, pager_of, reader_of, text_of, url_with
from issues.models import HistoricRecord

_ORDER: Final = Order(("id",))
KINDS: Final[dict[str, Promise]] = {
    "matter": gettext_lazy("事项"),
    "commitment": gettext_lazy("承诺"),
    "project": gettext_lazy("项目"),
    "feedback": gettext_lazy("反馈"),
}
ANSWERS: Final[dict[str, Promise]] = {
    "unanswered": gettext_lazy("报道未载答复"),
    "promised_without_date": gettext_lazy("有承诺，未载期限"),
    "promised_with_year": gettext_lazy("有承诺，载有年份"),
    "discussed": gettext_lazy("已讨论"),
    "done": gettext_lazy("报道已办成"),
    "planned": gettext_lazy("列入计划"),
    "answered": gettext_lazy("已答复"),
    "feedback": gettext_lazy("群众反馈"),
}


@dataclass(frozen=True)
class RecordRow:
    """One record as the table prints it."""

    ref: str
    date_text: str
    kind_label: str
    title: str
    community: str
    inferred: bool
    category: str
    raised_by: str
    answered_by: str
    departments: str
    promise: str
    answer: str


@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """``/console/records/``: the sub-district's historic records, a page at a time."""
    reader = reader_of(request)
    kind = code_of(request, "record", tuple(KINDS))
    rows = HistoricRecord.objects.select_related("category").prefetch_related(
        Prefetch("communities", queryset=Community.objects.only("name_zh", "name_en")),
        Prefetch("departments", queryset=Department.objects.only("name_zh", "name_en", "short_zh", "short_en")),
    )
    if not reader.access.installation_wide:
        rows = rows.filter(subdistrict_id__in=reader.access.subdistrict_ids)
    if kind:
        rows = rows.filter(record=kind)
    cursor = text_of(request, "cursor", 200)
    try:
        found = paginate(rows, order=_ORDER, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context: dict[str, Any] = {
        "rows": [_row(record) for record in found.rows],
        "kinds": [
            {"label": label, "url": url_with(request, record=code), "active": code == kind}
            for code, label in (("", _("全部")), *((code, str(label)) for code, label in KINDS.items()))
        ],
        "pager": pager_of(request, found.next_cursor, cursor),
    }
    return render(request, "console/records.html", context)


def _row(record: HistoricRecord) -> RecordRow:
    return RecordRow(
        ref=record.ref,
        date_text=record.reported_on,
        kind_label=str(KINDS[record.record]),
        title=record.title,
        community=_("、").join(community.name for community in record.communities.all()) or record.place,
        inferred=record.community_inferred,
        category=record.category.name,
        raised_by=record.raised_by,
        answered_by=record.answered_by,
        departments=_("、").join(department.short_name for department in record.departments.all()),
        promise=record.promise,
        answer=str(ANSWERS.get(record.answer, record.answer)),
    )
