"""The leader's pages: report for residents, see what became of it."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common.clock import now
from communities.models import Building, Leader, LeaderPlace, Neighbourhood
from issues.actors import Actor
from issues.enums import Kind, Source, Status, TimeLimit
from issues.models import Issue
from issues.resident import resident_view
from issues.services import submissions
from issues.services.creation import NewIssue, create
from issues.services.errors import InvalidFields
from issues.views.phone.forms import LeaderReportForm
from issues.views.phone.shared import add_errors, form_errors, state_words

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 20


def for_leaders(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Only somebody who is a leader; the leader and the places come with the request."""

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        leader = (
            Leader.objects.filter(user_id=request.user.pk or 0, retired_at__isnull=True)
            .select_related("community", "subdistrict")
            .first()
        )
        if leader is None:
            raise PermissionDenied(_("此页面供楼长、巷长、街长使用"))
        return view(request, leader, *args, **kwargs)

    return wrapped


@require_safe
@for_leaders
def home(request: HttpRequest, leader: Leader) -> HttpResponse:
    """What I reported and what became of it."""
    at = now()
    places = _places(leader)
    place = _chosen(request, places)
    reported = (
        Issue.objects.filter(leader_id=leader.pk)
        .select_related("community", "subdistrict", "lead_department", "category", "contact")
        .defer("lexemes", "description")
        .order_by("-id")[:SHOWN]
    )
    return render(
        request,
        "phone/leader/home.html",
        {
            "leader": {
                "greeting_name": leader.name,
                "place": _name(place) if place else leader.community.name,
                "places": [
                    {"name": _name(row), "url": f"{reverse('leader-home')}?place={row.pk}", "current": row == place}
                    for row in places
                ],
            },
            "todo": [],
            "reports": [_item(issue, at) for issue in reported],
            "next_url": "",
        },
    )


def _places(leader: Leader) -> list[LeaderPlace]:
    rows = LeaderPlace.objects.filter(leader=leader).select_related("building__neighbourhood", "neighbourhood")
    return list(rows.order_by("-first", "id"))


def _chosen(request: HttpRequest, places: list[LeaderPlace]) -> LeaderPlace | None:
    wanted = request.POST.get("building") or request.GET.get("place")
    return next((row for row in places if str(row.pk) == wanted), places[0] if places else None)


def _name(place: LeaderPlace) -> str:
    if place.building is not None:
        return f"{place.building.neighbourhood.name}{place.building.name}"
    return place.neighbourhood.name if place.neighbourhood else ""


def _item(issue: Issue, at: Any) -> dict[str, Any]:
    view = resident_view(issue, at)
    state = issue.time_limit(at)
    return {
        "title": issue.title,
        "number": issue.number,
        "url": reverse("matter", args=[issue.token]),
        "state": state.value if issue.is_open else "plain",
        "state_label": str(TimeLimit(state).label) if issue.is_open else str(Status(issue.status).label),
        "department": view.department,
        "text": state_words(view) if issue.is_open else "".join(view.sentence),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_leaders
def report(request: HttpRequest, leader: Leader) -> HttpResponse:
    """One sentence about one's own place."""
    places = _places(leader)
    place = _chosen(request, places)
    if request.method != "POST":
        form = LeaderReportForm(initial={"idempotency_key": secrets.token_urlsafe(16)})
        return render(request, "phone/leader/report.html", _report_context(form, place, places))
    form = LeaderReportForm(request.POST)
    if form.is_valid():
        try:
            issue = submissions.once(
                key=form.cleaned_data["idempotency_key"] or secrets.token_urlsafe(16),
                user_id=request.user.pk,
                make=lambda: create(
                    draft=_draft(leader, place, form),
                    by=Actor.staff(cast("User", request.user)),
                    at=now(),
                ),
            )
        except InvalidFields as error:
            add_errors(form, dict(error.fields))
        else:
            messages.success(request, _("已收到 %(number)s") % {"number": issue.number})
            return redirect("leader-home")
    return render(request, "phone/leader/report.html", _report_context(form, place, places), status=400)


def _draft(leader: Leader, place: LeaderPlace | None, form: LeaderReportForm) -> NewIssue:
    building: Building | None = place.building if place else None
    neighbourhood: Neighbourhood | None = place.neighbourhood if place else None
    return NewIssue(
        subdistrict_id=leader.subdistrict_id,
        community_id=leader.community_id,
        building_id=building.pk if building else None,
        neighbourhood_id=neighbourhood.pk if neighbourhood else None,
        description=form.cleaned_data["description"],
        address=form.cleaned_data["address"],
        kind=Kind.HELP,
        source=Source.LEADER,
        contact_name=leader.name,
        contact_phone=leader.phone,
        leader_id=leader.pk,
    )


def _report_context(form: LeaderReportForm, place: LeaderPlace | None, places: list[LeaderPlace]) -> dict[str, Any]:
    return {
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "place": {"building": place.pk, "name": _name(place), "note": _("您负责的地点")} if place else None,
        "places": [{"building": row.pk, "name": _name(row)} for row in places],
        "idempotency_key": form["idempotency_key"].value(),
        "failed": False,
    }
