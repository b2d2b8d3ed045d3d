"""办理时限: the table of limits of an office, and one cell of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import dates
from console.kit.areas import OfficeSetting, setting_of
from console.kit.reading import number_of
from console.kit.shapes import ChoiceShape, FieldShape
from deadlines import kinds
from deadlines.limits import Limit, Unit
from deadlines.rules import ANY, EXTENSION, KIND, KIND_NAMES, LEVEL, LEVEL_NAMES, RuleRow
from deadlines.services import load_calendar
from offices.services import limits
from offices.services.errors import NotAdministered, ReferenceChanged, WrongLimit
from offices.services.limits import Cell

_UNITS: Final = (Unit.WORKING_DAYS, Unit.WORKING_HOURS, Unit.DAYS, Unit.HOURS, Unit.MINUTES)


@dataclass(frozen=True)
class LimitCell:
    """One limit of the table, in the column ``head``; ``text`` is "" where this scope has none of its own."""

    head: str
    text: str
    url: str


@dataclass(frozen=True)
class LimitRow:
    """The limits of one level or kind of issue."""

    label: str
    cells: Sequence[LimitCell]


@require_safe
def limits_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/office/limits/``: two tables, by level or kind, and what holds for every issue."""
    setting = setting_of(request)
    rows = limits.rows_of(setting.office)
    scoped = [row for row in rows if row.scope_kind != ANY]
    columns = list(dict.fromkeys(row.deadline_kind for row in scoped if row.deadline_kind != EXTENSION))
    columns.append(EXTENSION)
    heads = {column: limits.clock_label(column) for column in columns}
    by_cell = {Cell.of(row): row for row in rows}
    scopes = [(LEVEL, code) for code in LEVEL_NAMES] + [(KIND, code) for code in KIND_NAMES]
    context = {
        "area": setting.office,
        "heads": heads.values(),
        "rows": [
            LimitRow(_scope_label(*scope), [_cell(setting, by_cell.get(Cell(*scope, of)), heads[of]) for of in heads])
            for scope in scopes
            if any(Cell(*scope, column) in by_cell for column in columns)
        ],
        "others": [
            {"label": limits.clock_label(row.deadline_kind), "start": kinds.since(row.deadline_kind),
             "cell": _cell(setting, row)}
            for row in rows if row.scope_kind == ANY
        ],
    }  # fmt: skip
    return render(request, "console/offices/limits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit_limit(request: HttpRequest, key: str) -> HttpResponse:
    """``/console/admin/office/limits/<cell>/``: a limit; first what it would change, then the saving."""
    setting = setting_of(request)
    row = limits.find(setting.office, key)
    if row is None:
        raise Http404(_("没有这个页面"))
    given = request.POST if request.method == "POST" else None
    if given is None:
        return _form(setting, row, _values_of(row))
    values = {name: given.get(name, "")[:8].strip() for name in ("amount", "unit", "times")}
    try:
        limit = limits.read_limit(row, "none" if values["unit"] == Unit.NONE else values["amount"] + values["unit"])
    except WrongLimit as error:
        return _form(setting, row, values, error=error.message, status=HTTPStatus.BAD_REQUEST)
    if given.get("step") != "save":
        return _form(setting, row, values, preview=_preview(setting, row, limit))
    return _saved(setting, row, limit, values)


def _saved(setting: OfficeSetting, row: RuleRow, limit: Limit, values: dict[str, str]) -> HttpResponse:
    times = number_of(values["times"]) or 0
    try:
        written = limits.set_limit(
            office=setting.office,
            key=Cell.of(row).key,
            limit=str(limit),
            times=times,
            was=setting.request.POST.get("was", ""),
            by=setting.reader.actor,
            at=setting.reader.now,
        )
    except NotAdministered as error:
        raise PermissionDenied(error.message) from error
    except WrongLimit as error:
        return _form(setting, row, values, error=error.message, status=HTTPStatus.BAD_REQUEST)
    except ReferenceChanged as error:
        present = limits.find(setting.office, Cell.of(row).key) or row
        return _form(setting, present, values, conflict=error.message, status=HTTPStatus.CONFLICT)
    messages.success(setting.request, _("已保存，从现在起开始的时限按新规定") if written else _("没有改动"))
    return HttpResponseRedirect(f"{reverse('console-limits')}?office={setting.office.pk}")


def _scope_label(scope_kind: str, scope: str) -> str:
    names = LEVEL_NAMES if scope_kind == LEVEL else KIND_NAMES
    return str(names[scope]) if scope in names else _("全部诉求")


def _cell(setting: OfficeSetting, row: RuleRow | None, head: str = "") -> LimitCell:
    if row is None:
        return LimitCell(head, "", "")
    url = reverse("console-limit", args=[Cell.of(row).key])
    return LimitCell(head, _told(row.limit, row.times), f"{url}?office={setting.office.pk}")


def _told(limit: Limit, times: int) -> str:
    if not times:
        return limit.label()
    return ngettext("%(n)d次，共%(limit)s", "%(n)d次，共%(limit)s", times) % {"n": times, "limit": limit.label()}


def _values_of(row: RuleRow) -> dict[str, str]:
    amount = "" if row.limit.is_none else str(row.limit.amount)
    return {"amount": amount, "unit": row.limit.unit.value, "times": str(row.times)}


def _preview(setting: OfficeSetting, row: RuleRow, limit: Limit) -> dict[str, Any]:
    """What the new limit means for something that begins now, and what keeps its date."""
    number = limits.running_under(setting.office, row)
    keeps = ngettext(
        "%(n)s 个正在计时的时限保持原来的日期", "%(n)s 个正在计时的时限保持原来的日期", number
    ) % {"n": f"{number}+" if number == limits.COUNTED else number}  # fmt: skip
    return {
        "was": row.limit.label(),
        "becomes": limit.label(),
        "was_at": _due(row.limit, setting.reader.now),
        "due_at": _due(limit, setting.reader.now),
        "keeps": keeps if number else _("现在没有按这一项计时的诉求"),
    }


def _due(limit: Limit, at: datetime) -> str:
    return "" if limit.is_none else dates.moment(limit.due(at, load_calendar()).due_at)


def _form(
    setting: OfficeSetting,
    row: RuleRow,
    values: dict[str, str],
    *,
    error: str = "",
    conflict: str = "",
    preview: dict[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    units = [ChoiceShape(unit.value, Limit(1, unit).label().lstrip("1 ")) for unit in _UNITS]
    if row.limit.is_none or values["unit"] == Unit.NONE:
        units.append(ChoiceShape(Unit.NONE.value, _("不限时")))
    errors = (error,) if error else ()
    fields = [
        FieldShape("amount", _("时限"), "number", values["amount"], least="1", most="9999", errors=errors),
        FieldShape("unit", pgettext("of time", "单位"), "select", values["unit"], units, required=True),
    ]
    if row.deadline_kind == EXTENSION:
        fields.append(FieldShape("times", _("最多延期次数"), "number", values["times"], least="1", most="9"))
    context = {
        "area": setting.office,
        "title": f"{_scope_label(row.scope_kind, row.scope)} · {limits.clock_label(row.deadline_kind)}",
        "start": kinds.since(row.deadline_kind),
        "stands": _told(row.limit, row.times),
        "fields": fields,
        "values": values,
        "was": f"{row.limit} {row.times}",
        "conflict": conflict,
        "preview": preview,
        "back_url": f"{reverse('console-limits')}?office={setting.office.pk}",
    }
    return render(setting.request, "console/offices/limit.html", context, status=status)
