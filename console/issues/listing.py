"""All issues of the reader's scope: filters, search, newest first or by due time."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.roles import Permission
from common.keyset import Order, Page
from console.kit.filters import NAMES, Filters, label_of, read_filters
from console.kit.reading import Reader, code_of, flag_of, page_of, pager_of, reader_of, text_of, url_with
from console.kit.rows import issue_url, rows_of
from console.kit.shapes import Empty
from issues.models import Issue
from issues.querysets import BY_TIME_LEFT, NEWEST, IssueQuerySet
from issues.reading.finding import phone_in, search_in
from issues.reading.pages import count_text, counts, for_rows
from issues.services.callers import may_look_up

QUERY_LENGTH = 100
ORDERINGS = ("newest", "due")


@require_safe
def issue_list(request: HttpRequest) -> HttpResponse:
    """``/console/issues/``: at most ten statements, whatever the number of rows.

    ``go``: asked by the search box, which opens the one matter that a number finds.
    """
    reader = reader_of(request)
    filters = read_filters(request, reader)
    wanted = text_of(request, "q", QUERY_LENGTH)
    ordering = code_of(request, "ordering", ORDERINGS)
    line, area = phone_in(wanted, reader.now), min(reader.access.subdistrict_ids, default=None)
    found_by_phone = bool(may_look_up(line=line, subdistrict_id=area, by=reader.actor, at=reader.now, door="list"))
    rows, order = _rows(reader, filters, wanted, ordering, by_phone=found_by_phone)
    cursor = text_of(request, "cursor", 400)
    found = page_of(for_rows(rows), order=order, cursor=cursor)
    if flag_of(request, "go") and not (filters.any or cursor) and _is_the_one(found, wanted):
        return redirect(issue_url(found.rows[0].number))
    total = counts({"list": rows})["list"]
    filtered = filters.any or bool(wanted)
    context = {
        "q": wanted,
        "search_text": wanted,
        "selects": _selects(filters),
        "ordering": ordering,
        "filtered": filtered,
        "clear_url": request.path,
        "total_text": _total(total, order),
        "sorts": _sorts(request, ordering),
        "rows": rows_of(found.rows, reader),
        "pager": pager_of(request, found.next_cursor, cursor),
        "empty": None if found.rows else _empty(request, filters, reader, paged=bool(cursor)),
        "notice": "" if found_by_phone else _("一小时内按电话查询的号码已达上限，暂不按电话查找；编号和文字照常可查"),
    }
    partial = flag_of(request, "partial") and request.headers.get("HX-Request") == "true"
    return render(request, "console/issues/_results.html" if partial else "console/issues/list.html", context)


def _is_the_one(found: Page, wanted: str) -> bool:
    """Whether a number was looked for, whose and of what kind ever, and one matter has it."""
    return len(found.rows) == 1 and not found.next_cursor and any(letter.isdigit() for letter in wanted)


def _rows(
    reader: Reader, filters: Filters, wanted: str, ordering: str, *, by_phone: bool
) -> tuple[IssueQuerySet, Order]:
    rows = filters.apply(Issue.objects.visible_to(reader.access), reader.now)
    if wanted:
        rows = search_in(rows, wanted, reader.now, reader.access, by_phone=by_phone)
    return rows, BY_TIME_LEFT if ordering == "due" else NEWEST


def _selects(filters: Filters) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "label": label_of(name),
            "value": getattr(filters, name),
            "choices": [{"value": code, "label": label} for code, label in filters.choices.of(name)],
        }
        for name in NAMES
    ]


def _sorts(request: HttpRequest, ordering: str) -> dict[str, dict[str, str]]:
    by_due = ordering == "due"
    return {
        "due": {
            "label": _("剩余"),
            "url": url_with(request, ordering="" if by_due else "due"),
            "direction": "ascending" if by_due else "",
        }
    }


def _total(total: int, order: Order) -> str:
    words = {"total": count_text(total)}
    if order is BY_TIME_LEFT:
        return _("共 %(total)s 件，按到期先后，没有时限的在后") % words
    return _("共 %(total)s 件，新的在前") % words


def _empty(request: HttpRequest, filters: Filters, reader: Reader, *, paged: bool) -> Empty:
    if paged:
        return Empty(title=_("后面没有了"), action_label=_("回到开头"), action_url=url_with(request))
    if filters.any:
        return Empty(title=_("没有符合条件的工单"), action_label=_("清除筛选"), action_url=request.path)
    if text_of(request, "q", QUERY_LENGTH):
        title, new = _("没有符合条件的工单"), reverse("console-issue-new")
        logs = reader.access.has(Permission.CREATE_ISSUE)
        return Empty(title, action_label=_("登记诉求"), action_url=new) if logs else Empty(title)
    return Empty(title=_("还没有工单"), text=_("登记的诉求会出现在这里。"))
