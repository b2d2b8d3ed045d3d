"""``/console/commitments/``: the ledger of promises in the reader's scope."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from commitments.enums import CommitmentState
from commitments.models import Commitment
from commitments.querysets import CommitmentQuerySet
from commitments.scopes import sources
from common.clock import local
from common.keyset import BadCursor, Order, paginate
from communities.models import Department
from console.commitments.rows import rows_of
from console.kit.left_over import left_over_rows, left_over_shapes
from console.kit.reading import PAGE_SIZE, Reader, code_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import CountShape, Empty
from issues.reading.pages import count_text, counts
from meetings.models import MeetingItem
from meetings.querysets import ItemQuerySet

_SOONEST: Final = Order(("next_on", "id"))
_NEWEST: Final = Order(("-id",))

View = Callable[[CommitmentQuerySet, datetime], CommitmentQuerySet]
VIEWS: Final[Mapping[str, tuple[Promise, View, str]]] = {
    "open": (gettext_lazy("待兑现"), lambda rows, now: rows.open(), ""),
    "late": (gettext_lazy("承诺逾期"), lambda rows, now: rows.overdue(now), "overdue"),
    "moving": (gettext_lazy("待审批改期"), lambda rows, now: rows.open().moving(), "due_soon"),
    "reported": (gettext_lazy("待确认"), lambda rows, now: rows.filter(state=CommitmentState.REPORTED), "due_soon"),
    "fulfilled": (gettext_lazy("已兑现"), lambda rows, now: rows.filter(state=CommitmentState.FULFILLED), ""),
    "all": (gettext_lazy("全部"), lambda rows, now: rows, ""),
}
"""The lists of the page: label, rows, how its number is coloured."""
_BY_DAY: Final = frozenset({"open", "late", "moving"})
_UNCOUNTED: Final = frozenset({"fulfilled", "all"})
"""What grows for ever is listed and not counted."""


@require_safe
def commitment_list(request: HttpRequest) -> HttpResponse:
    """At most ten statements, whatever the number of rows."""
    reader = reader_of(request)
    view = code_of(request, "view", tuple(VIEWS)) or "open"
    departments = _departments(reader)
    chosen = _Chosen(request, departments)
    scope = chosen.apply(Commitment.objects.visible_to(reader.access))
    items = chosen.narrow(MeetingItem.objects.visible_to(reader.access))
    asked: dict[str, QuerySet[Any, Any]] = {
        code: rows(scope, reader.now) for code, (_label, rows, _tone) in VIEWS.items() if code not in _UNCOUNTED
    }
    number = counts(asked | left_over_rows(items, local(reader.now).date()))
    cursor = text_of(request, "cursor", 400)
    wanted = VIEWS[view][1](scope, reader.now).with_owner().with_moving().by_day()
    try:
        order = _SOONEST if view in _BY_DAY else _NEWEST
        found = paginate(wanted, order=order, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = {
        "counts": _count_shapes(request, number, view),
        "left_over": left_over_shapes(number, **({"organisation": chosen.department} if chosen.department else {})),
        "title": str(VIEWS[view][0]),
        "total_text": _("共 %(total)s 项") % {"total": count_text(number[view])} if view in number else "",
        "view": view,
        "selects": chosen.selects(),
        "days": chosen.days(),
        "filtered": chosen.any,
        "clear_url": url_with(request, **dict.fromkeys(("department", "source", "from", "until"))),
        "rows": rows_of(found.rows, reader),
        "pager": pager_of(request, found.next_cursor, cursor),
        "empty": None if found.rows else _empty(filtered=chosen.any),
    }
    return render(request, "console/commitments/list.html", context)


class _Chosen:
    """The filters of the address: the owner or who promised with it, where it comes from, between which days."""

    def __init__(self, request: HttpRequest, departments: Mapping[str, str]) -> None:
        self._departments = departments
        self._kinds = {source.kind: str(source.label) for source in sources()}
        self.department = code_of(request, "department", tuple(departments))
        self.source = code_of(request, "source", tuple(self._kinds))
        self.since, self.until = _day(request, "from"), _day(request, "until")

    @property
    def any(self) -> bool:
        """Whether something is filtered."""
        return bool(self.department or self.source or self.since or self.until)

    def apply(self, rows: CommitmentQuerySet) -> CommitmentQuerySet:
        """Only the rows that fit."""
        if self.department:
            owner = Department.objects.filter(code=self.department).values("pk")
            rows = rows.filter(Q(owner_id__in=owner) | Q(pk__in=Commitment.objects.shared_with(owner).values("pk")))
        if self.source:
            rows = rows.filter(source_kind=self.source)
        return rows.dated(since=self.since, until=self.until) if self.since or self.until else rows

    def narrow(self, rows: ItemQuerySet) -> ItemQuerySet:
        """Of what was raised at meetings what the chosen organisation owes."""
        return rows.filter(department__code=self.department) if self.department else rows

    def selects(self) -> list[dict[str, Any]]:
        """The menus."""
        return [
            _select("department", _("承诺单位"), self.department, self._departments),
            _select("source", _("来源"), self.source, self._kinds),
        ]

    def days(self) -> list[dict[str, str]]:
        """The two days."""
        return [
            {"name": "from", "label": _("日期从"), "value": self.since.isoformat() if self.since else ""},
            {"name": "until", "label": _("日期到"), "value": self.until.isoformat() if self.until else ""},
        ]


def _select(name: str, label: str, value: str, choices: Mapping[str, str]) -> dict[str, Any]:
    options = [{"value": code, "label": words} for code, words in choices.items()]
    return {"name": name, "label": label, "value": value, "choices": options}


def _day(request: HttpRequest, name: str) -> date | None:
    text = text_of(request, name, 10)
    try:
        found = parse_date(text) if text else None
    except ValueError:
        found = None
    if text and found is None:
        raise BadRequest(_("筛选条件无效，请清除筛选后重试"))
    return found


def _departments(reader: Reader) -> dict[str, str]:
    """Who can owe something in the reader's sub-districts, by code; one statement."""
    rows = Department.objects.filter(retired_at__isnull=True)
    if not reader.access.installation_wide:
        rows = rows.filter(subdistrict_id__in=reader.access.subdistrict_ids)
    return {row.code: row.name for row in rows.only("code", "name_zh", "name_en").order_by("kind", "code", "pk")}


def _count_shapes(request: HttpRequest, number: Mapping[str, int], view: str) -> list[CountShape]:
    return [
        CountShape(
            code=code,
            label=str(label),
            text=count_text(number[code]) if code in number else "",
            zero=number.get(code) == 0,
            tone=tone,
            url=url_with(request, view="" if code == "open" else code),
            active=code == view,
        )
        for code, (label, _rows, tone) in VIEWS.items()
    ]


def _empty(*, filtered: bool) -> Empty:
    if filtered:
        return Empty(title=_("没有符合条件的承诺"), text=_("换一个单位、来源或日期再看。"))
    return Empty(title=_("这里没有承诺"), text=_("答复列入计划、会上作出的答复，都会成为承诺列在这里。"))
