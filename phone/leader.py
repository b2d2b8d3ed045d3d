"""The leader's pages: report for residents, see what became of it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import phones
from common import dates
from common.clock import now
from common.keyset import BadCursor, paginate
from communities.actors import Actor
from communities.emergencies import find_alarm
from communities.models import Building, Leader, LeaderPlace, Neighbourhood
from files.enums import Size
from files.services import of_owners
from issues.enums import SUBJECT, Action, Kind, Proof, Source, Status
from issues.models import Issue
from issues.querysets import NEWEST, IssueQuerySet
from issues.reading.attachments import ids_in, naming_events, resident_link
from issues.resident import ResidentView, for_reporters, resident_views
from issues.services import submissions
from issues.services.creation import NewIssue, alarm_of, create
from issues.services.errors import InvalidFields
from phone.again import STALE, HeldForm, key_of, reopenable, sent_before
from phone.forms import LeaderReportForm
from phone.shared import NUMBER, add_errors, alarm_item, as_pk, finish_answer, form_errors, tell_masked
from phone.uploads import FIELD, Uploads, refuse, sent_by, uploads_of

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 20
_WORDS = ("description", "building", "address")
"""What makes one report another than the one sent before under the same key."""


def for_leaders(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Only somebody who is a leader; the leader and the places come with the request."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        leader = (
            Leader.objects.filter(user_id=request.user.pk or 0, retired_at__isnull=True)
            .select_related("community", "subdistrict")
            .first()
        )
        if leader is None:
            raise PermissionDenied(_("此页面供楼长、巷长、街长使用"))
        return finish_answer(request, view(request, leader, *args, **kwargs))

    return wrapped


@require_safe
@for_leaders
def home(request: HttpRequest, leader: Leader) -> HttpResponse:
    """What I am asked for, what I reported and what became of it."""
    at = now()
    places = _places(leader)
    place = _chosen(request, places)
    try:
        page = paginate(_reported(leader), order=NEWEST, cursor=request.GET.get("after", "")[:200], size=SHOWN)
    except BadCursor:
        return redirect("leader-home")
    wanted = list(_reported(leader).filter(status=Status.NEED_INFO).order_by("-id")[:SHOWN])
    shown = {issue.pk: issue for issue in (*wanted, *page.rows)}
    views = dict(zip(shown, resident_views(list(shown.values()), at, [Proof.WHOLE] * len(shown)), strict=True))
    photos = _answer_photos(page.rows)
    following = f"{reverse('leader-home')}?after={page.next_cursor}" if page.next_cursor else ""
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
            "alarm": _alarm(request, leader),
            "todo": [_todo(issue, views[issue.pk]) for issue in wanted],
            "reports": [_item(issue, views[issue.pk], at) | {"photo": photos.get(issue.pk)} for issue in page.rows],
            "next_url": following,
            "bound": phones.is_bound(phones.secret_of(request), at),
        },
    )


def _alarm(request: HttpRequest, leader: Leader) -> dict[str, Any] | None:
    """Whom to dial first, right after a report that speaks of danger (``?sent=``)."""
    sent = as_pk(request.GET.get("sent", ""))
    issue = Issue.objects.filter(pk=sent, leader_id=leader.pk).exclude(alarm="").first() if sent else None
    return alarm_item(alarm_of(issue)) if issue is not None else None


def _reported(leader: Leader) -> IssueQuerySet:
    return for_reporters(Issue.objects.filter(leader_id=leader.pk))


def _places(leader: Leader) -> list[LeaderPlace]:
    rows = LeaderPlace.objects.filter(leader=leader).select_related("building__neighbourhood", "neighbourhood")
    return list(rows.order_by("-first", "id"))


def place_names(leader: Leader) -> list[str]:
    """What a leader looks after, the leading places first."""
    return [_name(row) for row in _places(leader)]


def _chosen(request: HttpRequest, places: list[LeaderPlace]) -> LeaderPlace | None:
    wanted = request.POST.get("building") or request.GET.get("place")
    return next((row for row in places if str(row.pk) == wanted), places[0] if places else None)


def _name(place: LeaderPlace) -> str:
    if place.building is not None:
        return f"{place.building.neighbourhood.name}{place.building.name}"
    return place.neighbourhood.name if place.neighbourhood else ""


def _answer_photos(issues: list[Issue]) -> dict[int, dict[str, str]]:
    """The first photo of each one's last answer, small; two statements."""
    ids = [issue.pk for issue in issues]
    answers = {event.subject_id: event for event in naming_events(ids) if event.kind == Action.REPLY}
    files, found = of_owners(SUBJECT, ids), {}
    for issue in issues:
        named = ids_in(answers[issue.pk]) if issue.pk in answers else []
        photo = next((file for file in files[issue.pk] if file.pk in named and file.is_photo and file.is_ready), None)
        if photo is not None:
            found[issue.pk] = {"url": resident_link(issue.token)(photo, Size.SMALL), "label": _("答复的照片")}
    return found


def _todo(issue: Issue, view: ResidentView) -> dict[str, Any]:
    """More information wanted on what the leader reported."""
    until = view.asked_until
    return {
        "title": _("补充情况：%(title)s") % {"title": issue.title},
        "url": reverse("matter-action", args=[issue.token, "give_info"]),
        "state": "due_soon" if until is not None else "plain",
        "state_label": _("等您补充"),
        "department": view.community,
        "text": _("%(day)s前") % {"day": dates.day(until)} if until is not None else "",
    }


def _item(issue: Issue, view: ResidentView, at: datetime) -> dict[str, Any]:
    """The state in words, the promised date, and what waits for the leader's word."""
    state, label = "plain", view.stage
    if view.asks_verdict:
        state, label = "fresh", _("等您确认")
    elif view.promised_at is not None and not view.promised_estimated:
        late = at > view.promised_at
        state, label = ("overdue", _("超期")) if late else ("on_time", view.stage)
    elif view.status == Status.SUSPENDED:
        state = "suspended"
    promised = view.promised_at is not None
    return {
        "title": issue.title,
        "number": issue.number,
        "url": reverse("matter", args=[issue.token]),
        "state": state,
        "state_label": label,
        "department": view.department,
        "text": _dated(view, at) if promised else "".join(view.sentence),
    }


def _dated(view: ResidentView, at: datetime) -> str:
    if view.promised_at is None:
        return ""
    day = {"day": dates.day(view.promised_at)}
    if at > view.promised_at:
        return _("原定%(day)s答复") % day
    return (_("预计%(day)s前答复") if view.promised_estimated else _("%(day)s前答复")) % day


@require_http_methods(["GET", "HEAD", "POST"])
@for_leaders
def report(request: HttpRequest, leader: Leader) -> HttpResponse:
    """One sentence about one's own place."""
    places = _places(leader)
    place = _chosen(request, places)
    if request.method != "POST":
        form = LeaderReportForm(initial={"idempotency_key": submissions.new_key()})
        blank = render(request, "phone/leader/report.html", _report_context(leader, form, place, places, Uploads()))
        return reopenable(blank)
    sent, held = sent_by(request, _WORDS, request.user.pk), None
    form = LeaderReportForm(request.POST)
    try:
        issue = submissions.find_submitted(sent)
        if issue is not None:
            return _received(request, issue)
    except submissions.FormSentBefore as reused:
        held = sent_before(reused.issue)
    except InvalidFields:
        held = STALE
    uploads = uploads_of(request, now(), right=form.is_valid() and held is None, by_id=request.user.pk)
    refuse(form, uploads)
    if held is None and not form.errors:
        new, by = _draft(leader, place, form, uploads), Actor.staff(cast("User", request.user))
        try:
            issue = submissions.submit_once(sent, lambda: create(draft=new, by=by, at=now()))
            tell_masked(request, form.cleaned_data)
            return _received(request, issue)
        except InvalidFields as error:
            add_errors(form, {FIELD if name == "attachments" else name: words for name, words in error.fields.items()})
        except submissions.FormSentBefore as reused:
            held = sent_before(reused.issue)
    context = _report_context(leader, form, place, places, uploads, held=None if form.errors else held)
    context["alarm"] = alarm_item(find_alarm(leader.subdistrict_id, form.cleaned_data.get("description", "")))
    status = held.status if held is not None and not form.errors else 400
    return render(request, "phone/leader/report.html", context, status=status)


def _received(request: HttpRequest, issue: Issue) -> HttpResponse:
    messages.success(request, _("已收到 %(number)s") % {"number": issue.number})
    home_url = reverse("leader-home")
    response = redirect(f"{home_url}?sent={issue.pk}" if issue.alarm else home_url)
    response[NUMBER] = quote(issue.number)
    return response


def _draft(leader: Leader, place: LeaderPlace | None, form: LeaderReportForm, uploads: Uploads) -> NewIssue:
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
        uploads=uploads.public_ids,
    )


def _report_context(
    leader: Leader,
    form: LeaderReportForm,
    place: LeaderPlace | None,
    places: list[LeaderPlace],
    uploads: Uploads,
    *,
    held: HeldForm | None = None,
) -> dict[str, Any]:
    return {
        "form": form,
        "community": leader.community_id,
        "errors": form_errors(form) if form.is_bound else [],
        "place": {"building": place.pk, "name": _name(place), "note": _("您负责的地点")} if place else None,
        "places": [{"building": row.pk, "name": _name(row)} for row in places],
        "idempotency_key": key_of(form, held),
        "held": held,
        "uploads": uploads,
    }
