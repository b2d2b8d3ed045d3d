"""Who came to a meeting: ticks, guests, and the code by which guests write themselves in."""

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from console.kit.reading import number_of, reader_of
from console.meetings.page import find_kept
from issues.services.errors import InvalidFields, IssueError
from meetings.enums import MET, MeetingState
from meetings.models import Invitation, listed
from meetings.services import attending


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/attendance/``: who came, ticked by the secretary; no time is kept."""
    reader = reader_of(request)
    meeting = find_kept(reader, pk)
    if request.method == "POST":
        try:
            if request.POST.get("guest", "").strip():
                attending.add_guest(meeting_id=pk, name=request.POST["guest"], by=reader.actor, at=reader.now)
            ticked = {found for text in request.POST.getlist("present") if (found := number_of(text)) is not None}
            added = set(
                meeting.invitations.filter(present=True).exclude(pk__in=_shown(request)).values_list("pk", flat=True)
            )
            attending.mark_present(meeting_id=pk, present=ticked | added, by=reader.actor, at=reader.now)
            messages.success(request, _("已记录到会情况"))
        except InvalidFields as error:
            messages.error(request, "；".join(str(one) for one in error.fields.values()))
        except IssueError as error:
            messages.error(request, str(error.message))
        return redirect("console-meeting-attendance", pk=pk)
    rows = listed(meeting.invitations.standing().with_names())
    context = {
        "meeting": meeting,
        "invited": [
            {"pk": row.pk, "name": _called(row), "present": row.present, "guest": not row.invited} for row in rows
        ],
        "may_mark": meeting.state in MET and not meeting.is_locked,
        "is_live": meeting.state == MeetingState.LIVE,
    }
    return render(request, "console/meetings/attendance.html", context)


@require_safe
@never_cache
def guest_code(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/guests/``: the code to show or print; guests write themselves in by it."""
    meeting = find_kept(reader_of(request), pk)
    link = settings.PUBLIC_URL + reverse("public-guests", args=[attending.guest_token(meeting)])
    context = {
        "meeting": meeting,
        "is_live": meeting.state == MeetingState.LIVE,
        "qr": segno.make(link, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff"),
    }
    return render(request, "console/meetings/guest_code.html", context)


def _shown(request: HttpRequest) -> list[int]:
    """The invitations that the form showed: what it did not show keeps its tick."""
    return [found for text in request.POST.getlist("shown") if (found := number_of(text)) is not None]


def _called(row: Invitation) -> str:
    place = row.community or row.department
    return str(place.name) if place else row.by_name
