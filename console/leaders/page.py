"""``/console/leader-tasks/<pk>/``: one task and the answer of each place."""

from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.keyset import BadCursor, Order, paginate
from console.kit.form_fields import Errors, error_items, errors_of
from console.kit.reading import Reader, code_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import FieldShape, error_title
from files.presenting import present_file
from files.services import of_owners
from issues.reading.attachments import staff_link
from issues.services.errors import InvalidFields, IssueError, NotPermitted
from leaders.enums import ANSWER, LeaderReply, TaskState
from leaders.models import AnswerQuerySet, LeaderAnswer, LeaderTask
from leaders.rights import may_cancel
from leaders.services.base import LONGEST
from leaders.services.sending import cancel

_ORDER: Final = Order(("community_id", "id"))
_ROWS: Final = 50
_WAITING: Final = "waiting"
_VIEWS: Final[dict[str, Promise]] = {"": gettext_lazy("全部"), _WAITING: gettext_lazy("没有回应")}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def task_page(request: HttpRequest, pk: int) -> HttpResponse:
    """POST ``step=cancel`` with a reason takes it back."""
    reader = reader_of(request)
    task = LeaderTask.objects.visible_to(reader.access).with_names().filter(pk=pk).first()
    if task is None:
        raise Http404(_("没有找到"))
    if request.method != "POST":
        return _page(request, reader, task, {})
    if request.POST.get("step") != "cancel":
        raise BadRequest(_("无法识别的操作"))
    try:
        cancel(task_id=pk, reason=request.POST.get("reason", ""), by=reader.actor, at=reader.now)
    except NotPermitted as error:
        raise PermissionDenied(str(error.message)) from error
    except InvalidFields as error:
        return _page(request, reader, task, errors_of(error), HTTPStatus.BAD_REQUEST)
    except IssueError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("已取消"))
    return redirect("console-leader-task", pk=pk)


def _page(
    request: HttpRequest, reader: Reader, task: LeaderTask, wrong: Errors, status: int = HTTPStatus.OK
) -> HttpResponse:
    codes = [one.reply.value for one in task.spec.replies]
    view = code_of(request, "view", (_WAITING, *codes))
    cursor = text_of(request, "cursor", 200)
    rows = LeaderAnswer.objects.filter(task=task).visible_to(reader.access).with_names()
    try:
        page = paginate(_of_view(rows, view), order=_ORDER, cursor=cursor or None, size=_ROWS)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    files = of_owners(ANSWER, [row.pk for row in page.rows])
    why = FieldShape(
        *("reason", _("原因"), "text", request.POST.get("reason", "")),
        required=True, maxlength=LONGEST["reason"], errors=wrong.get("reason", ()),
    )  # fmt: skip
    labels = [*_VIEWS.items(), *((code, LeaderReply(code).label) for code in codes)]
    context: dict[str, Any] = {
        "task": task,
        "facts": [{"label": label, "value": value} for label, value in _facts(task)],
        "views": [
            {"label": str(label), "url": url_with(request, view=code), "active": code == view} for code, label in labels
        ],
        "rows": [(row, [present_file(file, staff_link) for file in files[row.pk]]) for row in page.rows],
        "may_cancel": task.state == TaskState.OPEN and may_cancel(reader.access, task, reader.now),
        "why": why,
        "errors": error_items([why], wrong),
        "error_title": error_title(len(wrong)),
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/leaders/task.html", context, status=status)


def _of_view(rows: AnswerQuerySet, view: str) -> AnswerQuerySet:
    if not view:
        return rows
    return rows.waiting() if view == _WAITING else rows.filter(reply=view)


def _facts(task: LeaderTask) -> tuple[tuple[str, str], ...]:
    counts = _("%(asked)d 处，已回应 %(answered)d 处，没有回应 %(left)d 处")
    return (
        (_("类型"), str(task.get_kind_display())),
        (_("天气预警"), str(task.get_warning_display()) if task.warning else ""),
        (_("发送单位"), f"{task.sender} {task.made_by.display_name}"),
        (_("回应情况"), counts % {"asked": task.asked, "answered": task.answered, "left": task.left}),
        (_("取消的原因"), task.reason),
    )
