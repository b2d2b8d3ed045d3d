"""One matter by its secret link. Holding the link shows a masked page; acting asks for the phone tail once a device."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from common.clock import now
from common.http import network
from issues.actors import Actor
from issues.enums import Solved, Verdict
from issues.models import Issue
from issues.resident import issue_by_token, resident_view
from issues.services.actions import act
from issues.services.errors import Conflict, InvalidFields, IssueError
from issues.services.proof import check_tail, read_tail
from issues.views.phone import device
from issues.views.phone.forms import ActionForm
from issues.views.phone.resident import tries_left, with_matter
from issues.views.phone.shared import add_errors, form_errors, public, too_many

VERDICT = "verdict"
_ACTIONS: dict[str, tuple[str, ...]] = {
    "comment": ("note",),
    "request_callback": ("note",),
    "withdraw": ("note",),
    "reopen": ("reason",),
    VERDICT: ("solved", "verdict", "reason"),
}
_DONE = {
    "comment": gettext_lazy("已补充，社区和承办单位都看得到。"),
    "request_callback": gettext_lazy("已记下，1个工作日内给您回电。"),
    "withdraw": gettext_lazy("已撤回。"),
    "reopen": gettext_lazy("已退回重新办理。"),
    VERDICT: gettext_lazy("谢谢您，已记下您的评价。"),
}
"""What the resident reads after each."""


@public
@require_safe
@with_matter
def show(request: HttpRequest, issue: Issue) -> HttpResponse:
    """What is true now, in words."""
    return render(request, "phone/matter.html", _context(request, issue))


def _context(request: HttpRequest, issue: Issue, form: ActionForm | None = None) -> dict[str, Any]:
    return {
        "matter": resident_view(issue, now(), files=True),
        "token": issue.token,
        "asks_tail": not device.is_proven(request, issue.pk),
        "verdict": form,
        "form": form,
        "errors": form_errors(form) if form is not None else [],
        "remembered": issue.token in device.remembered_tokens(request),
        "forget_url": reverse("matter-remember", args=[issue.token]),
    }


@public
@require_http_methods(["GET", "HEAD", "POST"])
@with_matter
def action(request: HttpRequest, issue: Issue, action: str) -> HttpResponse:
    """One action of the reporter, as a page of its own; GET only shows it."""
    if action not in _ACTIONS:
        raise Http404(_("没有这个操作"))
    if request.method != "POST":
        return _page(request, issue, action, None)
    form = ActionForm(request.POST)
    proven = device.is_proven(request, issue.pk)
    if not form.is_valid():
        return _page(request, issue, action, form, status=400)
    if not proven:
        refused = _refuse_tail(request, issue, action, form)
        if refused is not None:
            return refused
    return _carry_out(request, issue, action, form)


def _page(request: HttpRequest, issue: Issue, action: str, form: ActionForm | None, status: int = 200) -> HttpResponse:
    context = _context(request, issue, form) | {"action": action}
    return render(request, "phone/matter_action.html", context, status=status)


def _refuse_tail(request: HttpRequest, issue: Issue, action: str, form: ActionForm) -> HttpResponse | None:
    """The answer to a wrong tail; None where it is right. What cannot be four digits is no try and is not counted."""
    if not read_tail(form.cleaned_data["phone_tail"]):
        form.add_error("phone_tail", _("请填写手机后四位"))
        return _page(request, issue, action, form, status=400)
    answer = check_tail(
        issue=issue, number=issue.number, tail=form.cleaned_data["phone_tail"], network=network(request)
    )
    if answer.right:
        return None
    if answer.retry_after:
        return too_many(request, answer.retry_after)
    form.add_error("phone_tail", tries_left(answer.left))
    return _page(request, issue, action, form, status=400)


def _carry_out(request: HttpRequest, issue: Issue, action: str, form: ActionForm) -> HttpResponse:
    try:
        code, data = _verdict(form) if action == VERDICT else (action, _fields(action, form))
        act(issue_id=issue.pk, action=code, by=Actor.reporter(issue), at=now(), data=data, version=issue.version)
    except InvalidFields as error:
        add_errors(form, dict(error.fields))
    except Conflict:
        form.add_error(None, _("情况刚有变化，请看最新进展后再提交；您写的内容已保留。"))
    except IssueError as error:
        form.add_error(None, str(error.message))
    else:
        messages.success(request, str(_DONE[action]))
        done = redirect("matter", token=issue.token)
        device.keep_proof(request, done, issue.pk)
        return done
    response = _page(request, issue_by_token(issue.token) or issue, action, form, status=400)
    device.keep_proof(request, response, issue.pk)
    return response


def _fields(action: str, form: ActionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in _ACTIONS[action] if form.cleaned_data.get(name)}


def _verdict(form: ActionForm) -> tuple[str, dict[str, Any]]:
    """A confirmation is a verdict; "not solved" or dissatisfaction is an objection and brings the matter back."""
    values = form.cleaned_data
    solved = values["solved"]
    if not solved:
        raise InvalidFields({"solved": _("请选择解决了没有")})
    verdict = values["verdict"] or ("" if solved != Solved.NO else Verdict.DISSATISFIED)
    if not verdict:
        raise InvalidFields({"verdict": _("请选择是否满意")})
    reason = values["reason"] or values["dissatisfied_reason"]
    if solved == Solved.NO or verdict == Verdict.DISSATISFIED:
        if not reason:
            field = "reason" if solved != Solved.YES else "dissatisfied_reason"
            raise InvalidFields({field: _("请说一说哪里没解决、哪里不满意")})
        return "redo", {"reason": reason, "verdict": verdict, "solved": solved}
    return "record_follow_up", {"verdict": verdict, "solved": solved, "reason": reason}
