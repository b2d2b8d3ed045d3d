"""台账: a leader notes what was done, reads it again, sets it right, makes a matter of it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common import dates
from common.clock import local, now
from common.keyset import BadCursor, paginate
from communities.actors import Actor
from communities.models import Leader, LeaderPlace
from issues.services.errors import InvalidFields
from issues.services.submissions import new_key
from ledger.enums import BACK, EntryKind
from ledger.models import LedgerEntry
from ledger.querysets import BY_DAY
from ledger.reading import history_of, masked_person, month_after, month_before, month_of, open_note, totals_of
from ledger.services.recording import EntryFixed, NewEntry, correct_entry, record_entry, why_fixed, withdraw_entry
from phone.again import reopenable
from phone.forms import LedgerForm
from phone.leading import chosen_place, for_leaders, own_place, place_name, places_of
from phone.shared import add_errors, form_errors, tell_masked

if TYPE_CHECKING:
    from accounts.models import User

SHOWN: Final = 20
ICONS: Final[Mapping[str, str]] = {
    EntryKind.VISIT: "walk",
    EntryKind.HELP: "heart-handshake",
    EntryKind.DISPUTE: "messages",
    EntryKind.SAFETY: "shield-check",
    EntryKind.POLICY: "speakerphone",
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_leaders
def note(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/ledger/``: a tile, what else one cares to say, 保存; below it the month's counts."""
    places = places_of(leader)
    if request.method != "POST":
        given = {"on": local(now()).date().isoformat(), "idempotency_key": new_key()}
        place = chosen_place(request, places)
        form = LedgerForm(initial=given | ({"building": place.pk} if place else {}))
        return reopenable(render(request, "phone/leader/ledger.html", _form_context(leader, form, places)))
    form = LedgerForm(request.POST)
    entry = _taken(form, lambda: record_entry(leader=leader, given=_given(form, places), by=_by(request), at=now()))
    if entry is None:
        return render(request, "phone/leader/ledger.html", _form_context(leader, form, places), status=400)
    return _saved(request, entry, _("已记下"), form.cleaned_data)


@require_safe
@for_leaders
def entries(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/ledger/entries/``: a month's counts by kind, and its entries, the newest day first."""
    today = local(now()).date()
    first = month_of(request.GET.get("month", ""), today)
    own = LedgerEntry.objects.filter(leader=leader)
    here = f"{reverse('leader-ledger-entries')}?month={first:%Y-%m}"
    try:
        rows = own.within(first, month_after(first)).with_names()
        page = paginate(rows, order=BY_DAY, cursor=request.GET.get("after", "")[:200], size=SHOWN)
    except BadCursor:
        return redirect(here)
    later = month_after(first)
    context = {
        "month": dates.month(first),
        "totals": totals_of(own, first),
        "entries": [_item(entry) for entry in page.rows],
        "next_url": f"{here}&after={page.next_cursor}" if page.next_cursor else "",
        "before_url": f"{reverse('leader-ledger-entries')}?month={month_before(first):%Y-%m}",
        "later_url": f"{reverse('leader-ledger-entries')}?month={later:%Y-%m}" if later <= today else "",
    }
    return render(request, "phone/leader/ledger_entries.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_leaders
def entry_page(request: HttpRequest, leader: Leader, pk: int) -> HttpResponse:
    """``/leader/ledger/<pk>/``: one's own words, what happened to them; within a week another word, or none."""
    entry = LedgerEntry.objects.filter(leader=leader, pk=pk).with_names().first()
    if entry is None:
        raise Http404(_("没有找到这笔台账，可能不是您记的"))
    places, by, wrong = _places_for(entry, leader), _by(request), ""
    form = LedgerForm(request.POST if request.POST.get("step") == "correct" else None, initial=_as_typed(entry, places))
    try:
        if form.is_bound:
            if _taken(form, lambda: correct_entry(entry_id=pk, given=_given(form, places), by=by, at=now())):
                return _saved(request, entry, _("已更正"), form.cleaned_data)
        elif request.method == "POST":
            withdraw_entry(entry_id=pk, reason=request.POST.get("reason", ""), by=by, at=now())
            return _saved(request, entry, _("已撤回，不再计入"), {})
    except InvalidFields as error:
        wrong = str(error.fields["reason"])
    except EntryFixed as error:
        messages.error(request, str(error.message))
        return redirect("leader-ledger-entry", pk=pk)
    context = _form_context(leader, form, places) | {
        "entry": entry,
        "place_name": entry.place_name,
        "history": history_of(entry),
        "fixed": why_fixed(entry, now()),
        "wrong": wrong,
        "report_url": f"{reverse('leader-report')}?entry={entry.pk}",
    }
    return render(request, "phone/leader/ledger_entry.html", context, status=400 if form.is_bound or wrong else 200)


def _places_for(entry: LedgerEntry, leader: Leader) -> list[LeaderPlace]:
    """The leader's places, and that of the entry where it is none of them any more: correcting a word keeps it."""
    places, here = places_of(leader), (entry.building_id, entry.neighbourhood_id)
    if any(here) and here not in [(row.building_id, row.neighbourhood_id) for row in places]:
        places.append(LeaderPlace(pk=0, leader=leader, building=entry.building, neighbourhood=entry.neighbourhood))
    return places


def _taken(form: LedgerForm, write: Callable[[], LedgerEntry]) -> LedgerEntry | None:
    """What ``write`` makes of a form that is right; None where something is wrong with it, which it then says."""
    if form.is_valid():
        try:
            return write()
        except InvalidFields as error:
            add_errors(form, error.fields)
    return None


def _saved(request: HttpRequest, entry: LedgerEntry, words: str, typed: Mapping[str, Any]) -> HttpResponse:
    messages.success(request, words)
    tell_masked(request, typed)
    return redirect("leader-ledger-entry", pk=entry.pk)


def _by(request: HttpRequest) -> Actor:
    return Actor.staff(cast("User", request.user))


def _given(form: LedgerForm, places: list[LeaderPlace]) -> NewEntry:
    typed = form.cleaned_data
    place = own_place(typed["building"], places)
    texts = {name: typed[name] for name in ("kind", "on", "note", "person", "room")}
    return NewEntry(place=place, key=typed["idempotency_key"], **texts)


def _as_typed(entry: LedgerEntry, places: list[LeaderPlace]) -> dict[str, Any]:
    here = (entry.building_id, entry.neighbourhood_id)
    place = next((row for row in places if (row.building_id, row.neighbourhood_id) == here), None)
    texts = {name: getattr(entry, name) for name in ("kind", "note", "person", "room")}
    return texts | {"on": entry.on.isoformat(), "building": place.pk if place else ""}


def _form_context(leader: Leader, form: LedgerForm, places: list[LeaderPlace]) -> dict[str, Any]:
    today = local(now()).date()
    totals = totals_of(LedgerEntry.objects.filter(leader=leader), today.replace(day=1))
    other_words = bool(form.is_bound and form.non_field_errors())
    return {
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "tiles": [{"value": kind.value, "label": kind.label, "icon": ICONS[kind]} for kind in EntryKind],
        "places": [{"building": row.pk, "name": place_name(row)} for row in places],
        "least": (today - BACK).isoformat(),
        "most": today.isoformat(),
        "month": dates.month(today),
        "total": sum(row.count for row in totals),
        "totals": totals,
        "idempotency_key": new_key() if other_words else form["idempotency_key"].value(),
    }


def _item(entry: LedgerEntry) -> dict[str, Any]:
    """One line of phone/_items.html: the person masked, no room, no name in the words."""
    said = " ".join(part for part in (masked_person(entry), open_note(entry)) if part)
    place = entry.place_name
    return {
        "title": f"{entry.get_kind_display()} · {place}" if place else str(entry.get_kind_display()),
        "url": reverse("leader-ledger-entry", args=[entry.pk]),
        "state": "plain" if entry.withdrawn_at else "",
        "state_label": _("已撤回"),
        "department": dates.day(entry.on),
        "text": said,
    }
