"""我要反映: a matter raised without an account, with photos; or joined, where a released one reads alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast
from urllib.parse import quote

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import dates, limits
from common.clock import now
from common.http import network
from communities import emergencies
from communities.actors import Actor
from communities.emergencies import NO_ALARM, Alarm
from communities.finding import FoundPlace, read_place
from communities.models import Building, Community, named_place
from door.drafts import UnsentForm
from issues.enums import Kind, Proof, Source, TimeLimit
from issues.models import Issue
from issues.notice import NOTICE_FROM
from issues.reading import published
from issues.reading.published import PublicMatter
from issues.resident import device, issue_by_token, resident_view
from issues.services import submissions
from issues.services.creation import NewIssue, alarm_of, create
from issues.services.errors import InvalidFields
from issues.services.joining_in import join
from issues.services.keeping import named, typed_in
from issues.services.proof import remember_network
from phone.again import STALE, HeldForm, key_of, reopenable, sent_before, too_often
from phone.forms import ReportForm
from phone.guard import SPENT, Guard, stopped
from phone.kept import FormKeeper, FormKind, keeping_words
from phone.places import choices_of
from phone.public import stage_words
from phone.resident import with_matter
from phone.shared import (
    NUMBER,
    add_errors,
    alarm_item,
    as_pk,
    building_of,
    community_of,
    findable,
    form_errors,
    public,
    tell_masked,
)
from phone.uploads import FIELD, Uploads, kept_ids, refuse, sent_by, take_photo, uploads_of, waiting
from reminders.reference import gateway_of

_WORDS = ("description", "community", "building", "place", "address", "contact_phone", "contact_name", "confidential",
          "again", "join")  # fmt: skip
"""What makes one report another than the one sent before under the same key."""
_KIND = FormKind("report", (*_WORDS[:-1], "place_text", "door"), submissions.was_sent)
_UNSENT = frozenset({"find", "change", "keep"})
"""Buttons that show the form again with something else than an answer."""


@dataclass(frozen=True)
class _Where:
    """Where it is: by the QR code of a building, by what was chosen, or by the id of a community."""

    building: Building | None = None
    place: FoundPlace | None = None
    named: Community | None = None

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "_Where":
        """What a form says; three statements at most."""
        building = None if "change" in sent else building_of(sent.get("building", ""))
        place = None if building else read_place(sent.get("place", ""))
        return cls(building, place, None if building or place else community_of(sent.get("community", "")))

    @cached_property
    def community(self) -> Community | None:
        """In which community that is."""
        if self.building:
            return self.building.community
        return community_of(str(self.place.community_id)) if self.place else self.named

    @property
    def building_id(self) -> int | None:
        """Which building, where that is known."""
        return self.building.pk if self.building else self.place.building_id if self.place else None

    @property
    def neighbourhood_id(self) -> int | None:
        """Which neighbourhood, where that was chosen."""
        return self.place.neighbourhood_id if self.place else None


@dataclass
class _Draft:
    """One report under way: what was typed, where, the files, and released matters that read alike.

    ``kept`` is what the server keeps of it, ``restored`` what it gave back.
    """

    keeper: FormKeeper
    guard: Guard
    form: ReportForm
    uploads: Uploads = field(default_factory=Uploads)
    where: _Where = field(default_factory=_Where)
    similar: list[PublicMatter] = field(default_factory=list)
    alarm: Alarm = NO_ALARM
    held: HeldForm | None = None
    kept: UnsentForm | None = None
    restored: Mapping[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """Find what reads alike, once words and community are known. Who is in danger is asked nothing."""
        words = self.form.cleaned_data.get("description", "")
        community = self.where.community
        if community is None or not words:
            return
        self.warn(words, self.form.cleaned_data.get("address", ""))
        if not self.alarm and not self.form.cleaned_data.get("again"):
            self.similar = published.most_alike(words, community.pk, community.subdistrict_id, now())

    def warn(self, words: str, address: str) -> None:
        """Find what sounds like danger."""
        community = self.where.community
        self.alarm = emergencies.find_alarm(community.subdistrict_id if community else None, words, address)


@findable
@public
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """A matter raised without an account."""
    keeper = FormKeeper(request, _KIND)
    answer = _take(request, keeper) if request.method == "POST" else _open(request, keeper)
    return keeper.finish(answer)


def _open(request: HttpRequest, keeper: FormKeeper) -> HttpResponse:
    """A blank form, or what this browser has not sent yet; of another matter raised again it says nothing."""
    again, kept = request.GET.get("again", "")[:32], keeper.find()
    if kept is None or kept.values.get("again", "") != again:
        blank = ReportForm(initial={"idempotency_key": submissions.new_key(), "again": again})
        return reopenable(_page(request, _Draft(keeper, Guard(_KIND.name), blank, where=_Where.of(request.GET))))
    form = ReportForm(initial={**kept.values, "idempotency_key": kept.key})
    scanned = _Where.of(request.GET)
    where = scanned if scanned.building or scanned.place else _Where.of(kept.values)
    guard = Guard.restored(_KIND.name, kept.values.get("door", ""))
    draft = _Draft(keeper, guard, form, Uploads(waiting(kept.uploads)), where, kept=kept, restored=kept.values)
    draft.warn(kept.values.get("description", ""), kept.values.get("address", ""))
    return _page(request, draft)


def _take(request: HttpRequest, keeper: FormKeeper) -> HttpResponse:
    if "throw" in request.POST:
        keeper.throw_away(request.POST.get("idempotency_key", ""), kept_ids(request))
        return redirect("report")
    guard, where = Guard.of(request, _KIND.name), _Where.of(request.POST)
    if keeper.switch() or not _UNSENT.isdisjoint(request.POST):
        typed = {name: request.POST.get(name, "") for name in ReportForm.base_fields}
        uploads = uploads_of(request, now(), right=False)
        return _page(request, _Draft(keeper, guard, ReportForm(initial=typed), uploads, where))
    sent, held = sent_by(request, _WORDS), None
    try:
        issue = submissions.find_submitted(sent)
        if issue is not None:
            return _received(request, issue, keeper)
    except submissions.FormSentBefore as reused:
        held = sent_before(reused.issue)
    except InvalidFields:
        held = STALE
    return _judge(request, _Draft(keeper, guard, ReportForm(request.POST), where=where, held=held), sent)


def _judge(request: HttpRequest, draft: _Draft, sent: submissions.Sent) -> HttpResponse:
    """Submit what is right and new; all else is shown again."""
    form = draft.form
    form.is_valid()
    if draft.where.community is None:
        form.add_error("community", _("请选一个地点"))
    draft.uploads = uploads_of(request, now(), right=not form.errors and draft.held is None)
    refuse(form, draft.uploads)
    draft.look()
    if form.errors:
        draft.held = None
        return _page(request, draft, status=400)
    if draft.held is None and (community := draft.where.community) is not None:
        draft.held = stopped(request, community.subdistrict, community, form.cleaned_data["contact_phone"])
    if draft.held is not None:
        return _page(request, draft, status=draft.held.status)
    if draft.similar and "join" not in request.POST:
        if request.POST.get("asked"):
            form.add_error("join", _("请选一项"))
        return _page(request, draft, status=400 if form.errors else 200)
    if draft.guard.held is not None and not draft.alarm:
        draft.held = draft.guard.held
        return _page(request, draft, status=draft.held.status)
    return _submit(request, draft, sent)


@public
@require_POST
def photo(request: HttpRequest) -> HttpResponse:
    """One photo of the form, while the rest is being typed."""
    return take_photo(request, now())


LOOKS = limits.Tap("similar-network", 0.5, 30)
"""How often one network may ask while typing: a person pauses every few seconds."""


@public
@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """What reads alike and which cards are not kept, as a part of the form, while somebody types; 204 for nothing.

    ``?community=`` where the form, a leader's, has no place of its own.
    """
    community = _Where.of(request.GET if "community" in request.GET else request.POST).community
    words = request.POST.get("description", "").replace("\x00", "")[:2000]
    if not words or isinstance(LOOKS.take(network(request)), limits.Denied):
        return HttpResponse(status=204)
    alarm = emergencies.find_alarm(community.subdistrict_id if community else None, words)
    if alarm:
        return render(request, "phone/_alarm.html", {"alarm": alarm_item(alarm)})
    found = published.most_alike(words, community.pk, community.subdistrict_id, now()) if community else []
    cards = named(typed_in({"description": words}))
    if not found and not cards:
        return HttpResponse(status=204)
    return render(
        request, "phone/report/_while_typing.html", {"similar": [_similar(row) for row in found], "cards": cards}
    )


def _submit(request: HttpRequest, draft: _Draft, sent: submissions.Sent) -> HttpResponse:
    new = _new_issue(request, draft, cast("Community", draft.where.community))
    try:
        issue = submissions.submit_once(sent, lambda: _counted(request, new, draft))
        tell_masked(request, draft.form.cleaned_data)
        return _received(request, issue, draft.keeper)
    except InvalidFields as error:
        add_errors(
            draft.form, {FIELD if name == "attachments" else name: words for name, words in error.fields.items()}
        )
        return _page(request, draft, status=400)
    except submissions.FormSentBefore as reused:
        draft.held = sent_before(reused.issue)
    except _Spent:
        draft.held = SPENT
    except _TooOften as often:
        draft.held = too_often(often.retry_after)
    return _page(request, draft, status=draft.held.status)


def _received(request: HttpRequest, issue: Issue, keeper: FormKeeper) -> HttpResponse:
    """To the number: of what was made now, or by an earlier sending whose answer was lost."""
    keeper.sent(request.POST.get("idempotency_key", ""))
    response = redirect("report-done", token=issue.token)
    response[NUMBER] = quote(issue.number)
    device.keep_community(request, response, issue.community_id)
    device.keep_proof(request, response, issue, Proof.WHOLE)
    remember_network(issue=issue, network=network(request))
    return response


class _TooOften(Exception):  # noqa: N818  no error of the program
    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class _Spent(Exception):  # noqa: N818  no error of the program
    """The challenge was used already."""


def _counted(request: HttpRequest, new: NewIssue, draft: _Draft) -> Issue:
    """Make it within the limits; what is not made is not counted, and no limit stands before an emergency."""
    if draft.alarm:
        return _make(request, new)
    if not draft.guard.spend():
        raise _Spent
    counted = draft.guard.counted(request, limits.UNPROVEN_PER_NETWORK)
    counted += limits.public_create(network=network(request), phone=new.contact_phone)
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        draft.guard.give_back()
        raise _TooOften(answer.retry_after)
    try:
        return _make(request, new)
    except Exception:
        draft.guard.give_back()
        limits.release_all(counted)
        raise


def _make(request: HttpRequest, new: NewIssue) -> Issue:
    master_id = as_pk(request.POST.get("join", ""))
    if master_id is not None:
        return join(draft=new, master_id=master_id, at=now())
    return create(draft=new, by=Actor.resident(), at=now())


def _new_issue(request: HttpRequest, draft: _Draft, community: Community) -> NewIssue:
    values = draft.form.cleaned_data
    earlier = _earlier(request, values["again"])
    return NewIssue(
        subdistrict_id=community.subdistrict_id,
        community_id=community.pk,
        description=values["description"],
        address=values["address"],
        kind=Kind.HELP,
        source=Source.WEB,
        contact_name=values["contact_name"],
        contact_phone=values["contact_phone"],
        confidential=values["confidential"],
        repeat_of_id=earlier.pk if earlier and earlier.community_id == community.pk else None,
        uploads=draft.uploads.public_ids,
        building_id=draft.where.building_id,
        neighbourhood_id=draft.where.neighbourhood_id,
    )


def _earlier(request: HttpRequest, token: str) -> Issue | None:
    """The closed matter that is raised again, where this phone has proven to be its reporter's."""
    issue = issue_by_token(token) if token else None
    return issue if issue is not None and device.proof_of(request, issue) is Proof.WHOLE else None


def _page(request: HttpRequest, draft: _Draft, status: int = 200) -> HttpResponse:
    form = draft.form
    sent = request.POST if request.method == "POST" else draft.restored or request.GET
    key = key_of(form, draft.held)
    if request.method == "POST":
        draft.kept = draft.keeper.keep(key, request.POST, draft.uploads.public_ids)
    building = draft.where.building
    earlier = _earlier(request, sent.get("again", "")[:32])
    chosen = earlier.community_id if earlier else device.community_id(request)
    if draft.where.community:
        chosen = draft.where.community.pk
    context = {
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "place": _place(building) if building else None,
        "idempotency_key": key,
        "again": form["again"].value() or "",
        "held": draft.held,
        "alarm": alarm_item(draft.alarm),
        "uploads": draft.uploads,
        "similar": [_similar(row) for row in draft.similar],
        "cards": named(typed_in(form.data)) if form.is_bound else "",
        "joining": form["join"].value() or "",
        "notice_on": NOTICE_FROM,
        **keeping_words(request, draft.kept),
        **draft.guard.words(),
        "photos_lost": bool(draft.restored and draft.kept and len(draft.uploads.kept) < len(draft.kept.uploads)),
        "texts": gateway_of(draft.where.community.subdistrict_id if draft.where.community else None),
    }
    if building is None:
        context |= choices_of(sent, draft.where.place or (read_place(f"c{chosen}") if chosen else None))
    response = render(request, "phone/report/page.html", context, status=status)
    if draft.held is not None and draft.held.retry_after:
        response["Retry-After"] = str(draft.held.retry_after)
    return response


def _similar(row: PublicMatter) -> dict[str, Any]:
    when = stage_words(row.status)
    if row.answer_at is not None:
        late = row.limit == TimeLimit.OVERDUE
        when = (_("原定%(day)s答复，已超期") if late else _("%(day)s前答复")) % {"day": dates.day(row.answer_at)}
    return {"pk": row.pk, "title": row.title, "persons": row.persons, "text": when, "who": row.who}


def _place(building: Building) -> dict[str, Any]:
    return {
        "building": building.pk,
        "community": building.community_id,
        "name": named_place(building, None),
        "note": _("%(community)s，已按门口二维码填好") % {"community": building.community.name},
    }


@public
@require_safe
@with_matter
def report_done(request: HttpRequest, issue: Issue) -> HttpResponse:
    """Number and QR of a matter that was just raised on this phone."""
    token = issue.token
    if device.proof_of(request, issue) is not Proof.WHOLE:
        return redirect("matter", token=token)
    link = settings.PUBLIC_URL + reverse("matter", args=[token])
    return render(
        request,
        "phone/report/done.html",
        {
            "matter": resident_view(issue, now(), proof=Proof.WHOLE),
            "alarm": alarm_item(alarm_of(issue)) if issue.alarm else None,
            "qr": segno.make(link, error="m").svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
            "short_number": str(issue.serial),
            "matter_url": reverse("matter", args=[token]),
            "remember_url": reverse("matter-remember", args=[token]),
            "remembered": token in device.remembered_tokens(request),
        },
    )
