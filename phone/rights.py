"""我的个人信息: what a person asks of the own data, from the page of a matter; the state of what was asked."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.clock import now
from common.masking import scrub
from communities.access import access_of
from communities.lines import OfficeLines
from issues.enums import Proof
from issues.models import Issue
from issues.resident import device
from issues.services.errors import InvalidFields, NotPermitted
from issues.services.proof import refusal
from phone.forms import RightsForm
from phone.matter import unproven
from phone.resident import with_matter
from phone.shared import add_errors, form_errors, public
from privacy.enums import RightsKind
from privacy.models import RightsRequest
from privacy.reading import requests_on
from privacy.services.errors import AlreadyAsked
from privacy.services.rights import ask_by_web


@dataclass(frozen=True)
class AskedRow:
    """One request as the person reads it: where it is, until when it is answered, the answer."""

    number: str
    kind: str
    state: str
    received_at: datetime
    due_at: datetime
    is_open: bool
    reason: str
    answer: str


@public
@require_http_methods(["GET", "HEAD", "POST"])
@with_matter
def rights(request: HttpRequest, issue: Issue) -> HttpResponse:
    """``/t/<token>/rights/``: what was asked, for who has proven the whole number, and the form; GET writes nothing."""
    if request.method != "POST":
        return _page(request, issue, RightsForm())
    form = RightsForm(request.POST)
    wrong = unproven(request, issue, form) if form.is_valid() else HTTPStatus.BAD_REQUEST
    if wrong is not None:
        return _page(request, issue, form, status=wrong)
    values = form.cleaned_data
    try:
        made = ask_by_web(issue=issue, kind=values["kind"], words=values["words"], at=now())
    except (AlreadyAsked, NotPermitted) as error:
        form.add_error(None, str(error.message))
        return _proven(request, issue, _page(request, issue, form, HTTPStatus.CONFLICT, proof=Proof.WHOLE))
    except InvalidFields as error:
        add_errors(form, error.fields)
        return _proven(request, issue, _page(request, issue, form, HTTPStatus.BAD_REQUEST, proof=Proof.WHOLE))
    messages.success(request, _("已收到，编号 %(number)s") % {"number": made.number})
    return _proven(request, issue, redirect("matter-rights", token=issue.token))


def _proven(request: HttpRequest, issue: Issue, response: HttpResponse) -> HttpResponse:
    device.keep_proof(request, response, issue, Proof.WHOLE)
    return response


def _page(
    request: HttpRequest, issue: Issue, form: RightsForm, status: int = HTTPStatus.OK, *, proof: Proof | None = None
) -> HttpResponse:
    proven = (proof or device.proof_of(request, issue)) is Proof.WHOLE
    context: dict[str, Any] = {
        "token": issue.token,
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "kinds": [
            {"code": code, "label": label, "text": _TEXTS[RightsKind(code)]()} for code, label in RightsKind.choices
        ],
        "chosen": form["kind"].value() or "",
        "asks_phone": not proven,
        "refused": refusal(issue, access_of(request.user)),
        "asked": [_asked(row, issue) for row in requests_on(issue)] if proven else [],
    }
    return render(request, "phone/matter/rights.html", context, status=status)


_TEXTS = {
    RightsKind.SEE: lambda: _("看社区记下了您的哪些信息"),
    RightsKind.EXPORT: lambda: _("要一份您的信息副本，到社区领取"),
    RightsKind.CORRECT: lambda: _("姓名、电话、地址或写的内容有误"),
    RightsKind.DELETE: lambda: _("办结后不再保留您的信息"),
}


def _asked(row: RightsRequest, issue: Issue) -> AskedRow:
    return AskedRow(
        number=row.number,
        kind=str(row.get_kind_display()),
        state=str(row.get_status_display()),
        received_at=row.received_at,
        due_at=row.due_at,
        is_open=row.is_open,
        reason=str(row.get_reason_display()) if row.reason else "",
        answer=scrub(row.answer, keep=OfficeLines(issue.subdistrict_id)),
    )
