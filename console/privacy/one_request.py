"""One request about personal information: who asks, what is held, the decision and the answer."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common import dates
from console.kit.choices import pair_choices
from console.kit.form_fields import Errors, errors_of
from console.kit.reading import Reader, reader_of
from console.kit.shapes import ErrorItem, FieldShape, error_title
from console.privacy.history import history_of
from console.privacy.requests import who_asks
from issues.enums import Action
from issues.models import Issue
from issues.services.errors import InvalidFields, NotPermitted
from privacy.enums import RIGHTS, DeclineReason, RightsKind, RightsState
from privacy.models import RightsRequest
from privacy.reading import matters_of
from privacy.services import rights
from privacy.services.copying import make_copy
from privacy.services.errors import CannotDelete, HasEnded


@dataclass(frozen=True)
class MatterHeld:
    """One matter that is about the person. ``edit_url``: where it is corrected, "" where nothing is to be."""

    number: str
    title: str
    state: str
    raised: str
    url: str
    edit_url: str


@dataclass
class _Shown:
    """What a step left to show: who asks in full, what is wrong, what was typed."""

    revealed: rights.WhoAsks | None = None
    conflict: str = ""
    wrong: Errors | None = None
    status: int = HTTPStatus.OK


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/rights/<pk>/``; every form says by ``step`` what it does."""
    reader = reader_of(request)
    row = _find(reader, pk)
    if request.method != "POST":
        return _page(request, reader, row, _Shown())
    step = _STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise BadRequest(_("无法识别的操作"))
    try:
        done = step(request, reader, row)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, row, _Shown(wrong=errors_of(error), status=HTTPStatus.BAD_REQUEST))
    except (HasEnded, CannotDelete) as error:
        return _page(
            request, reader, _find(reader, pk), _Shown(conflict=str(error.message), status=HTTPStatus.CONFLICT)
        )
    if isinstance(done, rights.WhoAsks):
        return _page(request, reader, row, _Shown(revealed=done))
    messages.success(request, done)
    return redirect("console-rights-request", pk=pk)


@require_POST
@never_cache
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/rights/<pk>/copy/``: a ZIP for the person to take along; an event."""
    reader = reader_of(request)
    row = _find(reader, pk)
    try:
        body = make_copy(request_id=row.pk, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except HasEnded as error:
        return _page(request, reader, row, _Shown(conflict=str(error.message), status=HTTPStatus.CONFLICT))
    answer = HttpResponse(body, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="personal-data-{row.pk:06d}.zip"'
    return answer


def _find(reader: Reader, pk: int) -> RightsRequest:
    rows = RightsRequest.objects.visible_to(reader.access)
    found = rows.select_related("contact", "community", "subdistrict", "issue", "decided_by", "ended_by")
    row = found.filter(pk=pk).first()
    if row is None:
        raise Http404(_("没有找到，可能属于别的街道"))
    return row


def _decide(request: HttpRequest, reader: Reader, row: RightsRequest) -> str:
    rights.decide(request_id=row.pk, by=reader.actor, at=reader.now)
    return _("已决定办理")


def _finish(request: HttpRequest, reader: Reader, row: RightsRequest) -> str:
    answer = request.POST.get("answer", "")
    rights.finish(request_id=row.pk, answer=answer, by=reader.actor, at=reader.now)
    return _("已办结，请告知本人")


def _decline(request: HttpRequest, reader: Reader, row: RightsRequest) -> str:
    reason, answer = request.POST.get("reason", ""), request.POST.get("answer", "")
    rights.decline(request_id=row.pk, reason=reason, answer=answer, by=reader.actor, at=reader.now)
    return _("已记录不予办理，请告知本人")


def _reveal(request: HttpRequest, reader: Reader, row: RightsRequest) -> rights.WhoAsks:
    return rights.reveal(request_id=row.pk, reason=request.POST.get("why", ""), by=reader.actor, at=reader.now)


_Step = Callable[[HttpRequest, Reader, RightsRequest], str | rights.WhoAsks]
_STEPS: Final[dict[str, _Step]] = {"decide": _decide, "finish": _finish, "decline": _decline, "reveal": _reveal}


def _page(request: HttpRequest, reader: Reader, row: RightsRequest, shown: _Shown) -> HttpResponse:
    answers = rights.may_answer(reader.access, row.subdistrict_id)
    wrong = shown.wrong or {}
    context: dict[str, Any] = {
        "row": row,
        "late": row.is_open and row.due_at <= reader.now,
        "facts": _facts(row, shown.revealed),
        "answers": answers,
        "revealed": shown.revealed,
        "conflict": shown.conflict,
        "errors": [ErrorItem(f"id_{name}", "", text) for name, texts in wrong.items() for text in texts],
        "error_title": error_title(len(wrong)),
        "held": [_held(issue, row) for issue in matters_of(row)] if answers and row.is_open else [],
        "may_decide": answers and row.status == RightsState.RECEIVED,
        "may_finish": answers and row.status == RightsState.DECIDED,
        "may_copy": answers and row.status == RightsState.DECIDED,
        "reason": _reason_field(request, wrong),
        "answer": _answer_field(request, wrong, "finish"),
        "refusal": _answer_field(request, wrong, "decline"),
        "why": _why_field(request, wrong),
        "days": history_of(RIGHTS, row.pk, reader.now),
    }
    return render(request, "console/privacy/request.html", context, status=shown.status)


def _facts(row: RightsRequest, revealed: rights.WhoAsks | None) -> list[dict[str, str]]:
    who = f"{revealed.name} {revealed.phone}".strip() if revealed else who_asks(row)
    found = (
        (_("请求"), str(row.get_kind_display())),
        (_("申请人"), f"{who} · {row.get_asked_as_display()}"),
        (_("来自"), f"{row.get_via_display()} · {row.community.name if row.community else row.subdistrict.name}"),
        (_("身份核实"), str(row.get_identity_display())),
        (_("具体要求"), row.words),
        (_("收到"), dates.moment(row.received_at)),
        (_("应答复"), dates.moment(row.due_at)),
        (_("不予办理的理由"), str(row.get_reason_display()) if row.reason else ""),
        (_("答复"), row.answer),
    )
    return [{"label": label, "value": value} for label, value in found]


def _held(issue: Issue, row: RightsRequest) -> MatterHeld:
    url = reverse("console-issue", args=[issue.number])
    edits = row.kind == RightsKind.CORRECT and row.status == RightsState.DECIDED
    return MatterHeld(
        number=issue.number,
        title=issue.title,
        state=str(issue.get_status_display()),
        raised=dates.day(issue.created_at),
        url=url,
        edit_url=f"{url}?action={Action.EDIT}" if edits else "",
    )


def _reason_field(request: HttpRequest, wrong: Errors) -> FieldShape:
    choices = pair_choices(DeclineReason.choices)
    return FieldShape(
        *("reason", _("理由"), "select", request.POST.get("reason", "")),
        choices=choices,
        required=True,
        errors=wrong.get("reason", ()),
    )


def _answer_field(request: HttpRequest, wrong: Errors, step: str) -> FieldShape:
    mine = request.POST.get("step") == step
    return FieldShape(
        *("answer", _("给本人的答复"), "textarea", request.POST.get("answer", "") if mine else ""),
        id="answer" if step == "finish" else "refusal",
        required=True,
        maxlength=rights.ANSWER,
        rows=4,
        help=_("本人在进度页看得到"),
        errors=wrong.get("answer", ()) if mine else (),
    )


def _why_field(request: HttpRequest, wrong: Errors) -> FieldShape:
    return FieldShape(
        *("why", _("查看原因"), "text", request.POST.get("why", "") if wrong else ""),
        required=True,
        maxlength=rights.REASON,
        help=_("查看会记录时间、人和原因。"),
        errors=wrong.get("why", ()),
    )
