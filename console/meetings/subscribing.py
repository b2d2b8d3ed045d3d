"""Meetings and promises in a person's own calendar: an address that opens nothing else, shown once."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import TokenPurpose, User, issue_token
from accounts.own import reader_of_calendar
from common.calendars import CONTENT_TYPE
from common.clock import now
from communities.access import access_of
from meetings import calendars


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def subscribe_page(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/calendar/``: the public address, and one of one's own, made and shown by ``step=make``."""
    own_url, status = "", HTTPStatus.OK
    if request.method == "POST":
        if request.POST.get("step") != "make" or not isinstance(request.user, User):
            raise BadRequest(_("无法识别的操作"))
        token = issue_token(user=request.user, at=now(), purpose=TokenPurpose.CALENDAR)
        own_url = settings.PUBLIC_URL + reverse("calendar-own", args=[token])
        status = HTTPStatus.CREATED
    context = {"own_url": own_url, "public_url": settings.PUBLIC_URL + reverse("public-calendar")}
    return render(request, "console/meetings/calendar.html", context, status=status)


@login_not_required
@require_safe
def calendar_of_person(request: HttpRequest, token: str) -> HttpResponse:
    """``/calendar/<token>/``: what the scope of the token's person shows today. Http404 for every other token."""
    at = now()
    person = reader_of_calendar(token, at=at)
    access = access_of(person) if person is not None else None
    if access is None or not access.is_staff:
        raise Http404(_("没有找到"))
    answer = HttpResponse(calendars.of_person(access, at), content_type=CONTENT_TYPE)
    add_never_cache_headers(answer)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
