"""What the residents' pages share."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from common import dates
from common.clock import now
from communities.access import access_of
from communities.actors import Actor
from communities.emergencies import Alarm, call_of
from communities.models import Building, Community
from deadlines.calendar import OFFICE_HOURS
from deadlines.models import DutyShift
from issues.enums import Proof
from issues.models import Issue
from issues.resident import ResidentView, device, issue_by_token
from issues.resident.words import in_line
from issues.services.keeping import told_after

View = Callable[..., HttpResponseBase]
HOURS: Final = ", ".join(f"{opens:%-H:%M}–{closes:%-H:%M}" for opens, closes in OFFICE_HOURS)
_MAP: Final = "https://uri.amap.com/search"
"""Where a phone opens its map with what is looked for: lbs.amap.com, URI API, 关键字搜索."""
NUMBER: Final = "X-Number"
"""The number of what was taken, percent-encoded: the script shows it before it goes on, should the line die there."""


class TooManyTries(Exception):  # noqa: N818  no error of the program
    """Too many tries; ``retry_after`` seconds until the next."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


def public(view: View) -> View:
    """A page without account: kept by no cache, found by no search engine, named in no referrer.

    Whoever has tried too often is told when to come again.
    """

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            answer = view(request, *args, **kwargs)
        except TooManyTries as often:
            answer = too_many(request, often.retry_after)
        response = finish_answer(request, answer)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def findable(view: View) -> View:
    """What search engines may show: around a ``public`` page that says the same to everybody. Never around a matter."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.OK and not request.GET:
            del response["X-Robots-Tag"]
        return response

    return wrapped


def finish_answer(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Kept by no cache, but for a blank form that says otherwise (``again.reopenable``).

    A script that sent the form (static/js/phone/sending.js) is told where to go on instead of being led there: it would
    follow unseen, and what the next page says once would be said to nobody.
    """
    if not response.has_header("Cache-Control"):
        add_never_cache_headers(response)
    if request.headers.get("X-Sent-By") != "script" or not isinstance(response, HttpResponseRedirectBase):
        return response
    told = HttpResponse(status=204, headers={"X-Location": response.url, "Cache-Control": response["Cache-Control"]})
    if response.has_header(NUMBER):
        told[NUMBER] = response[NUMBER]
    told.cookies = response.cookies
    return told


def tell_masked(request: HttpRequest, typed: Mapping[str, Any]) -> None:
    """Say on the next page which cards the words held, and that they were not kept."""
    masked = told_after(typed)
    if masked:
        messages.warning(request, masked)


def as_pk(value: str) -> int | None:
    """A row's id out of a URL or form, None where it can be none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def building_of(value: str) -> Building | None:
    """The building that a QR code or form names."""
    pk = as_pk(value)
    if pk is None:
        return None
    rows = Building.objects.filter(pk=pk, retired_at__isnull=True)
    return rows.select_related("community__subdistrict", "neighbourhood").first()


def community_of(value: str) -> Community | None:
    """The community that a form names by id."""
    pk = as_pk(value)
    if pk is None:
        return None
    return Community.objects.filter(pk=pk, retired_at__isnull=True).select_related("subdistrict").first()


def chosen_community(request: HttpRequest) -> Community | None:
    """The community of the building whose QR was scanned, else the one chosen on this phone."""
    building = building_of(request.GET.get("building", ""))
    if building is not None:
        return building.community
    chosen = device.community_id(request)
    return community_of(str(chosen)) if chosen else None


def community_card(community: Community | None) -> dict[str, str] | None:
    """A community as templates show it."""
    if community is None:
        return None
    return {
        "name": community.name,
        "phone": community.phone,
        "hours": HOURS,
        "address": community.address,
        "route": f"{_MAP}?{urlencode({'keyword': community.address})}" if community.address else "",
    }


def duty_phone(community: Community | None) -> str:
    """Whom to call outside office hours."""
    if community is None:
        return ""
    shift = DutyShift.objects.on_shift(
        subdistrict_id=community.subdistrict_id, community_id=community.pk, at=now()
    ).first()
    return shift.phone if shift and shift.phone else community.subdistrict.duty_phone


def state_words(view: ResidentView) -> str:
    """办理中，11月27日前答复您: one line for lists of one's own matters."""
    if view.promised_at is not None and view.promised_at > now():
        words = (
            _("%(status)s，%(day)s前答复您") if not view.promised_estimated else _("%(status)s，预计%(day)s前答复您")
        )
        return words % {"status": view.stage, "day": dates.day(view.promised_at)}
    if view.promised_at is not None:
        return _("%(status)s，原定%(day)s答复，已超期") % {
            "status": view.stage,
            "day": dates.day(view.promised_at),
        }
    return in_line(view.sentence)


def alarm_item(alarm: Alarm) -> dict[str, Any] | None:
    """Whom to dial first, and because of which words; None where nothing sounds like danger."""
    if not alarm:
        return None
    return {"calls": [call_of(dial) for dial in alarm.dial], "words": _("、").join(alarm.words)}


def form_errors(form: forms.Form) -> list[dict[str, str]]:
    """The errors of a form with the fields they belong to, for the summary."""
    return [
        {"field_id": name if name in form.fields else "", "message": str(message)}
        for name, messages in form.errors.items()
        for message in messages
    ]


def add_errors(form: forms.Form, fields: dict[str, Any]) -> None:
    """Show a service's refusals beside the fields; those of unknown fields above the form."""
    for name, words in fields.items():
        form.add_error(name if name in form.fields else None, str(words))


def wait_words(retry_after: int) -> str:
    """请 15 分钟后再试。"""
    minutes = max(1, -(-retry_after // 60))
    if minutes > 90:
        return _("请 %(n)d 小时后再试。") % {"n": -(-minutes // 60)}
    return _("请 %(n)d 分钟后再试。") % {"n": minutes}


def too_many(request: HttpRequest, retry_after: int) -> HttpResponse:
    """429 in the phone's look."""
    return later(render(request, "phone/429.html", {"wait_text": wait_words(retry_after)}), retry_after)


def later(response: HttpResponse, retry_after: int) -> HttpResponse:
    """The page as an answer to who tried too often; as it is where ``retry_after`` is 0."""
    if retry_after:
        response.status_code = 429
        response["Retry-After"] = str(retry_after)
    return response


def ends_used_up() -> str:
    """No more ends of a number are taken today; the whole number, which is counted apart, opens it at once."""
    return _("后四位今天不能再试了。请填完整手机号，现在就能查看。")


def reporting_leader(request: HttpRequest, issue: Issue) -> Actor | None:
    """The signed-in leader who reported this matter, else None."""
    if issue.leader_id is None or not request.user.is_authenticated:
        return None
    if access_of(request.user).leader_id != issue.leader_id:
        return None
    return Actor.staff(request.user)


def matter_of(request: HttpRequest, token: str) -> Issue | None:
    """The matter behind a secret link; one that has expired still opens to who has proven here to be its reporter."""

    def is_reporter(issue: Issue) -> bool:
        return reporting_leader(request, issue) is not None or device.proof_of(request, issue) is Proof.WHOLE

    return issue_by_token(token, proven=is_reporter)


class Untouched:
    """A form in which nobody has typed yet: whatever a page asks of it is empty.

    Without it a page asks None for two dozen fields, and every one costs a template two exceptions.
    """

    def __getitem__(self, name: str) -> "Untouched":
        return self

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    def __iter__(self) -> Iterator[str]:
        return iter(())
