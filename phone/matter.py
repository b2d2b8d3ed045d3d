"""One matter by its secret link: what the link alone shows, and what a phone that has proven itself shows and may do.

Reading the office's answers asks for the end of the phone number, one's own words and every action for all of it, once
a device. A leader who reported the matter acts with the own account and is asked for neither.
"""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from common.clock import now
from common.http import network
from communities.access import access_of
from communities.actors import Actor
from files.errors import FileRefused
from files.services import claim
from issues.enums import SUBJECT, Action, Proof, Solved, Status, Verdict
from issues.models import Issue
from issues.resident import device, resident_view
from issues.services import submissions
from issues.services.actions import act
from issues.services.errors import Conflict, InvalidFields, IssueError, Words
from issues.services.proof import NO_PHONE, check, has_phone, read_phone, read_proof, refusal
from issues.wording.limits import within
from phone import crossing
from phone.again import STALE, HeldForm, acted_before, key_of
from phone.forms import ActionForm, ProofForm, RightsForm
from phone.matter_actions import ACTIONS, VERDICT
from phone.resident import with_matter
from phone.shared import (
    TooManyTries,
    Untouched,
    add_errors,
    ends_used_up,
    form_errors,
    later,
    matter_of,
    public,
    reporting_leader,
    tell_masked,
    too_many,
)
from phone.uploads import FIELD, Uploads, refuse, refuse_claim, sent_by, uploads_of


@public
@require_safe
@with_matter
def show(request: HttpRequest, issue: Issue) -> HttpResponse:
    """What is true now, in words."""
    return render(request, "phone/matter/page.html", _context(request, issue, _Asked("")))


@public
@require_http_methods(["GET", "HEAD", "POST"])
@with_matter
def prove(request: HttpRequest, issue: Issue) -> HttpResponse:
    """The end of the phone number, or all of it, to see more of the matter; no action goes with it."""
    if request.method != "POST":
        return redirect("matter", token=issue.token)
    form = ProofForm(request.POST)
    form.is_valid()
    given, wait = read_proof(form.cleaned_data.get("phone_tail", "")), 0
    if given is None:
        form.add_error("phone_tail", _("请填写手机后四位，或完整手机号"))
    elif not has_phone(issue):
        form.add_error(None, NO_PHONE)
    else:
        answer = check(issue=issue, given=given, network=network(request))
        if answer.retry_after and given.proof is Proof.WHOLE:
            return too_many(request, answer.retry_after)
        if answer.proof is not Proof.LINK:
            done = redirect("matter", token=issue.token)
            device.keep_proof(request, done, issue, answer.proof)
            return done
        form.add_error("phone_tail", ends_used_up() if answer.retry_after else wrong_phone(answer.left))
        wait = answer.retry_after
    context = _context(request, issue, _Asked("")) | {"proof_form": form}
    return later(render(request, "phone/matter/page.html", context, status=400), wait)


def wrong_phone(left: int) -> str:
    """手机号不对，还可以试 3 次."""
    if left <= 0:
        return _("手机号不对，今天不能再试了，请联系社区")
    return ngettext("手机号不对，还可以试 %(n)d 次", "手机号不对，还可以试 %(n)d 次", left) % {"n": left}


@dataclass
class _Asked:
    """What the reporter asked for: the action, what was typed, and the files that came."""

    action: str
    form: ActionForm | None = None
    uploads: Uploads = field(default_factory=Uploads)
    held: HeldForm | None = None


def _context(request: HttpRequest, issue: Issue, asked: _Asked) -> dict[str, Any]:
    leader, form = reporting_leader(request, issue), asked.form
    proof = Proof.WHOLE if leader is not None else device.proof_of(request, issue)
    return {
        "matter": resident_view(issue, now(), proof=proof, files=True, actor=leader),
        "token": issue.token,
        "callback_within": within(issue, "callback"),
        "asks_phone": proof is not Proof.WHOLE,
        "refused": refusal(issue, access_of(request.user)) if leader is None else None,
        "proof_form": None,
        "verdict": Untouched() if form is None else form,
        "form": form,
        "errors": form_errors(form) if form is not None else [],
        "uploads": asked.uploads,
        "held": asked.held,
        "idempotency_key": key_of(form, asked.held),
        "why_not": "",
        "remembered": issue.token in device.remembered_tokens(request),
        "forget_url": reverse("matter-remember", args=[issue.token]),
        "home_url": reverse("leader-home") if leader is not None else reverse("home"),
    }


@public
@require_http_methods(["GET", "HEAD", "POST"])
@with_matter
def action(request: HttpRequest, issue: Issue, action: str) -> HttpResponse:
    """One action of the reporter, as a page of its own; GET only shows it."""
    if action not in ACTIONS:
        raise Http404(_("没有这个操作"))
    asked = _Asked(action)
    if request.method != "POST":
        return _asking(request, issue, asked)
    leader = reporting_leader(request, issue)
    form = asked.form = ActionForm(request.POST)
    wrong = None if form.is_valid() else HTTPStatus.BAD_REQUEST
    if wrong is None and leader is None:
        wrong = unproven(request, issue, form)
    if ACTIONS[action].files:
        asked.uploads = uploads_of(request, now(), right=wrong is None, by_id=leader.user_id if leader else None)
        refuse(form, asked.uploads)
    if form.errors:
        return _page(request, issue, asked, status=wrong or HTTPStatus.BAD_REQUEST)
    return _carry_out(request, issue, asked, form)


def _asking(request: HttpRequest, issue: Issue, asked: _Asked) -> HttpResponse:
    """The page of an action, or the matter and a sentence where the action is not possible now."""
    context = _context(request, issue, asked)
    if crossing.is_offered(context["matter"], asked.action):
        return _page(request, issue, asked)
    context["why_not"] = crossing.why_not(context["matter"], asked.action)
    return render(request, "phone/matter/page.html", context)


def _crossed(request: HttpRequest, issue: Issue, asked: _Asked) -> HttpResponse:
    """Somebody acted in between: what is possible now, with what was written; else the matter as it is."""
    context = _context(request, issue, asked)
    view = context["matter"]
    if asked.action == Action.REQUEST_CALLBACK and view.callback is not None and view.callback.waits:
        messages.success(request, view.callback.text)
        return redirect("matter", token=issue.token)
    found = crossing.offer_instead(view, asked.action, request.POST)
    if found is None:
        context |= {"why_not": crossing.why_not(view, asked.action), "form": None, "verdict": None, "errors": []}
        return render(request, "phone/matter/page.html", context, status=409)
    now_asked = _Asked(found.action, found.form, asked.uploads, found.held)
    return _page(request, issue, now_asked, status=found.held.status)


def _page(request: HttpRequest, issue: Issue, asked: _Asked, status: int = 200) -> HttpResponse:
    context = _context(request, issue, asked)
    context |= {"action": asked.action, "asks": ACTIONS[asked.action]}
    return render(request, "phone/matter/action.html", context, status=status)


def unproven(request: HttpRequest, issue: Issue, form: ActionForm | RightsForm | ProofForm) -> HTTPStatus | None:
    """The status for whoever is not proven to be the reporter, the reason said in the form; None for the reporter.

    What cannot be a whole phone number is no try and is not counted. Raises TooManyTries.
    """
    why = refusal(issue, access_of(request.user))
    if why is not None:
        form.add_error(None, str(why))
        return HTTPStatus.FORBIDDEN
    if device.proof_of(request, issue) is Proof.WHOLE:
        return None
    given = read_phone(form.cleaned_data["phone_tail"])
    if given is None:
        form.add_error("phone_tail", _("请填写反映时留的完整手机号"))
        return HTTPStatus.BAD_REQUEST
    answer = check(issue=issue, given=given, network=network(request))
    if answer.proof is Proof.WHOLE:
        return None
    if answer.retry_after:
        raise TooManyTries(answer.retry_after)
    form.add_error("phone_tail", wrong_phone(answer.left))
    return HTTPStatus.BAD_REQUEST


def _carry_out(request: HttpRequest, issue: Issue, asked: _Asked, form: ActionForm) -> HttpResponse:
    action, by = asked.action, reporting_leader(request, issue) or Actor.reporter(issue)
    sent = sent_by(request, ACTIONS[action].fields, by.user_id, about=f"{issue.pk} {action}")
    try:
        code, data = _verdict(issue, form) if action == VERDICT else (action, _fields(action, form))
        submissions.submit_once(sent, lambda: _act(issue, code, by, data, asked.uploads))
    except submissions.FormSentBefore:
        asked.held = acted_before()
    except InvalidFields as error:
        if "idempotency_key" in error.fields:
            asked.held = STALE
        else:
            add_errors(form, {FIELD if name == "attachments" else name: words for name, words in error.fields.items()})
    except FileRefused as error:
        refuse_claim(form, error)
    except Conflict:
        crossed = _crossed(request, matter_of(request, issue.token) or issue, asked)
        device.keep_proof(request, crossed, issue, Proof.WHOLE)
        return crossed
    except IssueError as error:
        form.add_error(None, str(error.message))
    else:
        messages.success(request, _done(request, issue, action, form))
        tell_masked(request, data)
        done = redirect("matter", token=issue.token)
        device.keep_proof(request, done, issue, Proof.WHOLE)
        return done
    status = asked.held.status if asked.held is not None else 400
    response = _page(request, matter_of(request, issue.token) or issue, asked, status=status)
    device.keep_proof(request, response, issue, Proof.WHOLE)
    return response


def _act(issue: Issue, code: str, by: Actor, data: dict[str, Any], uploads: Uploads) -> Issue:
    """The action and the files that come with it: both or neither."""
    at = now()
    with transaction.atomic():
        files = claim(public_ids=uploads.public_ids, owner_kind=SUBJECT, owner_id=issue.pk, by_id=by.user_id, at=at)
        if files:
            data = data | {"attachments": [file.pk for file in files]}
        return act(issue_id=issue.pk, action=code, by=by, at=at, data=data, version=issue.version)


def _done(request: HttpRequest, issue: Issue, action: str, form: ActionForm) -> str:
    if action == VERDICT and _objects(form.cleaned_data["solved"], form.cleaned_data["verdict"]):
        if issue.status == Status.MERGED:
            return _("已记下，并转告街道社会治理办公室。")
        if issue.status == Status.CLOSED:
            return str(ACTIONS[Action.REOPEN].done)
        return _("已记下，退回承办单位重新办理。")
    done = str(ACTIONS[action].done) % {"within": within(issue, "callback")}
    if action == Action.REQUEST_CALLBACK:
        view = resident_view(matter_of(request, issue.token) or issue, now())
        return view.callback.text if view.callback else done
    return done


def _fields(action: str, form: ActionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ACTIONS[action].fields if form.cleaned_data.get(name)}


def _objects(solved: str, verdict: str) -> bool:
    return solved == Solved.NO or verdict == Verdict.DISSATISFIED


def _verdict(issue: Issue, form: ActionForm) -> tuple[str, dict[str, Any]]:
    """A confirmation is a verdict; "not solved" or dissatisfaction is an objection and brings the matter back.

    Who joined another matter does not bring it back: the objection is a verdict that goes to the supervisor.
    """
    values = form.cleaned_data
    solved, verdict = values["solved"], values["verdict"]
    reason = values["reason"] if solved != Solved.YES else ""
    reason = reason or (values["dissatisfied_reason"] if verdict == Verdict.DISSATISFIED else "")
    wrong: dict[str, Words] = {}
    if not solved:
        wrong["solved"] = _("请选择解决了没有")
    elif not verdict and solved != Solved.NO:
        wrong["verdict"] = _("请选择是否满意")
    if _objects(solved, verdict) and not reason:
        field = "dissatisfied_reason" if solved == Solved.YES else "reason"
        wrong[field] = _("请说一说哪里没解决、哪里不满意")
    if wrong:
        raise InvalidFields(wrong)
    data = {"solved": solved, "reason": reason} | ({"verdict": verdict} if verdict else {})
    if not _objects(solved, verdict):
        return Action.RECORD_FOLLOW_UP, data
    if issue.status == Status.CLOSED:
        return Action.REOPEN, {"reason": reason}
    return (Action.RECORD_FOLLOW_UP if issue.status == Status.MERGED else Action.REDO), data
