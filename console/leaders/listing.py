"""``/console/leader-tasks/``: what leaders were asked, the newest first."""

from typing import Final

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.keyset import BadCursor, Order, paginate
from console.kit.reading import PAGE_SIZE, code_of, pager_of, reader_of, text_of, url_with
from console.leaders.sending import senders_of
from leaders.enums import TaskKind
from leaders.models import LeaderTask

_NEWEST: Final = Order(("-id",))


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """Of the own communities, of a whole sub-district."""
    reader = reader_of(request)
    kind = code_of(request, "kind", TaskKind.values)
    cursor = text_of(request, "cursor", 200)
    rows = LeaderTask.objects.visible_to(reader.access).with_names()
    try:
        page = paginate(rows.filter(kind=kind) if kind else rows, order=_NEWEST, cursor=cursor or None, size=PAGE_SIZE)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    context = {
        "rows": page.rows,
        "kinds": [
            {"label": label, "url": url_with(request, kind=code), "active": code == kind}
            for code, label in (("", _("全部")), *((code, str(label)) for code, label in TaskKind.choices))
        ],
        "new_url": f"{reverse('console-leader-task-new')}?kind={kind}" if senders_of(reader) else "",
        "pager": pager_of(request, page.next_cursor, cursor),
    }
    return render(request, "console/leaders/tasks.html", context)
