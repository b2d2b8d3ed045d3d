"""社区请您做的: what leaders are asked, and their answer for each place. Works without a script."""

from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from common.clock import now
from common.keyset import BadCursor, paginate
from communities.access import access_of
from communities.actors import Actor
from communities.models import Leader, LeaderPlace
from files.services import of_owners
from issues.querysets import NEWEST
from issues.services.errors import InvalidFields, IssueError
from leaders.enums import ANSWER, LeaderReply
from leaders.models import LeaderAnswer, LeaderTask
from leaders.services.answering import answer
from leaders.services.base import LONGEST
from phone.leading import for_leaders
from phone.shared import as_pk
from phone.task_items import item, open_tasks, other_tasks, tasks_of
from phone.uploads import uploads_of

SHOWN = 20


@require_safe
@for_leaders
def task_list(request: HttpRequest, leader: Leader) -> HttpResponse:
    """``/leader/tasks/``: what waits, by its date; below it everything else, the newest first."""
    at = now()
    try:
        page = paginate(other_tasks(leader, at), order=NEWEST, cursor=request.GET.get("after", "")[:200], size=SHOWN)
    except BadCursor:
        return redirect("leader-tasks")
    context = {
        "tasks": [item(task, at, waits=True) for task in open_tasks(leader, at)],
        "others": [item(task, at, waits=task.waits) for task in page.rows],
        "next_url": f"{reverse('leader-tasks')}?after={page.next_cursor}" if page.next_cursor else "",
    }
    return render(request, "phone/leader/tasks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_leaders
def task_page(request: HttpRequest, leader: Leader, pk: int) -> HttpResponse:
    """``/leader/tasks/<pk>/``: one of them; POST answers for one place."""
    task = tasks_of(leader).filter(pk=pk).first()
    if task is None:
        raise Http404(_("没有找到"))
    rows = list(LeaderAnswer.objects.filter(task=task, leader=leader).with_names().order_by("id"))
    if request.method != "POST":
        return _page(request, task, rows)
    wanted = as_pk(request.POST.get("answer", ""))
    row = next((one for one in rows if one.pk == wanted), None)
    if row is None:
        raise Http404(_("没有找到"))
    try:
        by = Actor.staff(cast("User", request.user))
        found = uploads_of(request, now(), right=True, by_id=request.user.pk)
        if found.refused:
            raise InvalidFields({"photos": found.refused[0]})
        answer(answer_id=row.pk, reply=request.POST.get("reply", ""), note=request.POST.get("note", ""),
               by=by, at=now(), uploads=found.public_ids)  # fmt: skip
    except InvalidFields as error:
        wrong = {name: str(words) for name, words in error.fields.items()}
        return _page(request, task, rows, wrong, row.pk)
    except IssueError as error:
        task.refresh_from_db()
        return _page(request, task, rows, {"reply": str(error.message)}, row.pk, status=HTTPStatus.CONFLICT)
    messages.success(request, _("已收到您的回应"))
    return redirect("leader-task", pk=pk)


@require_safe
def open_task(request: HttpRequest, pk: int) -> HttpResponse:
    """``/leader/tasks/<pk>/open/``: where a notification leads: to the page of staff or of leaders, which ask again."""
    return redirect("console-leader-task" if access_of(request.user).is_staff else "leader-task", pk=pk)


def _page(
    request: HttpRequest,
    task: LeaderTask,
    rows: list[LeaderAnswer],
    wrong: dict[str, str] | None = None,
    answering: int | None = None,
    *,
    status: int = HTTPStatus.BAD_REQUEST,
) -> HttpResponse:
    takes = task.takes_answers(now())
    files = of_owners(ANSWER, [row.pk for row in rows]) if task.spec.photos else {}
    context = {
        "task": task,
        "kind": task.get_kind_display(),
        "warning": task.get_warning_display() if task.warning else "",
        "takes": takes,
        "note_longest": LONGEST["note"],
        "rows": [
            _row(request, row, task, wrong or {} if row.pk == answering else {}, len(files.get(row.pk, ())))
            for row in rows
        ],
        "errors": [{"field_id": f"place-{answering}", "message": words} for words in (wrong or {}).values()],
    }
    return render(request, "phone/leader/task.html", context, status=status if wrong else HTTPStatus.OK)


def _row(
    request: HttpRequest, row: LeaderAnswer, task: LeaderTask, wrong: dict[str, str], photos: int
) -> dict[str, Any]:
    spec = task.spec.find(row.reply)
    return {
        "id": row.pk,
        "place": row.place if task.spec.by_place else "",
        "reply": str(LeaderReply(row.reply).label) if row.reply else "",
        "answered_at": row.answered_at,
        "note": row.note,
        "typed": request.POST.get("note", "") if wrong else row.note,
        "choices": [(one.reply.value, one.reply.label, one.reply == row.reply) for one in task.spec.replies],
        "takes_note": task.spec.note,
        "takes_photos": task.spec.photos,
        "photos": photos,
        "report_url": _report_url(row) if spec is not None and spec.reports else "",
    }


def _report_url(row: LeaderAnswer) -> str:
    """The report of this place, with the first words; the leader's own list of places knows it by another id."""
    held = LeaderPlace.objects.filter(leader_id=row.leader_id)
    where = (row.building_id, row.neighbourhood_id)
    place = next((one.pk for one in held if (one.building_id, one.neighbourhood_id) == where), None)
    words = _("%(place)s积水") % {"place": row.place}
    return f"{reverse('leader-report')}?{urlencode({'place': place or '', 'words': words})}"
