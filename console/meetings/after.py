"""What comes of one answer: a matter, a promise, or the note that it was kept; from its page and the typing screen."""

from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console.kit.reading import Reader, number_of, reader_of
from console.meetings.desk import kept_of
from console.meetings.page import find_meeting
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from meetings.models import MeetingItem
from meetings.services import following


@require_POST
def follow(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """``/console/meetings/<pk>/items/<place>/follow/``: make a matter or a promise of an answer, or note it as kept.

    JSON for the script of the typing screen, which stays where it is; else the page of what was made.
    """
    reader = reader_of(request)
    meeting = find_meeting(reader, pk)
    item = MeetingItem.objects.filter(meeting=meeting, number=place).read_by(reader.access).first()
    if item is None:
        raise Http404(_("没有这一项"))
    by_script = request.headers.get("Accept") == "application/json"
    refusal, status = "", HTTPStatus.BAD_REQUEST
    try:
        said, address = _done(request, reader, item)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        refusal = "；".join(str(words) for words in error.fields.values())
    except IssueError as error:
        refusal, status = str(error.message), HTTPStatus.CONFLICT
    if by_script and refusal:
        return JsonResponse({"said": refusal}, status=status)
    if by_script:
        fresh = MeetingItem.objects.read_by(reader.access).get(pk=item.pk)
        return JsonResponse(kept_of(fresh, reader) | {"said": said})
    if refusal:
        messages.error(request, refusal)
        return redirect("console-meeting", pk=pk)
    messages.success(request, said)
    return redirect(address or reverse("console-meeting", args=[pk]))


def _done(request: HttpRequest, reader: Reader, item: MeetingItem) -> tuple[str, str]:
    """What was said of it, and the address of what was made ("" where nothing was)."""
    match request.POST.get("step"):
        case "issue":
            issue = following.make_issue(item_id=item.pk, by=reader.actor, at=reader.now)
            words = _("已转为工单 %(number)s") % {"number": issue.number}
            return words, reverse("console-issue", args=[issue.number])
        case "commitment":
            made = following.make_commitment(item_id=item.pk, by=reader.actor, at=reader.now)
            return _("已转为承诺事项"), reverse("console-commitment", args=[made.pk])
        case "settle":
            version = number_of(request.POST.get("version", "")) or 0
            following.settle(item_id=item.pk, version=version, by=reader.actor, at=reader.now)
            return _("已记录落实"), ""
    raise BadRequest(_("无法识别的操作"))
