"""Resident pages around one's matters: home, look-up, the community. GET changes nothing."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.clock import now
from common.http import network
from communities.finding import read_place
from communities.models import Community, SubDistrict
from deadlines.services import load_calendar
from issues.enums import Proof
from issues.models import Issue
from issues.notice import NOTICE_FROM
from issues.resident import device, for_reporters, resident_views
from issues.services.proof import Found, look_up, read_proof
from phone.forms import TrackForm
from phone.places import choices_of
from phone.public import home_sections
from phone.shared import (
    chosen_community,
    community_card,
    duty_phone,
    ends_used_up,
    findable,
    later,
    matter_of,
    public,
    state_words,
    too_many,
)

logger = logging.getLogger(__name__)


@findable
@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The way in: my matters, report, track, the community's phone."""
    community = chosen_community(request)
    in_hours = load_calendar().in_office_hours(now())
    return render(
        request,
        "phone/home.html",
        {
            "mine": _cards(request, remembered_matters(request)),
            "community": community_card(community),
            "off_hours": None if in_hours else {"phone": duty_phone(community)},
            **_sections(community),
        },
    )


def _sections(community: Community | None) -> dict[str, Any]:
    """What is released; where it cannot be read the sections vanish and the buttons stay."""
    try:
        return home_sections(community)
    except DatabaseError:
        logger.exception("the released matters could not be read")
        return {"public": None, "promises": None, "meetings": None}


def remembered_matters(request: HttpRequest) -> list[Issue]:
    """Up to three matters kept on this phone, newest first; one statement."""
    tokens = device.remembered_tokens(request)[:3]
    if not tokens:
        return []
    found = list(for_reporters(Issue.objects.filter(token__in=tokens)))
    return sorted(found, key=lambda issue: tokens.index(issue.token))


def _cards(request: HttpRequest, issues: list[Issue]) -> list[dict[str, str]]:
    views = resident_views(issues, now(), [device.proof_of(request, issue) for issue in issues])
    return [
        {"title": view.title, "text": state_words(view), "url": reverse("matter", args=[issue.token])}
        for issue, view in zip(issues, views, strict=True)
    ]


def with_matter(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pass the issue behind the secret link; a link that never was and one that is no longer answer the same 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        issue = matter_of(request, token)
        if issue is None:
            return render(request, "phone/link_expired.html", status=404)
        return view(request, issue, *args, **kwargs)

    return wrapped


@public
@require_POST
@with_matter
def matter_remember(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Keep the matter on this phone's home page, or take it off."""
    response = redirect("matter", token=issue.token)
    (device.remember if request.POST.get("remember") else device.forget)(request, response, issue.token)
    return response


@findable
@public
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Look-up by number and the last four digits of the phone, or the whole number, which lets one act as well."""
    community = community_card(chosen_community(request))
    if request.method != "POST":
        to = "rights" if request.GET.get("to") == "rights" else ""
        context = {"form": TrackForm(initial={"to": to}), "read_as": "", "community": community}
        return render(request, "phone/track.html", context)
    form = TrackForm(request.POST)
    read_as, wait = "", 0
    if form.is_valid():
        given = read_proof(form.cleaned_data["phone_tail"])
        if given is None:
            form.add_error("phone_tail", _("请填写手机后四位，或完整手机号"))
        else:
            found = look_up(number=form.cleaned_data["number"], given=given, network=network(request), at=now())
            if found.issue is not None and found.answer.proof is not Proof.LINK:
                return _to_matter(request, found.issue, found.answer.proof, remember=form.cleaned_data["remember"])
            wait = found.answer.retry_after
            if wait and given.proof is Proof.WHOLE:
                return too_many(request, wait)
            read_as = found.read_as
            _add_wrong(form, found)
    context = {"form": form, "read_as": read_as, "community": community}
    return later(render(request, "phone/track.html", context), wait)


def _to_matter(request: HttpRequest, issue: Issue, proof: Proof, *, remember: bool) -> HttpResponse:
    """To the matter, or to what its reporter asks of the own data, where that was looked for."""
    response = redirect("matter-rights" if request.POST.get("to") == "rights" else "matter", token=issue.token)
    device.keep_proof(request, response, issue, proof)
    if remember:
        device.remember(request, response, issue.token)
    return response


def _add_wrong(form: TrackForm, found: Found) -> None:
    if not found.read_as:
        form.add_error("number", _("编号不对，例如 123 或 2026-000123"))
    elif found.answer.retry_after:
        form.add_error("phone_tail", ends_used_up())
    else:
        form.add_error("phone_tail", tries_left(found.answer.left))


def tries_left(left: int) -> str:
    """编号或手机号不对，还可以试 3 次."""
    if left <= 0:
        return _("编号或手机号不对，今天不能再试了，请联系社区")
    words = ngettext("编号或手机号不对，还可以试 %(n)d 次", "编号或手机号不对，还可以试 %(n)d 次", left)
    return words % {"n": left}


@findable
@public
@require_http_methods(["GET", "HEAD", "POST"])
def community_pick(request: HttpRequest) -> HttpResponse:
    """Choose one's community, by it or by a place in it; the phone keeps it."""
    place = read_place(request.POST.get("place", ""))
    if place is not None and "find" not in request.POST:
        response = redirect("community-pick")
        device.keep_community(request, response, place.community_id)
        return response
    chosen = chosen_community(request)
    missed = request.method == "POST" and "find" not in request.POST
    context = {
        "current": community_card(chosen),
        "errors": [_("请选一个地点")] if missed else [],
        "off_hours": None if load_calendar().in_office_hours(now()) else {"phone": duty_phone(chosen)},
        **choices_of(request.POST, place),
    }
    return render(request, "phone/community_pick.html", context, status=400 if missed else 200)


@findable
@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """How personal data is handled, by whom, and since when it is so."""
    offices = SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk")
    return render(request, "phone/privacy.html", {"offices": offices, "notice_on": NOTICE_FROM})
