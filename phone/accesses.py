"""谁看过我的信息: for who has proven the whole number, from the page of a matter."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.phones import line_of
from communities.access import access_of
from issues.enums import Proof
from issues.models import Issue
from issues.resident import device
from issues.services.proof import refusal
from phone.forms import ProofForm
from phone.matter import unproven
from phone.resident import with_matter
from phone.shared import public
from privacy.accesses import accesses_for


@public
@require_http_methods(["GET", "HEAD", "POST"])
@with_matter
def who_saw(request: HttpRequest, issue: Issue) -> HttpResponse:
    """``/t/<token>/accesses/``: the list, or the field for the number; a POST proves it and writes nothing else."""
    if request.method != "POST":
        return _page(request, issue, ProofForm())
    form = ProofForm(request.POST)
    wrong = unproven(request, issue, form) if form.is_valid() else HTTPStatus.BAD_REQUEST
    if wrong is not None:
        return _page(request, issue, form, status=wrong)
    done = redirect("matter-accesses", token=issue.token)
    device.keep_proof(request, done, issue, Proof.WHOLE)
    return done


def _page(request: HttpRequest, issue: Issue, form: ProofForm, status: int = HTTPStatus.OK) -> HttpResponse:
    refused = refusal(issue, access_of(request.user))
    proven = refused is None and device.proof_of(request, issue) is Proof.WHOLE and issue.contact is not None
    context: dict[str, Any] = {"token": issue.token, "form": form, "refused": refused, "proven": proven}
    if proven and issue.contact is not None:
        found = accesses_for(issue, line_of(issue.contact.phone))
        context |= {"more": found.more, "rows": found.rows}
    return render(request, "phone/matter/accesses.html", context, status=status)
