"""数据保留: for how long matters that ended tell of persons, what each night did, and what is kept by law."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.noting import note
from accounts.roles import Permission
from common import dates
from common.clock import local
from communities.models import SubDistrict
from console.kit.areas import OfficeSetting, setting_of
from console.kit.form_fields import Errors, errors_of
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import FieldShape
from issues.models import Issue
from issues.reading.finding import by_number, parse_number
from issues.services.errors import Conflict, InvalidFields, NotPermitted
from privacy.enums import RetentionOutcome
from privacy.models import LegalHold, RetentionLine, RetentionRun
from privacy.services import holds, retention

RUNS: Final = 30
LINES: Final = 200
MOST_ROWS: Final = 200_000
"""So many matters a download holds at most."""
_SKIPPED: Final = tuple(one for one in RetentionOutcome if one not in (RetentionOutcome.MASKED, RetentionOutcome.HELD))
_Given = Mapping[str, str]


@dataclass(frozen=True)
class RunRow:
    """One night; ``skipped`` says why, a line each."""

    run: RetentionRun
    masked: int
    held: int
    skipped: Sequence[str]
    url: str


@dataclass(frozen=True)
class HoldRow:
    """One matter that is kept; ``late``: nobody has looked at it again in time."""

    hold: LegalHold
    number: str
    late: bool
    url: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def retention_page(request: HttpRequest) -> HttpResponse:
    """``/console/admin/retention/``: the rule, what waits, the last nights, what is kept. POST edits the rule or adds
    a hold (``do``)."""
    setting = setting_of(request, Permission.HOLD_MATTER)
    if request.method != "POST":
        return _page(setting)
    if request.POST.get("do") == "hold":
        return _set_hold(setting)
    return _set_months(setting)


def _set_months(setting: OfficeSetting) -> HttpResponse:
    given = _given(setting.request, "months", "reason", "everywhere")
    months = number_of(given["months"], 4)
    office = None if given["everywhere"] else setting.office
    previewed = setting.request.POST.get("step") == "preview"
    if previewed and months is not None and retention.LEAST_MONTHS <= months <= retention.MOST_MONTHS:
        counted = retention.waiting(office.pk if office else None, months, setting.reader.now)
        return _page(setting, rule=given, preview=_preview(counted))
    try:
        written = retention.set_months(
            office=office,
            months=months,
            reason=given["reason"],
            by=setting.reader.actor,
            at=setting.reader.now,
        )
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(setting, rule=given, rule_errors=errors_of(error), status=HTTPStatus.BAD_REQUEST)
    messages.success(setting.request, _("已保存，今晚起按新的期限") if written else _("没有改动"))
    return _back(setting.office)


def _preview(counted: int) -> str:
    number = f"{retention.COUNTED}+" if counted == retention.COUNTED else str(counted)
    return ngettext(
        "按这个期限，今晚要清除 %(n)s 件的个人信息（依法保留和有未了事项的除外）",
        "按这个期限，今晚要清除 %(n)s 件的个人信息（依法保留和有未了事项的除外）",
        counted,
    ) % {"n": number}


def _set_hold(setting: OfficeSetting) -> HttpResponse:
    given = _given(setting.request, "number", "hold_reason", "review_on")
    issue = _matter(setting, given["number"])
    if issue is None:
        wrong = {"number": [_("没有找到这个编号的工单")]}
        return _page(setting, hold=given, hold_errors=wrong, status=HTTPStatus.BAD_REQUEST)
    try:
        holds.set_hold(
            issue=issue,
            reason=given["hold_reason"],
            review_on=_day(given["review_on"]),
            by=setting.reader.actor,
            at=setting.reader.now,
        )
    except InvalidFields as error:
        wrong = {"hold_reason" if name == "reason" else name: texts for name, texts in errors_of(error).items()}
        return _page(setting, hold=given, hold_errors=wrong, status=HTTPStatus.BAD_REQUEST)
    except Conflict as error:
        wrong = {"number": [str(error.message)]}
        return _page(setting, hold=given, hold_errors=wrong, status=HTTPStatus.CONFLICT)
    messages.success(setting.request, _("已依法保留 %(number)s") % {"number": issue.number})
    return _back(setting.office)


def _matter(setting: OfficeSetting, text: str) -> Issue | None:
    form = parse_number(text, setting.reader.now)
    rows = by_number(form).filter(subdistrict=setting.office) if form else Issue.objects.none()
    return rows.defer("lexemes").first()


def _given(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "")[: holds.LONGEST_REASON + 1].strip() for name in names}


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _back(office: SubDistrict) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('console-retention')}?office={office.pk}")


def _page(
    setting: OfficeSetting,
    *,
    rule: _Given | None = None,
    rule_errors: Errors | None = None,
    preview: str = "",
    hold: _Given | None = None,
    hold_errors: Errors | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    office, at = setting.office, setting.reader.now
    months = retention.months_of(office.pk)
    due = retention.next_due(office.pk, months, at)
    context: dict[str, Any] = {
        "area": office,
        "offices": setting.offices if len(setting.offices) > 1 else (),
        "months": months,
        "waiting": retention.waiting(office.pk, months, at),
        "counted": retention.COUNTED,
        "next_due": due,
        "rule_fields": _rule_fields(setting, months, rule, rule_errors or {}),
        "preview": preview,
        "runs": _runs(office),
        "holds": _holds(office, at),
        "hold_fields": _hold_fields(hold or {}, hold_errors or {}),
    }
    return render(setting.request, "console/administration/retention.html", context, status=status)


def _rule_fields(setting: OfficeSetting, months: int, given: _Given | None, errors: Errors) -> list[FieldShape]:
    """Nothing for who may not change it; ``everywhere`` for who may in every office."""
    access = setting.reader.access
    if not access.may(Permission.MANAGE_RETENTION, setting.office.pk):
        return []
    shown = given or {"months": str(months), "reason": "", "everywhere": ""}
    fields = [
        FieldShape(
            *("months", _("办结后保留多少个月"), "number", shown["months"]),
            required=True,
            least=str(retention.LEAST_MONTHS),
            most=str(retention.MOST_MONTHS),
            errors=errors.get("months", ()),
        ),
        FieldShape(
            *("reason", _("修改原因"), "text", shown["reason"]),
            required=True,
            maxlength=holds.LONGEST_REASON,
            errors=errors.get("reason", ()),
        ),
    ]
    if access.may(Permission.MANAGE_RETENTION, None):
        fields.append(FieldShape("everywhere", _("作为没有自己期限的街道的期限"), "checkbox", shown["everywhere"]))
    return fields


def _hold_fields(given: _Given, errors: Errors) -> list[FieldShape]:
    return [
        FieldShape(
            *("number", _("工单编号"), "text", given.get("number", "")),
            required=True, maxlength=40, autocomplete="off", errors=errors.get("number", ()),
        ),
        *review_fields("hold_reason", given, errors),
    ]  # fmt: skip


def review_fields(name: str, given: _Given, errors: Errors) -> list[FieldShape]:
    """Why it is kept, and when somebody looks at it again."""
    return [
        FieldShape(
            *(name, _("原因"), "text", given.get(name, "")),
            required=True, maxlength=holds.LONGEST_REASON, errors=errors.get(name, ()),
            help=_("例如诉讼、审计、监督检查；不写姓名和电话"),
        ),
        FieldShape(
            *("review_on", _("复查日期"), "date", given.get("review_on", "")),
            required=True, errors=errors.get("review_on", ()), help=_("两年以内；到期提醒街道社会治理办"),
        ),
    ]  # fmt: skip


def _runs(office: SubDistrict) -> list[RunRow]:
    """The last nights, newest first; one statement."""
    rows = RetentionRun.objects.filter(subdistrict=office).order_by("-on")[:RUNS]
    return [
        RunRow(
            run=run,
            masked=run.counts.get(RetentionOutcome.MASKED, 0),
            held=run.counts.get(RetentionOutcome.HELD, 0),
            skipped=[f"{one.label} {run.counts[one]}" for one in _SKIPPED if run.counts.get(one)],
            url=reverse("console-retention-run", args=[run.pk]),
        )
        for run in rows
    ]


def _holds(office: SubDistrict, at: datetime) -> list[HoldRow]:
    """What is kept now, what is to be looked at first; one statement."""
    today = local(at).date()
    rows = LegalHold.objects.standing().filter(subdistrict=office).select_related("issue", "recorded_by")
    rows = rows.only("reason", "review_on", "recorded_at", "issue__number", "recorded_by__display_name")
    return [
        HoldRow(row, row.issue.number, row.review_on < today, reverse("console-hold", args=[row.pk]))
        for row in rows.order_by("review_on", "id")[:LINES]
    ]


# One night


@require_safe
@never_cache
def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/retention/<run>/``: what a night did with each matter; ``?download=1`` as a table (.csv)."""
    setting, run = _run_of(request, pk)
    lines = RetentionLine.objects.filter(run=run).select_related("issue").order_by("id")
    lines = lines.only("outcome", "issue__number", "issue__closed_at", "run_id")
    if request.GET.get("download") == "1":
        return _download(setting, run, lines[:MOST_ROWS])
    found = list(lines[: LINES + 1])
    context = {
        "area": setting.office,
        "run": run,
        "lines": found[:LINES],
        "more": len(found) > LINES,
        "back_url": f"{reverse('console-retention')}?office={setting.office.pk}",
    }
    return render(request, "console/administration/retention_run.html", context)


def _run_of(request: HttpRequest, pk: int) -> tuple[OfficeSetting, RetentionRun]:
    run = get_object_or_404(RetentionRun.objects.select_related("subdistrict"), pk=pk)
    setting = setting_of(request, Permission.HOLD_MATTER)
    if run.subdistrict not in setting.offices:
        raise Http404(_("没有这个页面"))
    return OfficeSetting(request, setting.reader, run.subdistrict, setting.offices), run


def _download(setting: OfficeSetting, run: RetentionRun, lines: Any) -> HttpResponse:
    """One matter a line: number, when it ended, what was done. No word of it and no person."""
    text = io.StringIO()
    text.write("\ufeff")
    table = csv.writer(text)
    table.writerow([_("工单编号"), _("办结日期"), _("结果")])
    number = 0
    for line in lines.iterator(chunk_size=2000):
        closed = local(line.issue.closed_at).date().isoformat() if line.issue.closed_at else ""
        table.writerow([line.issue.number, closed, RetentionOutcome(line.outcome).label])
        number += 1
    if setting.request.method == "GET":
        note(setting.reader.user.pk, "export", setting.reader.now, what="retention", run=run.pk, rows=number)
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="retention-{run.on.isoformat()}.csv"'
    return answer


# One hold


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hold_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/retention/holds/<hold>/``: look at it again: it goes on until another day, or is lifted."""
    reader = reader_of(request)
    rows = LegalHold.objects.visible_to(reader.access).select_related("issue", "recorded_by", "ended_by")
    hold = get_object_or_404(rows.defer("issue__lexemes", "issue__description"), pk=pk)
    if request.method != "POST":
        return _hold(request, reader, hold)
    given = _given(request, "reason", "review_on")
    by, at = reader.actor, reader.now
    try:
        if request.POST.get("do") == "lift":
            holds.lift(hold_id=hold.pk, reason=given["reason"], by=by, at=at)
            messages.success(request, _("已解除保留 %(number)s") % {"number": hold.issue.number})
        else:
            holds.move_review(hold_id=hold.pk, reason=given["reason"], review_on=_day(given["review_on"]), by=by, at=at)
            messages.success(request, _("已保存，继续保留 %(number)s") % {"number": hold.issue.number})
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        wrong = errors_of(error)
        return _hold(request, reader, hold, given=given, errors=wrong, status=HTTPStatus.BAD_REQUEST)
    except Conflict as error:
        wrong = {"reason": [str(error.message)]}
        return _hold(request, reader, hold, given=given, errors=wrong, status=HTTPStatus.CONFLICT)
    return HttpResponseRedirect(f"{reverse('console-retention')}?office={hold.subdistrict_id}")


def _hold(
    request: HttpRequest,
    reader: Reader,
    hold: LegalHold,
    *,
    given: _Given | None = None,
    errors: Errors | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    may = hold.ended_at is None and reader.access.may(Permission.HOLD_MATTER, hold.subdistrict_id)
    context = {
        "hold": hold,
        "late": hold.ended_at is None and hold.review_on < local(reader.now).date(),
        "since": dates.moment(hold.recorded_at),
        "fields": review_fields("reason", given or {}, errors or {}) if may else (),
        "back_url": f"{reverse('console-retention')}?office={hold.subdistrict_id}" if may else "",
    }
    return render(request, "console/administration/hold.html", context, status=status)
