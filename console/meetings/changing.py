"""A meeting that was announced, corrected before it begins: its name, hour and place, and who is invited."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import number_of, reader_of
from console.kit.shapes import FieldShape, error_title
from console.kit.typed import shaper
from console.meetings.arranging import Offered, clock_typed, others_field, others_typed
from console.meetings.page import find_kept
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from meetings.enums import TO_COME
from meetings.models import Invitation, Meeting
from meetings.services import planning

_NAMED: Final[Mapping[str, str]] = {
    "communities": "community_id",
    "departments": "department_id",
    "appointments": "appointment_id",
}
"""The fields of the form and what an invitation has for each."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change_meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/change/``: everybody who is invited is told of the change.

    Taken back is what the form showed as invited (``was``) and is ticked no more, never what was added meanwhile.
    """
    reader = reader_of(request)
    meeting = find_kept(reader, pk)
    invited = list(meeting.invitations.standing().with_names().order_by("pk"))
    offered = _with_invited(Offered(reader), invited)
    if request.method != "POST":
        if meeting.state not in TO_COME:
            messages.error(request, _("这次会议已经开始或已有结果"))
            return redirect("console-meeting", pk=pk)
        return _page(request, offered, meeting, _as_it_is(meeting, invited), {})
    typed, wrong = request.POST, dict[str, list[str]]()
    starts, guests = clock_typed(typed.get("starts", ""), wrong), others_typed(typed, wrong)
    if wrong:
        return _page(request, offered, meeting, typed, wrong, status=HTTPStatus.BAD_REQUEST)
    given = planning.MeetingChange(
        title=typed.get("title", ""),
        place=typed.get("place", ""),
        starts=starts,
        communities=[row for row in offered.communities if str(row.pk) in typed.getlist("communities")],
        departments=[row for row in offered.departments if str(row.pk) in typed.getlist("departments")],
        appointments=[row for row in offered.appointed if str(row.pk) in typed.getlist("appointments")],
        guests=guests,
        withdrawn=[found for text in typed.getlist("was") if (found := number_of(text)) is not None],
    )
    version = number_of(typed.get("version", "")) or 0
    try:
        planning.change(meeting_id=meeting.pk, given=given, version=version, by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, offered, meeting, typed, errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        fresh = find_kept(reader, pk)
        said = str(error.message)
        return _page(request, offered, fresh, typed, {}, conflict=said, status=HTTPStatus.CONFLICT)
    messages.success(request, _("已修改，受邀单位会收到通知"))
    return redirect("console-meeting", pk=meeting.pk)


def _with_invited(offered: Offered, invited: Iterable[Invitation]) -> Offered:
    """With who is invited already and would not be offered any more."""
    for rows, name in (
        (offered.communities, "community"),
        (offered.departments, "department"),
        (offered.appointed, "appointment"),
    ):
        rows += [one for row in invited if (one := getattr(row, name)) is not None and one not in rows]
    return offered


def _as_it_is(meeting: Meeting, invited: Sequence[Invitation]) -> QueryDict:
    found = QueryDict(mutable=True)
    found["title"], found["place"] = meeting.title, meeting.place
    found["starts"] = f"{meeting.starts:%H:%M}" if meeting.starts else ""
    for field, name in _NAMED.items():
        found.setlist(field, [str(pk) for row in invited if (pk := getattr(row, name)) is not None])
    found["guests"] = "\n".join(row.name for row in invited if row.name)
    found.setlist("was", [str(row.pk) for row in invited])
    return found


def _page(
    request: HttpRequest,
    offered: Offered,
    meeting: Meeting,
    typed: QueryDict,
    wrong: Errors,
    *,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    shape = shaper(typed, wrong)
    fields: list[FieldShape] = [
        shape("title", _("名称"), required=True, maxlength=80, autocomplete="off"),
        shape("place", _("地点"), maxlength=120, autocomplete="off", half=True),
        shape("starts", _("时间"), "time", half=True),
        *offered.invitees(typed, wrong),
        others_field(typed, wrong),
    ]
    context = {
        "meeting": meeting,
        "was": typed.getlist("was"),
        "fields": fields,
        "errors": error_items(fields, wrong),
        "error_title": error_title(len(wrong)),
        "conflict": conflict,
    }
    return render(request, "console/meetings/change.html", context, status=status)
