"""提问箱: what the public asked at a meeting; and 待答复提问, all that is owed by a day, of every meeting."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import dates
from common.clock import local
from common.keyset import BadCursor, Order, Page, paginate
from console.kit.reading import PAGE_SIZE, Reader, code_of, number_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import Tab
from console.meetings.listing import QUESTIONS, frame
from console.meetings.page import find_meeting
from issues.services.errors import IssueError, NotPermitted
from meetings.enums import QuestionState
from meetings.models import Meeting, Question, QuestionBox
from meetings.querysets import QuestionQuerySet
from meetings.question_subject import url_of
from meetings.rights import may_keep
from meetings.services import asking
from meetings.words import tally_of

UNSEEN, WAITING, ENDED, ALL = "unseen", "waiting", "ended", "all"
VIEWS: Final[dict[str, Promise]] = {
    WAITING: gettext_lazy("待答复"),
    UNSEEN: gettext_lazy("待审核"),
    ENDED: gettext_lazy("已有结果"),
    ALL: gettext_lazy("全部"),
}
_ASKED: Final = Order(("number", "id"))
_DUE: Final = Order(("due_at", "id"))


@dataclass(frozen=True)
class QuestionRow:
    """One question of a list. ``also``: how many were merged into it; ``master``: into which it was."""

    number: int
    version: int
    url: str
    meeting: str
    words: str
    state: str
    ended: bool
    shown: bool
    also: int
    master: str
    department: str
    due: str
    late: bool
    answer: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def question_list(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/meetings/<pk>/questions/``: open and close the box, the honest count, the questions by ``view``."""
    reader = reader_of(request)
    meeting = find_meeting(reader, pk)
    if request.method == "POST":
        return _step(request, reader, meeting)
    return _page(request, reader, meeting)


@require_safe
def owed_list(request: HttpRequest) -> HttpResponse:
    """``/console/meetings/questions/``: what was still open after its meeting, the soonest due first."""
    reader = reader_of(request)
    rows = Question.objects.visible_to(reader.access).owed().with_names().annotate(also=Count("merged"))
    page, cursor = _paged(request, rows, _DUE)
    context = frame(reader, QUESTIONS) | {
        "rows": [row_of(row, reader) for row in page.rows],
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/meetings/questions_owed.html", context)


def row_of(row: Question, reader: Reader) -> QuestionRow:
    """Of a question ``with_names`` and ``also``."""
    return QuestionRow(
        number=row.number,
        version=row.version,
        url=url_of(row),
        meeting=row.box.meeting.title,
        words=row.words,
        state=str(row.get_state_display()) if row.master is None else _("已并入"),
        ended=row.state != QuestionState.ASKED,
        shown=row.shown_at is not None,
        also=getattr(row, "also", 0),
        master=str(row.master.number) if row.master else "",
        department=row.department.short_name if row.department else "",
        due=dates.moment_short(row.due_at) if row.due_at else "",
        late=row.is_late(reader.now),
        answer=row.answer or row.reason,
    )


def _step(request: HttpRequest, reader: Reader, meeting: Meeting) -> HttpResponse:
    version = number_of(request.POST.get("version", ""))
    step = request.POST.get("step")
    if step not in ("open", "close") or version is None:
        raise BadRequest(_("无法识别的操作"))
    given: dict[str, Any] = {"meeting_id": meeting.pk, "version": version, "by": reader.actor, "at": reader.now}
    try:
        if step == "open":
            asking.open_box(**given)
            messages.success(request, _("提问箱已开放，居民可以提问"))
        else:
            asking.close_box(**given)
            messages.success(request, _("已截止提问"))
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except IssueError as error:
        return _page(request, reader, find_meeting(reader, meeting.pk), str(error.message), HTTPStatus.CONFLICT)
    return redirect("console-meeting-questions", pk=meeting.pk)


def _page(
    request: HttpRequest, reader: Reader, meeting: Meeting, conflict: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    view = code_of(request, "view", tuple(VIEWS)) or WAITING
    box = QuestionBox.objects.filter(meeting=meeting).first()
    asked = Question.objects.filter(box=box) if box else Question.objects.none()
    page, cursor = _paged(request, _of(view, asked).with_names().annotate(also=Count("merged")), _ASKED)
    keeps = may_keep(reader.access, meeting) and not meeting.historic
    closed = box is None or box.closed_at is not None
    context = {
        "meeting": meeting,
        "conflict": conflict,
        "tally": tally_of(asked.counts()) if box else "",
        "tabs": [Tab(code, str(label), url_with(request, view=code), code == view) for code, label in VIEWS.items()],
        "rows": [row_of(row, reader) for row in page.rows],
        "keeps": keeps,
        "may_open": keeps and closed and asking.may_open(meeting, local(reader.now).date()),
        "may_close": keeps and not closed,
        "public_url": reverse("public-questions", args=[meeting.pk]) if box and meeting.released_at else "",
        "released": meeting.released_at is not None,
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/meetings/questions.html", context, status=status)


def _of(view: str, rows: QuestionQuerySet) -> QuestionQuerySet:
    if view == WAITING:
        return rows.waiting()
    if view == UNSEEN:
        return rows.unseen()
    return rows.exclude(state=QuestionState.ASKED) if view == ENDED else rows


def _paged(request: HttpRequest, rows: QuestionQuerySet, order: Order) -> tuple[Page, str]:
    cursor = text_of(request, "cursor", 400)
    try:
        return paginate(rows, order=order, cursor=cursor or None, size=PAGE_SIZE), cursor
    except BadCursor as error:
        raise BadRequest(error.message) from error
