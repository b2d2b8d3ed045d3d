"""What residents use without an account."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs, shapes
from api.base import PublicView, body_of
from api.drafts import public_draft
from api.errors import Invalid, TooMany
from api.idempotency import idempotent
from api.inputs import LookupInput, checked
from api.views.issues import perform
from common import limits
from common.clock import now
from common.http import network
from issues.actors import Actor
from issues.finding import by_number, parse_number
from issues.models import Issue
from issues.resident import Promise, ResidentView, issue_by_token, resident_view
from issues.services.creation import create
from issues.services.errors import NotPermitted
from issues.services.offers import allowed
from issues.services.proof import TailAnswer, check_tail, fits, read_tail

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,32}")
_UNKNOWN = _("没有找到，请核对编号和手机后四位")


class PublicIssues(PublicView):
    """Reporting without an account."""

    @docs.public_create
    @idempotent
    def post(self, request: Request) -> Response:
        """Report a matter. 20 an hour from one network, 5 for one phone."""
        draft = public_draft(body_of(request))
        counted = limits.public_create(network=network(request), phone=draft.contact_phone)
        answer = limits.hit_all(counted)
        if isinstance(answer, limits.Denied):
            raise TooMany(answer.retry_after)
        try:
            issue = create(draft=draft, by=Actor.resident(), at=now())
        except Exception:
            limits.release_all(counted)
            raise
        answered = {
            "number": issue.number,
            "token": issue.token,
            "status": issue.status,
            "url": shapes.secret_link(issue),
        }
        return Response(answered, status=status.HTTP_201_CREATED)


class Lookup(PublicView):
    """Number and phone tail instead of an account."""

    @docs.public_lookup
    @idempotent
    def post(self, request: Request) -> Response:
        """How a matter stands. An unknown number, one without a phone and a wrong tail get the same 404."""
        values = checked(LookupInput, body_of(request))
        tail = clean_tail(values["phone_tail"])
        at = now()
        form = parse_number(values["number"], at)
        found = list(by_number(form).select_related(*_PAGE).defer("lexemes")) if form else []
        issue = next((row for row in found if fits(row, tail)), None)
        numbers = [row.number for row in ([issue] if issue else found)] or [str(form or values["number"])]
        for number in numbers:
            _check(check_tail(issue=issue, number=number, tail=tail, network=network(request)))
        if issue is None:
            raise NotFound(_UNKNOWN)
        return Response(standing(resident_view(issue, at), issue))


_PAGE = ("community", "subdistrict", "lead_department", "category", "contact")


class ByToken(PublicView):
    """One matter by its secret link."""

    @docs.public_detail
    def get(self, request: Request, token: str) -> Response:
        """How the matter stands; nobody's personal data."""
        return Response(told(_by_token(token)))


class ActionByToken(PublicView):
    """What a resident may do with the own matter."""

    @docs.public_action
    @idempotent
    def post(self, request: Request, token: str, action: str) -> Response:
        """Confirm, object, withdraw, add a word …, with the last four digits of the phone."""
        issue = _by_token(token)
        prove(request, issue)
        perform(issue, action, Actor.reporter(issue), request, version_needed=False)
        return Response(told(_by_token(token)))


def clean_tail(value: Any) -> str:
    """Four digits, full-width ones too. Raises Invalid."""
    tail = read_tail(value) if isinstance(value, str) else ""
    if not tail:
        raise Invalid({"phone_tail": _("请输入手机号后四位")})
    return tail


def prove(request: Request, issue: Issue) -> None:
    """Check ``phone_tail``; wrong ones count for the number and the network. Raises NotPermitted, TooMany."""
    tail = clean_tail(body_of(request).get("phone_tail"))
    if not _check(check_tail(issue=issue, number=issue.number, tail=tail, network=network(request))):
        raise NotPermitted(_("手机后四位不对"))


def _check(answer: TailAnswer) -> bool:
    if answer.retry_after:
        raise TooMany(answer.retry_after)
    return answer.right


def _by_token(token: str) -> Issue:
    issue = issue_by_token(token) if _TOKEN.fullmatch(token) else None
    if issue is None:
        raise NotFound(_("没有找到"))
    return issue


def standing(view: ResidentView, issue: Issue) -> dict[str, Any]:
    """The masked view that a look-up gives."""
    return {
        "number": view.number,
        "step": view.step,
        "status": view.status,
        "status_label": view.status_label,
        "sentence": "".join(view.sentence),
        "department": view.department or None,
        "promised_at": shapes.moment(view.promised_at),
        "promised_estimated": view.promised_estimated,
        "answers": [
            {"kind": said.kind, "text": said.text, "department": said.department, "at": shapes.moment(said.at)}
            for said in view.answers
        ],
        "url": shapes.secret_link(issue),
    }


def told(issue: Issue) -> dict[str, Any]:
    """What the secret link shows."""
    at = now()
    view = resident_view(issue, at)
    return standing(view, issue) | {
        "community": view.community,
        "below": view.below,
        "steps": [
            {
                "code": step.code,
                "label": step.label,
                "state": step.state,
                "at": shapes.moment(step.at),
                "who": step.who,
                "note": step.note,
                "expected": step.expected,
                "late": step.late,
            }
            for step in view.steps
        ],
        "was_promised_at": shapes.moment(view.was_promised_at),
        "why_paused": view.why_paused,
        "asked": {"text": view.asked.text, "at": shapes.moment(view.asked.at)} if view.asked else None,
        "asked_until": shapes.moment(view.asked_until),
        "organisations": [{"name": row.name, "waiting": row.waiting} for row in view.organisations],
        "promise": promised(view.promise) if view.promise else None,
        "joined": view.joined,
        "others": view.others,
        "outcome": view.outcome or None,
        "verdict": view.verdict or None,
        "solved": view.solved or None,
        "version": issue.version,
        "available_actions": [shapes.offer(row) for row in allowed(issue, Actor.reporter(issue), at)],
    }


def promised(promise: Promise) -> dict[str, Any]:
    """What was promised instead of a solution."""
    return {
        "text": promise.text,
        "department": promise.who,
        "due_on": promise.due_on.isoformat() if promise.due_on else None,
        "review_on": promise.review_on.isoformat() if promise.review_on else None,
        "kept_at": shapes.moment(promise.kept_at),
    }
