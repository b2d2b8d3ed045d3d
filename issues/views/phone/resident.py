"""Resident pages around one's matters: home, report, look-up. GET changes nothing."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import limits
from common.clock import now
from common.http import network
from communities.models import Building, Community
from deadlines.services import load_calendar
from issues import finding
from issues.actors import Actor
from issues.enums import Kind, Source
from issues.models import Issue
from issues.resident import issue_by_token, resident_view
from issues.services import submissions
from issues.services.creation import NewIssue, create
from issues.services.errors import InvalidFields
from issues.services.proof import check_tail, fits, read_tail
from issues.views.phone import device
from issues.views.phone.forms import ReportForm, TrackForm
from issues.views.phone.shared import (
    add_errors,
    building_of,
    chosen_community,
    community_card,
    community_of,
    duty_phone,
    form_errors,
    public,
    state_words,
    too_many,
)


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
            "mine": [_card(issue) for issue in remembered(request)],
            "community": community_card(community),
            "off_hours": None if in_hours else {"phone": duty_phone(community)},
            "public": [],
            "public_more": False,
        },
    )


def remembered(request: HttpRequest) -> list[Issue]:
    """Up to three matters kept on this phone, newest first; one statement."""
    tokens = device.remembered_tokens(request)[:3]
    if not tokens:
        return []
    found = Issue.objects.filter(token__in=tokens).select_related(
        "community", "subdistrict", "lead_department", "category", "contact"
    )
    return sorted(found.defer("lexemes", "description"), key=lambda issue: tokens.index(issue.token))


def _card(issue: Issue) -> dict[str, str]:
    view = resident_view(issue, now())
    return {"title": view.title, "text": state_words(view), "url": reverse("matter", args=[issue.token])}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """A matter raised without an account."""
    if request.method != "POST":
        form = ReportForm(
            initial={"idempotency_key": secrets.token_urlsafe(16), "again": request.GET.get("again", "")[:32]}
        )
        return render(request, "phone/report.html", _report_context(request, form))
    form = ReportForm(request.POST)
    if request.POST.get("website"):
        return redirect("home")
    building = building_of(request.POST.get("building", ""))
    community = building.community if building else community_of(request.POST.get("community", ""))
    form.is_valid()
    if community is None:
        form.add_error("community", _("请选择社区"))
    elif form.is_valid():
        return _submit(request, form, community, building)
    return render(request, "phone/report.html", _report_context(request, form), status=400)


def _submit(request: HttpRequest, form: ReportForm, community: Community, building: Building | None) -> HttpResponse:
    values = form.cleaned_data
    answer = limits.hit_all(limits.public_create(network=network(request), phone=values["contact_phone"]))
    if isinstance(answer, limits.Denied):
        return too_many(request, answer.retry_after)
    earlier = _earlier(request, values["again"])
    draft = NewIssue(
        subdistrict_id=community.subdistrict_id,
        community_id=community.pk,
        building_id=building.pk if building else None,
        description=values["description"],
        address=values["address"],
        kind=Kind.HELP,
        source=Source.WEB,
        contact_name=values["contact_name"],
        contact_phone=values["contact_phone"],
        confidential=values["confidential"],
        repeat_of_id=earlier.pk if earlier and earlier.community_id == community.pk else None,
    )
    try:
        issue = submissions.once(
            key=values["idempotency_key"] or secrets.token_urlsafe(16),
            user_id=None,
            make=lambda: create(draft=draft, by=Actor.resident(), at=now()),
        )
    except InvalidFields as error:
        add_errors(form, dict(error.fields))
        return render(request, "phone/report.html", _report_context(request, form), status=400)
    response = redirect("report-done", token=issue.token)
    device.keep_community(request, response, community.pk)
    device.keep_proof(request, response, issue.pk)
    return response


def _earlier(request: HttpRequest, token: str) -> Issue | None:
    """The closed matter that is raised again, where this phone has proven to be its reporter's."""
    issue = issue_by_token(token) if token else None
    return issue if issue is not None and device.is_proven(request, issue.pk) else None


def _report_context(request: HttpRequest, form: ReportForm) -> dict[str, Any]:
    sent = request.POST if request.method == "POST" else request.GET
    building = building_of(sent.get("building", ""))
    earlier = _earlier(request, sent.get("again", "")[:32])
    chosen = earlier.community_id if earlier else device.community_id(request)
    if not form.is_bound and chosen:
        form.initial.setdefault("community", str(chosen))
    return {
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "place": _place(building) if building else None,
        "communities": [] if building else _community_choices(),
        "idempotency_key": form["idempotency_key"].value(),
        "again": form["again"].value() or "",
        "failed": False,
    }


def _place(building: Building) -> dict[str, Any]:
    return {
        "building": building.pk,
        "community": building.community_id,
        "name": f"{building.neighbourhood.name}{building.name}",
        "note": _("%(community)s，已按门口二维码填好") % {"community": building.community.name},
        "change_url": reverse("report"),
    }


def _community_choices() -> list[dict[str, str]]:
    rows = Community.objects.filter(retired_at__isnull=True).order_by("subdistrict_id", "initials", "id")
    return [{"code": str(row.pk), "name": row.name} for row in rows]


def with_matter(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pass the issue behind the secret link; a link that never was and one that is no longer answer the same 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        issue = issue_by_token(token)
        if issue is None:
            return render(request, "phone/link_expired.html", status=404)
        return view(request, issue, *args, **kwargs)

    return wrapped


@public
@require_safe
@with_matter
def report_done(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Number and QR of a matter that was just raised on this phone."""
    token = issue.token
    if not device.is_proven(request, issue.pk):
        return redirect("matter", token=token)
    link = settings.PUBLIC_URL + reverse("matter", args=[token])
    return render(
        request,
        "phone/report_done.html",
        {
            "matter": resident_view(issue, now()),
            "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
            "short_number": str(issue.serial),
            "matter_url": reverse("matter", args=[token]),
            "remember_url": reverse("matter-remember", args=[token]),
            "remembered": token in device.remembered_tokens(request),
        },
    )


@public
@require_POST
@with_matter
def matter_remember(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Keep the matter on this phone's home page, or take it off."""
    response = redirect("matter", token=issue.token)
    (device.remember if request.POST.get("remember") else device.forget)(request, response, issue.token)
    return response


@public
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Look-up by number and the last four digits of the phone."""
    community = community_card(chosen_community(request))
    if request.method != "POST":
        return render(request, "phone/track.html", {"form": TrackForm(), "read_as": "", "community": community})
    form = TrackForm(request.POST)
    read_as, status = "", 200
    if form.is_valid():
        number = finding.parse_number(form.cleaned_data["number"], now())
        if number is None:
            form.add_error("number", _("编号不对，例如 123 或 2026-000123"))
        else:
            read_as = str(number)
            found = list(finding.by_number(number).select_related("contact").defer("lexemes")[:10])
            tail = form.cleaned_data["phone_tail"]
            issue = next((row for row in found if fits(row, read_tail(tail))), None)
            answer = check_tail(issue=issue, number=read_as, tail=tail, network=network(request))
            if answer.right and issue is not None:
                response = redirect("matter", token=issue.token)
                device.keep_proof(request, response, issue.pk)
                if form.cleaned_data["remember"]:
                    device.remember(request, response, issue.token)
                return response
            if answer.retry_after:
                return too_many(request, answer.retry_after)
            form.add_error("phone_tail", tries_left(answer.left))
    context = {"form": form, "read_as": read_as, "community": community}
    return render(request, "phone/track.html", context, status=status)


def tries_left(left: int) -> str:
    """手机后四位不对，还可以试 3 次."""
    if left <= 0:
        return _("编号或手机后四位不对，今天不能再试了，请联系社区")
    words = ngettext("编号或手机后四位不对，还可以试 %(n)d 次", "编号或手机后四位不对，还可以试 %(n)d 次", left)
    return words % {"n": left}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def community_pick(request: HttpRequest) -> HttpResponse:
    """Choose one's community; the phone keeps it."""
    if request.method == "POST":
        community = community_of(request.POST.get("community", ""))
        response = redirect("community-pick")
        if community is not None:
            device.keep_community(request, response, community.pk)
        return response
    chosen = chosen_community(request)
    return render(
        request,
        "phone/community_pick.html",
        {
            "communities": _community_choices(),
            "current": community_card(chosen),
            "chosen": str(chosen.pk) if chosen else "",
            "off_hours": None if load_calendar().in_office_hours(now()) else {"phone": duty_phone(chosen)},
        },
    )


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """How personal data is handled."""
    return render(request, "phone/privacy.html")


@public
@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """Released matters of the community; none can be released yet."""
    return render(
        request,
        "phone/public_list.html",
        {"items": [], "community": community_card(chosen_community(request)), "next_url": "", "previous_url": ""},
    )
