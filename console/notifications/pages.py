"""The page of a person's notifications, and the bell."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.views import safe_next
from common import dates
from common.clock import SHANGHAI, local
from common.keyset import BadCursor
from console.kit.reading import Reader, code_of, pager_of, reader_of, text_of, url_with
from console.kit.shapes import Empty, Option, Tab
from deadlines.services import load_calendar
from issues.enums import SUBJECT
from issues.models import Issue
from reminders.enums import Channel, OutboxState, Topic
from reminders.querysets import (
    UNREAD_CAP,
    InboxCounts,
    InboxItem,
    InboxPage,
    inbox_counts,
    inbox_page,
    later_page,
    worded,
)
from reminders.services import inbox
from reminders.services.inbox import LONGEST_SNOOZE, Snooze, SnoozeError

UNREAD: Final = "unread"
LATER: Final = "later"
_HOME: Final = "console-notifications"
_OFFERED: Final = frozenset(choice.value for choice in Snooze)

_SNOOZE_LABELS: Final[dict[Snooze, Promise]] = {
    Snooze.HOUR: gettext_lazy("1小时后"),
    Snooze.MORNING: gettext_lazy("早上"),
    Snooze.WORKDAY: gettext_lazy("下个工作日"),
}
_SENT: Final[dict[OutboxState, Promise]] = {
    OutboxState.QUEUED: gettext_lazy("待发送"),
    OutboxState.CLAIMED: gettext_lazy("发送中"),
    OutboxState.SENT: gettext_lazy("已发送"),
    OutboxState.DROPPED: gettext_lazy("已取消发送"),
    OutboxState.DEAD: gettext_lazy("发送失败"),
}
_CHANNELS: Final[dict[Channel, Promise]] = {Channel.EMAIL: gettext_lazy("邮件"), Channel.SMS: gettext_lazy("短信")}


@dataclass(frozen=True)
class SnoozeOffer:
    """One offer of 稍后处理."""

    code: str
    label: str
    at: datetime


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """What this person was told, newest first; ``?tab=unread`` only what was not read, ``later`` what was put off."""
    reader = reader_of(request)
    tab = code_of(request, "tab", (UNREAD, LATER))
    topic = code_of(request, "topic", Topic.values)
    cursor = text_of(request, "cursor")
    try:
        page = _page(reader, tab, topic, cursor)
    except BadCursor as error:
        raise BadRequest(error.message) from error
    counts = inbox_counts(reader.user.pk, reader.now)
    context = {
        "tabs": _tabs(tab, counts),
        "topics": [] if tab == LATER else _topics(request, topic),
        "clear_url": url_with(request, topic="") if topic else "",
        "items": [_item(row) for row in page.items],
        "later": tab == LATER,
        "moments": _moments(reader.now),
        "least": f"{local(reader.now):%Y-%m-%dT%H:%M}",
        "most": f"{local(reader.now + LONGEST_SNOOZE):%Y-%m-%dT%H:%M}",
        "pager": pager_of(request, page.next_cursor, cursor),
        "empty": None if page.items else _empty(tab, topic, url_with(request, topic="")),
        "read_all_url": reverse("console-notifications-read") if counts.unread and tab != LATER else "",
        "here": request.get_full_path(),
    }
    return render(request, "console/notifications/list.html", context)


@require_safe
@never_cache
def bell(request: HttpRequest) -> HttpResponse:
    """The bell's number, asked for again and again by every open page; 204 where it is still ``?seen=``.

    Two statements beside the session's: the scope that the right is read from, and the count.
    """
    reader = reader_of(request)
    unread = inbox_counts(reader.user.pk, reader.now).unread
    if request.GET.get("seen") == str(unread):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return render(request, "console/notifications/_bell.html", {"unread": unread, "unread_text": count_text(unread)})


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything that this person sees is read now."""
    reader = reader_of(request)
    inbox.mark_all_read(user_id=reader.user.pk, at=reader.now)
    return redirect(_HOME)


@require_POST
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to its issue, or back to the list where there is none to be seen."""
    reader = reader_of(request)
    row = inbox.mark_read(user_id=reader.user.pk, notification_id=pk, at=reader.now)
    if row is None:
        raise Http404
    if row.subject_kind != SUBJECT:
        url = worded([row], reader.access, reader.now)[0].url
        return HttpResponseRedirect(url) if url else _back(request)
    issue = Issue.objects.visible_to(reader.access).filter(pk=row.subject_id).only("number").first()
    return redirect("console-issue", number=issue.number) if issue else _back(request)


@require_POST
def read_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and stay on the list."""
    reader = reader_of(request)
    if inbox.mark_read(user_id=reader.user.pk, notification_id=pk, at=reader.now) is None:
        raise Http404
    return _back(request)


@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one off until one of the offered moments, or until what was typed in ``until``; ``wake`` brings it back."""
    reader = reader_of(request)
    choice = request.POST.get("choice", "")
    if choice == "wake":
        if inbox.wake(user_id=reader.user.pk, notification_id=pk, at=reader.now) is None:
            raise Http404
        return _back(request)
    try:
        until = _until(reader.now, choice, request.POST.get("until", ""))
        row = inbox.snooze(user_id=reader.user.pk, notification_id=pk, until=until, at=reader.now)
    except SnoozeError as error:
        messages.error(request, _("没有推迟：%(why)s") % {"why": error.message})
        return _back(request)
    if row is None:
        raise Http404
    messages.success(request, _("已推迟到 %(when)s，届时重新提醒") % {"when": dates.moment_short(until)})
    return _back(request)


def until_of(text: str) -> datetime | None:
    """A moment as a date field sends it, in Asia/Shanghai unless it says otherwise; None where it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= at.year <= 2100:
        return None
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at


def count_text(number: int) -> str:
    """ "" for none, 99+ from the cap on."""
    return "" if not number else str(number) if number < UNREAD_CAP else f"{UNREAD_CAP - 1}+"


def _until(now: datetime, choice: str, typed: str) -> datetime:
    """Raises SnoozeError where nothing usable was chosen."""
    moments = inbox.snooze_moments(now, load_calendar())
    if choice in _OFFERED:
        return moments.get(Snooze(choice), moments[Snooze.MORNING])
    until = until_of(typed)
    if until is None:
        raise SnoozeError(_("请选择时间"), code="moment")
    return until


def _back(request: HttpRequest) -> HttpResponse:
    home = reverse(_HOME)
    return HttpResponseRedirect(safe_next(request, request.POST.get("next"), home, under=home))


def _page(reader: Reader, tab: str, topic: str, cursor: str) -> InboxPage:
    if tab == LATER:
        return later_page(reader.access, at=reader.now, cursor=cursor or None)
    return inbox_page(
        reader.access,
        at=reader.now,
        unread_only=tab == UNREAD,
        topic=Topic(topic) if topic else None,
        cursor=cursor or None,
    )


def _tabs(active: str, counts: InboxCounts) -> list[Tab]:
    url = reverse(_HOME)
    rows = (
        ("", _("全部"), url, ""),
        (UNREAD, _("未读"), f"{url}?tab={UNREAD}", count_text(counts.unread)),
        (LATER, _("稍后处理"), f"{url}?tab={LATER}", count_text(counts.later)),
    )
    return [Tab(code=code, label=label, url=to, active=active == code, count=n) for code, label, to, n in rows]


def _topics(request: HttpRequest, chosen: str) -> list[Option]:
    return [
        Option(label=str(topic.label), url=url_with(request, topic=topic.value), selected=topic.value == chosen)
        for topic in Topic
    ]


def _moments(now: datetime) -> list[SnoozeOffer]:
    moments = inbox.snooze_moments(now, load_calendar())
    return [SnoozeOffer(choice.value, str(_SNOOZE_LABELS[choice]), at) for choice, at in moments.items()]


def _item(row: InboxItem) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "text": row.body,
        "at": row.at,
        "topic": row.topic.label,
        "opens": bool(row.url),
        "open_url": reverse("console-notification-open", args=[row.id]),
        "read_url": reverse("console-notification-read", args=[row.id]),
        "snooze_url": reverse("console-notification-snooze", args=[row.id]),
        "unread": row.unread,
        "back": row.back,
        "until": row.snoozed_until_at,
        "why": row.why,
        "deliveries": [_delivery(sent.channel, sent.state, sent.at) for sent in row.deliveries],
        "failed": [_delivery(sent.channel, sent.state, None) for sent in row.deliveries if sent.failed],
    }


def _delivery(channel: Channel, state: OutboxState, at: datetime | None) -> str:
    words = {"channel": _CHANNELS[channel], "state": _SENT[state]}
    if at is None:
        return _("%(channel)s%(state)s") % words
    return _("%(channel)s%(state)s %(when)s") % (words | {"when": dates.moment_short(at)})


def _empty(tab: str, topic: str, clear_url: str) -> Empty:
    if topic:
        return Empty(title=_("没有这一类通知"), action_label=_("清除筛选"), action_url=clear_url)
    if tab == LATER:
        return Empty(title=_("没有推迟的通知"), text=_("用“稍后处理”把一条通知推迟到您方便的时间，届时重新提醒。"))
    title = _("没有未读通知") if tab == UNREAD else _("还没有通知")
    return Empty(title=title, text=_("派单、答复、催办和到期提醒会显示在这里。"))
