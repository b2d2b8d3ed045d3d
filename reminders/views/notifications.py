"""The page of a person's notifications."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.keyset import BadCursor
from issues.models import Issue
from issues.views.console.reading import code_of, reader_of, text_of, url_with
from issues.views.console.shapes import Empty, Pager, Tab
from reminders.enums import OutboxState
from reminders.querysets import InboxItem, inbox_page, unread_count
from reminders.services import inbox

UNREAD = "unread"


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """What this person was told, newest first; ``?tab=unread`` only what was not read."""
    reader = reader_of(request)
    tab = code_of(request, "tab", (UNREAD,))
    cursor = text_of(request, "cursor")
    try:
        page = inbox_page(reader.access, unread_only=tab == UNREAD, cursor=cursor or None)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    unread = unread_count(reader.user.pk)
    context = {
        "tabs": _tabs(tab, unread),
        "items": [_item(row) for row in page.items],
        "pager": Pager(
            next_url=f"{url_with(request)}{'&' if tab else '?'}cursor={page.next_cursor}" if page.next_cursor else "",
            first_url=url_with(request) if cursor else "",
        ),
        "empty": None if page.items else _empty(tab),
        "read_all_url": reverse("console-notifications-read") if unread else "",
    }
    return render(request, "console/notifications.html", context)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything of this person is read now."""
    reader = reader_of(request)
    inbox.mark_all_read(user_id=reader.user.pk, at=reader.now)
    return redirect("console-notifications")


@require_POST
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to its issue, or back to the list where that is out of sight now."""
    reader = reader_of(request)
    row = inbox.mark_read(user_id=reader.user.pk, notification_id=pk, at=reader.now)
    if row is None:
        raise Http404
    issue = Issue.objects.visible_to(reader.access).filter(pk=row.subject_id).only("number").first()
    return redirect("console-issue", number=issue.number) if issue else redirect("console-notifications")


def _tabs(active: str, unread: int) -> list[Tab]:
    url = reverse("console-notifications")
    count = "" if not unread else str(unread) if unread < 100 else "99+"
    return [
        Tab(code="", label=_("全部"), url=url, active=not active),
        Tab(code=UNREAD, label=_("未读"), url=f"{url}?tab={UNREAD}", active=active == UNREAD, count=count),
    ]


def _item(row: InboxItem) -> dict[str, Any]:
    return {
        "title": row.title,
        "text": row.body,
        "at": row.at,
        "issue_url": row.url,
        "open_url": reverse("console-notification-open", args=[row.id]),
        "unread": row.unread,
        "status_text": _("邮件发送失败") if row.email_state == OutboxState.DEAD else "",
    }


def _empty(tab: str) -> Empty:
    title = _("没有未读通知") if tab == UNREAD else _("还没有通知")
    return Empty(title=title, text=_("派单、答复、催办和到期提醒会显示在这里。"))
