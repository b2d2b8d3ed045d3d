"""One meeting: what it is, its agenda, what was raised and answered, its minutes, and what may be done now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import dates
from common.clock import local
from common.papers import CONTENT_TYPE, OfficialLine, minutes_paper
from console.kit import history
from console.kit.form_fields import Errors, errors_of
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import ErrorItem, FieldShape, error_title
from console.meetings.rows import item_row, matter_row, meeting_row
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from meetings import minutes
from meetings.agenda import MOST, matters_for, not_reached_before, unfinished_before
from meetings.enums import MEETING, MET, TO_COME, MeetingState
from meetings.minutes_reading import corrections_of, read_minutes
from meetings.models import Invitation, Meeting, listed
from meetings.rights import may_confirm, may_keep, may_propose
from meetings.services import following, planning, proposing, recording
from reminders import tellings


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def meeting_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/``; every form says by ``step`` what it does."""
    reader = reader_of(request)
    meeting = find_meeting(reader, pk)
    if request.method != "POST":
        return _page(request, reader, meeting)
    step = _STEPS.get(request.POST.get("step", ""))
    version = number_of(request.POST.get("version", ""))
    if step is None or version is None:
        raise BadRequest(_("无法识别的操作"))
    try:
        messages.success(request, step(_Step(request.POST, reader, meeting.pk, version)))
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, meeting, wrong=errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        return _page(request, reader, find_meeting(reader, pk), conflict=str(error.message), status=HTTPStatus.CONFLICT)
    return redirect("console-meeting", pk=pk)


@require_POST
def topics(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/topics/``: propose a topic, put a matter forward, or take one of a meeting not held."""
    reader = reader_of(request)
    meeting = find_meeting(reader, pk)
    given: dict[str, Any] = {"meeting_id": meeting.pk, "by": reader.actor, "at": reader.now}
    chosen = number_of(request.POST.get("key", "")) or 0
    try:
        match request.POST.get("step"):
            case "propose":
                proposing.propose(**given, words=request.POST.get("words", ""))
            case "matter":
                proposing.put_forward(**given, issue_id=chosen)
            case "carry":
                proposing.carry_over(**given, item_id=chosen)
            case _:
                raise BadRequest(_("无法识别的操作"))
        messages.success(request, _("已列入议题"))
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, meeting, wrong=errors_of(error), status=HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        return _page(request, reader, find_meeting(reader, pk), conflict=str(error.message), status=HTTPStatus.CONFLICT)
    return redirect("console-meeting", pk=pk)


@require_safe
def minutes_page(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/minutes/``: on paper; as confirmed, else as they stand now. Corrections stand below."""
    reader = reader_of(request)
    meeting = _with_minutes(reader, pk)
    context = {
        "meeting": meeting,
        "paragraphs": read_minutes(meeting, reader.access),
        "corrections": corrections_of(meeting, reader.access),
    }
    return render(request, "console/meetings/minutes.html", context)


@require_safe
def minutes_file(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/minutes.docx``: the same as an official paper, in Chinese, to send on or to sign."""
    reader = reader_of(request)
    meeting = _with_minutes(reader, pk)
    lines = minutes.paper_lines(read_minutes(meeting, reader.access))
    if not meeting.is_locked:
        lines.insert(0, OfficialLine("草稿，召集单位还没有确认。"))
    corrections = corrections_of(meeting, reader.access)
    if corrections:
        lines.append(OfficialLine("确认后的更正", heading=True))
    lines += [OfficialLine(str(one)) for one in corrections]
    content = minutes_paper(office=meeting.subdistrict.name_zh, title=meeting.title, lines=lines)
    answer = HttpResponse(content, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="minutes-{meeting.pk:06d}.docx"'
    return answer


def _with_minutes(reader: Reader, pk: int) -> Meeting:
    meeting = find_meeting(reader, pk)
    if meeting.state not in MET or meeting.historic:
        raise Http404(_("这次会议没有纪要"))
    return meeting


def find_meeting(reader: Reader, pk: int) -> Meeting:
    """The meeting in the reader's scope. Http404 for everybody else."""
    rows = Meeting.objects.visible_to(reader.access).with_names().select_related("confirmed_by", "drafted_by", "box")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有找到会议，可能不在您的范围"))
    return found


def find_kept(reader: Reader, pk: int) -> Meeting:
    """The meeting for its secretary. Http404 where it has no record, PermissionDenied for others in its scope."""
    meeting = find_meeting(reader, pk)
    if not may_keep(reader.access, meeting):
        raise PermissionDenied(_("会议由召集的社区或街道社会治理办记录"))
    if meeting.historic or meeting.state in (MeetingState.CANCELLED, MeetingState.NOT_HELD):
        raise Http404(_("这次会议没有记录"))
    return meeting


@dataclass(frozen=True)
class _Step:
    """One sending of a form."""

    typed: Mapping[str, str]
    reader: Reader
    pk: int
    version: int

    @property
    def given(self) -> dict[str, Any]:
        """What every service asks for."""
        return {"meeting_id": self.pk, "version": self.version, "by": self.reader.actor, "at": self.reader.now}


def _announce(step: _Step) -> str:
    planning.announce(**step.given)
    return _("已预告，受邀单位会收到通知")


def _move(step: _Step) -> str:
    try:
        on = date.fromisoformat(step.typed.get("on", ""))
    except ValueError as error:
        raise InvalidFields({"on": _("请填写日期，例如 2026-12-31")}) from error
    planning.move(**step.given, on=on, reason=step.typed.get("reason", ""))
    return _("已改期")


def _cancel(step: _Step) -> str:
    not_held = step.typed.get("not_held") == "true"
    planning.cancel(**step.given, reason=step.typed.get("reason", ""), not_held=not_held)
    return _("已记录未举行") if not_held else _("会议已取消")


def _begin(step: _Step) -> str:
    recording.begin(**step.given)
    return _("会议已开始，可以记录")


def _end(step: _Step) -> str:
    recording.end(**step.given)
    return _("会议已结束，请按期整理纪要并请召集单位确认")


def _draft(step: _Step) -> str:
    following.draft_minutes(**step.given)
    return _("纪要已整理，等召集单位确认")


def _confirm(step: _Step) -> str:
    following.confirm_minutes(**step.given)
    return _("纪要已确认，以后的改动按更正记录")


def _release(step: _Step) -> str:
    planning.release(**step.given)
    return _("已公开，居民可以看到")


def _take_back(step: _Step) -> str:
    planning.release(**step.given, back=True)
    return _("已撤回公开")


_STEPS: Final[dict[str, Callable[[_Step], str]]] = {
    "announce": _announce,
    "move": _move,
    "cancel": _cancel,
    "begin": _begin,
    "end": _end,
    "draft": _draft,
    "confirm": _confirm,
    "release": _release,
    "take_back": _take_back,
}


def _page(
    request: HttpRequest,
    reader: Reader,
    meeting: Meeting,
    *,
    wrong: Errors | None = None,
    conflict: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    today, wrong = local(reader.now).date(), wrong or {}
    reason = (request.POST.get("reason", ""), wrong)
    keeps = may_keep(reader.access, meeting) and not meeting.historic
    invited = listed(meeting.invitations.standing().with_names())
    items = [item_row(item, reader) for item in meeting.items.read_by(reader.access).in_order()]
    coming = meeting.state in TO_COME
    context = _agenda(reader, meeting, today) | {
        "meeting": meeting,
        "row": meeting_row(meeting, today),
        "facts": _facts(meeting, invited),
        "items": items,
        "coming": coming,
        "conflict": conflict,
        "errors": [ErrorItem(f"id_{name}", "", text) for name, texts in wrong.items() for text in texts],
        "error_title": error_title(len(wrong)),
        "keeps": keeps,
        "may_type": keeps and meeting.state not in (MeetingState.CANCELLED, MeetingState.NOT_HELD),
        "may_begin": keeps and coming and meeting.on <= today,
        "may_announce": keeps and meeting.state == MeetingState.PLANNED,
        "may_draft": keeps and meeting.state in MET and meeting.drafted_at is None,
        "may_confirm": meeting.drafted_at is not None and not meeting.is_locked and may_confirm(reader.access, meeting),
        "may_release": keeps and meeting.state != MeetingState.PLANNED,
        "follows": keeps and meeting.state in MET,
        "has_minutes": meeting.state in MET and not meeting.historic,
        "has_box": not meeting.historic and (meeting.state in (*TO_COME, MeetingState.LIVE) or hasattr(meeting, "box")),
        "passed": meeting.on <= today,
        "topic_field": replace(
            _field("words", _("议题"), "textarea", (request.POST.get("words", ""), wrong)), maxlength=1000, rows=2
        ),
        "date_field": _field("on", _("新的日期"), "date", (request.POST.get("on", ""), wrong)),
        "move_reason": _field("reason", _("原因"), "text", reason, "move-reason"),
        "cancel_reason": _field("reason", _("原因"), "text", reason, "cancel-reason"),
        "days": history.history_of(MEETING, meeting.pk, reader.now, title=tellings.title),
    }
    return render(request, "console/meetings/meeting.html", context, status=status)


def _agenda(reader: Reader, meeting: Meeting, today: date) -> dict[str, Any]:
    """What it begins with; before it begins what may be put on it besides, for who may propose."""
    access, coming = reader.access, meeting.state in TO_COME
    left = unfinished_before(meeting, access, today)[:MOST] if coming or meeting.state == MeetingState.LIVE else ()
    proposes = coming and may_propose(access, meeting, *proposing.invited_to(meeting))
    return {
        "agenda": [item_row(item, reader) for item in left],
        "may_propose": proposes,
        "missed": [item_row(one, reader) for one in not_reached_before(meeting, access, today)[:MOST]]
        if proposes
        else (),
        "matters": [matter_row(one) for one in matters_for(meeting, access)[:MOST]] if proposes else (),
    }


def _field(name: str, label: str, kind: str, shown: tuple[str, Errors], own_id: str = "") -> FieldShape:
    value, wrong = shown
    errors = wrong.get(name, ())
    return FieldShape(name, label, kind, value, required=True, errors=errors, maxlength=200, id=own_id)


def _facts(meeting: Meeting, invited: list[Invitation]) -> list[dict[str, str]]:
    came = [row for row in invited if row.present]
    convener = meeting.convener.name if meeting.convener else ""
    found = (
        (_("类型"), meeting.kind.name),
        (_("系列"), meeting.series.name if meeting.series else ""),
        (_("地点"), meeting.place or (meeting.community.name if meeting.community else "")),
        (_("召集单位"), convener),
        (_("参加"), meeting.beside),
        (_("受邀"), _("、").join(_called(row) for row in invited if row.invited)),
        (_("到会"), _("、").join(_called(row) for row in came)),
        (_("原因"), meeting.reason),
        (_("公开日期"), dates.moment(meeting.released_at) if meeting.released_at else ""),
        (_("纪要确认"), meeting.confirmed_by.display_name if meeting.confirmed_by else ""),
    )
    return [{"label": label, "value": value} for label, value in found]


def _called(row: Invitation) -> str:
    if row.community is not None:
        return row.community.name
    return row.department.short_name if row.department is not None else row.by_name
