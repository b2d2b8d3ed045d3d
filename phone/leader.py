"""The leader's home and form: report for residents, see what is wanted."""

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import phones
from common import dates
from common.clock import now
from communities.actors import Actor
from communities.emergencies import find_alarm
from communities.models import Building, Leader, LeaderPlace, Neighbourhood
from issues.enums import Kind, Proof, Source, Status
from issues.models import Issue
from issues.resident import ResidentView, resident_views
from issues.services import submissions
from issues.services.creation import NewIssue, alarm_of, create
from issues.services.errors import InvalidFields
from ledger.models import LedgerEntry
from ledger.reading import households_of, open_at
from ledger.services.recording import EntryFixed, report_entry
from phone.again import STALE, HeldForm, key_of, reopenable, sent_before
from phone.forms import LeaderReportForm
from phone.leader_reports import SHOWN, items_of, reported
from phone.leading import chosen_place, for_leaders, own_place, place_name, places_of
from phone.shared import NUMBER, add_errors, alarm_item, as_pk, form_errors, tell_masked
from phone.task_items import item, open_tasks
from phone.uploads import FIELD, Uploads, refuse, sent_by, uploads_of

if TYPE_CHECKING:
    from accounts.models import User

LATEST = 5
_WORDS = ("description", "building", "address")
"""What makes one report another than the one sent before under the same key."""


@require_safe
@for_leaders
def home(request: HttpRequest, leader: Leader) -> HttpResponse:
    """What I am asked for, what I reported last and what became of it."""
    at = now()
    places = places_of(leader)
    place = chosen_place(request, places)
    latest = list(reported(leader).order_by("-id")[: LATEST + 1])
    wanted = list(reported(leader).filter(status=Status.NEED_INFO).order_by("-id")[:SHOWN])
    views = resident_views(wanted, at, [Proof.WHOLE] * len(wanted))
    return render(
        request,
        "phone/leader/home.html",
        {
            "leader": {
                "greeting_name": leader.name,
                "place": place_name(place) if place else leader.community.name,
                "places": [
                    {
                        "name": place_name(row),
                        "url": f"{reverse('leader-home')}?place={row.pk}",
                        "current": row == place,
                    }
                    for row in places
                ],
            },
            "alarm": _alarm(request, leader),
            "households": households_of(places)[1],
            "open_here": open_at(places).count() if places else 0,
            "tasks": [item(task, at, waits=True) for task in open_tasks(leader, at)],
            "todo": [_todo(issue, view) for issue, view in zip(wanted, views, strict=True)],
            "reports": items_of(leader, latest[:LATEST], at),
            "more": len(latest) > LATEST,
            "bound": phones.is_bound(phones.secret_of(request), at),
        },
    )


def _alarm(request: HttpRequest, leader: Leader) -> dict[str, Any] | None:
    """Whom to dial first, right after a report that speaks of danger (``?sent=``)."""
    sent = as_pk(request.GET.get("sent", ""))
    issue = Issue.objects.filter(pk=sent, leader_id=leader.pk).exclude(alarm="").first() if sent else None
    return alarm_item(alarm_of(issue)) if issue is not None else None


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


@require_http_methods(["GET", "HEAD", "POST"])
@for_leaders
def report(request: HttpRequest, leader: Leader) -> HttpResponse:
    """One sentence about one's own place; ``entry``: what the ledger says, which becomes the matter."""
    places = places_of(leader)
    place = chosen_place(request, places)
    entry = _entry(request, leader)
    if request.method != "POST":
        form = LeaderReportForm(initial={"idempotency_key": submissions.new_key()} | _prefilled(request, entry, places))
        blank = render(request, "phone/leader/report.html", _report_context(leader, form, place, places, Uploads()))
        return blank if entry else reopenable(blank)
    words = (*_WORDS, "entry") if request.POST.get("entry") else _WORDS
    sent, held = sent_by(request, words, request.user.pk), None
    form = LeaderReportForm(request.POST)
    try:
        issue = submissions.find_submitted(sent)
        if issue is not None:
            return _received(request, issue)
    except submissions.FormSentBefore as reused:
        held = sent_before(reused.issue)
    except InvalidFields:
        held = STALE
    form.is_valid()
    try:
        place = own_place(request.POST.get("building", ""), places)
    except InvalidFields as error:
        add_errors(form, error.fields)
    uploads = uploads_of(request, now(), right=not form.errors and held is None, by_id=request.user.pk)
    refuse(form, uploads)
    if held is None and not form.errors:
        new, by = _draft(leader, place, form, uploads), Actor.staff(cast("User", request.user))
        try:
            issue = submissions.submit_once(sent, lambda: _create(new, entry, by))
            tell_masked(request, form.cleaned_data)
            return _received(request, issue)
        except InvalidFields as error:
            add_errors(form, {FIELD if name == "attachments" else name: words for name, words in error.fields.items()})
        except EntryFixed as error:
            form.add_error("description", str(error.message))
        except submissions.FormSentBefore as reused:
            held = sent_before(reused.issue)
    context = _report_context(leader, form, place, places, uploads, held=None if form.errors else held)
    context["alarm"] = alarm_item(find_alarm(leader.subdistrict_id, form.cleaned_data.get("description", "")))
    status = held.status if held is not None and not form.errors else 400
    return render(request, "phone/leader/report.html", context, status=status)


def _entry(request: HttpRequest, leader: Leader) -> LedgerEntry | None:
    """The entry of the leader's own that the form or the query names."""
    pk = as_pk(request.POST.get("entry") or request.GET.get("entry", ""))
    return LedgerEntry.objects.filter(leader=leader, pk=pk).first() if pk else None


def _prefilled(request: HttpRequest, entry: LedgerEntry | None, places: list[LeaderPlace]) -> dict[str, Any]:
    """The words of the entry, at its place, else those of the link (``words``).

    Neither the person nor the room: the leader adds what is needed.
    """
    if entry is None:
        return {"description": request.GET.get("words", "")[:200]}
    here = (entry.building_id, entry.neighbourhood_id)
    place = next((row for row in places if (row.building_id, row.neighbourhood_id) == here), None)
    return {"entry": entry.pk, "description": entry.note, "building": place.pk if place else ""}


def _create(draft: NewIssue, entry: LedgerEntry | None, by: Actor) -> Issue:
    at = now()
    issue = create(draft=draft, by=by, at=at)
    if entry is not None:
        report_entry(entry_id=entry.pk, issue=issue, by=by, at=at)
    return issue


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
        "place": {"building": place.pk, "name": place_name(place), "note": _("您负责的地点")} if place else None,
        "places": [{"building": row.pk, "name": place_name(row)} for row in places],
        "idempotency_key": key_of(form, held),
        "held": held,
        "uploads": uploads,
    }
