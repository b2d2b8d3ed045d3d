"""What residents use without an account."""

import re
from typing import Any

from django.contrib.auth import get_user
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api import docs, shapes
from api.authentication import ApiTokenAuthentication
from api.base import PublicView, body_of
from api.drafts import public_draft
from api.errors import InvalidInput, TooMany
from api.idempotency import idempotent
from api.inputs import LookupInput, cleaned_values
from api.views.issues import perform
from common import limits
from common.clock import now
from common.http import network
from communities.access import Access, access_of
from communities.actors import Actor
from communities.emergencies import find_alarm
from door.blocks import is_blocked
from issues.enums import Proof
from issues.models import Issue
from issues.resident import Promise, ResidentView, device, issue_by_token, resident_view
from issues.services.creation import create
from issues.services.errors import NotPermitted
from issues.services.offers import allowed_offers
from issues.services.proof import check, look_up, read_phone, read_proof, refusal

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,32}")
_UNKNOWN = _("没有找到，请核对编号和手机后四位")


class PublicIssues(PublicView):
    """Reporting without an account."""

    @docs.public_create
    @idempotent
    def post(self, request: Request) -> Response:
        """Report a matter. 20 an hour from one network, 5 for one phone; none of it where somebody is in danger."""
        draft = public_draft(body_of(request))
        alarm = find_alarm(draft.subdistrict_id, draft.title, draft.description, draft.address)
        if is_blocked(
            subdistrict_id=draft.subdistrict_id, network=network(request), phone=draft.contact_phone, at=now()
        ):
            raise NotPermitted(_("暂时不能网上提交，请打电话给社区或街道"))
        counted = [] if alarm else limits.public_create(network=network(request), phone=draft.contact_phone)
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
            **shapes.emergency(issue),
        }
        return Response(answered, status=status.HTTP_201_CREATED)


class Lookup(PublicView):
    """Number and phone tail instead of an account."""

    @docs.public_lookup
    @idempotent
    def post(self, request: Request) -> Response:
        """How a matter stands. An unknown number, one without a phone and a wrong tail get the same 404."""
        values = cleaned_values(LookupInput, body_of(request))
        given = read_proof(values["phone_tail"])
        if given is None:
            raise InvalidInput({"phone_tail": _("请输入手机号后四位")})
        at = now()
        found = look_up(number=values["number"], given=given, network=network(request), at=at)
        if found.answer.retry_after:
            raise TooMany(found.answer.retry_after)
        if found.issue is None or found.answer.proof is Proof.LINK:
            raise NotFound(_UNKNOWN)
        response = Response(masked_standing(resident_view(found.issue, at, proof=Proof.TAIL), found.issue))
        keep_proof(request, response, found.issue, found.answer.proof)
        return response


class ByToken(PublicView):
    """One matter by its secret link."""

    @docs.public_detail
    def get(self, request: Request, token: str) -> Response:
        """What the link alone shows: the steps, their dates and the office; a look-up shows the answers as well."""
        return Response(told_matter(by_token(token), Proof.LINK))


class ActionByToken(PublicView):
    """What a resident may do with the own matter."""

    @docs.public_action
    @idempotent
    def post(self, request: Request, token: str, action: str) -> Response:
        """Confirm, object, withdraw, add a word …, with the whole phone number that was left."""
        issue = by_token(token)
        prove(request, issue, body_of(request).get("phone"))
        perform(issue, action, Actor.reporter(issue), request, version_needed=False)
        issue = by_token(token)
        response = Response(told_matter(issue, Proof.WHOLE))
        keep_proof(request, response, issue, Proof.WHOLE)
        return response


def prove(request: Request, issue: Issue, phone: Any) -> None:
    """Check the whole phone number; wrong ones count for the matter and the network.

    Raises Invalid, NotPermitted, TooMany.
    """
    refused = refusal(issue, _caller(request))
    if refused is not None:
        raise NotPermitted(refused)
    given = read_phone(phone) if isinstance(phone, str) else None
    if given is None:
        raise InvalidInput({"phone": _("请填写反映时留的完整手机号")})
    answer = check(issue=issue, given=given, network=network(request))
    if answer.retry_after:
        raise TooMany(answer.retry_after)
    if answer.proof is not Proof.WHOLE:
        raise NotPermitted(_("手机号不对"))


def _caller(request: Request) -> Access:
    """Whoever is signed in here after all, by session or token: those who may use the console prove nothing."""
    person = get_user(request._request)
    if person.is_authenticated:
        return access_of(person)
    try:
        known = ApiTokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        known = None
    return access_of(known[0] if known else None)


def keep_proof(request: Request, response: Response, issue: Issue, proof: Proof) -> None:
    """A browser that calls the API may open the matter's page and files from now on as if it had proven it there."""
    if not _caller(request).is_staff:
        device.keep_proof(request._request, response, issue, proof)


def by_token(token: str) -> Issue:
    """The matter behind the secret link. Raises NotFound."""
    issue = issue_by_token(token) if _TOKEN.fullmatch(token) else None
    if issue is None:
        raise NotFound(_("没有找到"))
    return issue


def masked_standing(view: ResidentView, issue: Issue) -> dict[str, Any]:
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


def told_matter(issue: Issue, proof: Proof) -> dict[str, Any]:
    """What the secret link shows to somebody who has shown ``proof``."""
    at = now()
    view = resident_view(issue, at, proof=proof)
    return masked_standing(view, issue) | {
        "title": view.title,
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
        "promise": promise_row(view.promise) if view.promise else None,
        "joined": view.joined,
        "others": view.others,
        "outcome": view.outcome or None,
        "verdict": view.verdict or None,
        "solved": view.solved or None,
        "version": issue.version,
        "available_actions": [shapes.offer(row) for row in allowed_offers(issue, Actor.reporter(issue), at)],
    }


def promise_row(promise: Promise) -> dict[str, Any]:
    """What was promised instead of a solution."""
    return {
        "text": promise.text,
        "department": promise.who,
        "due_on": promise.due_on.isoformat() if promise.due_on else None,
        "review_on": promise.review_on.isoformat() if promise.review_on else None,
        "kept_at": shapes.moment(promise.kept_at),
    }
