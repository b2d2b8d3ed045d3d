"""来宾登记: who holds the code that is shown in the room writes themselves in; no time is kept."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common import limits
from common.clock import today
from common.http import network
from issues.services.errors import InvalidFields
from meetings import published
from meetings.enums import MeetingState
from meetings.models import Meeting
from meetings.services import attending
from meetings.services.errors import NotNow
from phone.again import HeldForm, too_often
from phone.forms import GuestForm
from phone.guard import SPENT, Guard, stopped
from phone.shared import add_errors, form_errors, public, tell_masked

_FORM = "guests"


@public
@require_http_methods(["GET", "HEAD", "POST"])
def write_in(request: HttpRequest, token: str) -> HttpResponse:
    """``/meetings/guests/<token>/``: the form while the meeting is in progress, else that it is not."""
    pk = attending.meeting_of(token)
    meeting = Meeting.objects.with_names().filter(pk=pk).first() if pk else None
    if meeting is None:
        raise Http404(_("没有找到"))
    if request.method != "POST":
        return _page(request, meeting, GuestForm())
    form = GuestForm(request.POST)
    if not form.is_valid():
        return _page(request, meeting, form, status=400)
    return _take(request, meeting, form, token)


def _take(request: HttpRequest, meeting: Meeting, form: GuestForm, token: str) -> HttpResponse:
    guard = Guard.of(request, _FORM)
    held = stopped(request, meeting.subdistrict, None, "") or guard.held
    held = held or (None if guard.spend() else SPENT)
    if held is not None:
        return _page(request, meeting, form, held, held.status)
    counted = [(limits.GUESTS_PER_NETWORK, network(request))]
    answer = limits.hit_all(counted + guard.counted(request, limits.UNPROVEN_GUESTS_PER_NETWORK))
    if isinstance(answer, limits.Denied):
        response = _page(request, meeting, form, too_often(answer.retry_after), 429)
        response["Retry-After"] = str(answer.retry_after)
        return response
    words = form.cleaned_data["guest"]
    try:
        guest = attending.write_in(meeting_id=meeting.pk, name=words)
    except InvalidFields as error:
        add_errors(form, error.fields)
        return _page(request, meeting, form, status=400)
    except NotNow as error:
        return _page(request, meeting, form, HeldForm(409, _("还没有登记，您写的内容还在"), str(error.message)), 409)
    tell_masked(request, {"description": words})
    messages.success(request, _("已登记：%(who)s") % {"who": guest.called})
    return redirect("public-guests", token=token)


def _page(
    request: HttpRequest, meeting: Meeting, form: GuestForm, held: HeldForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "meeting": published.public_meeting(meeting, today()),
        "address": request.path,
        "is_open": meeting.state == MeetingState.LIVE,
        "form": form,
        "errors": form_errors(form) if form.is_bound else [],
        "held": held,
        **(Guard.of(request, _FORM) if request.method == "POST" else Guard(_FORM)).words(),
    }
    return render(request, "phone/guests.html", context, status=status)
