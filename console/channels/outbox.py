"""发送失败: dead letters, sent again or dropped with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.views import safe_next
from common.keyset import BadCursor
from console.kit.reading import LONGEST, Reader, pager_of, reader_of, text_of, url_with
from console.kit.shapes import Chip, Empty, Option
from reminders.enums import Topic
from reminders.panels import told_label
from reminders.services import channel_setup, dead_letters
from reminders.services.dead_letters import MOST_AT_ONCE, DeadLetter
from reminders.tellings import ALARM_KINDS

_HOME: Final = "console-outbox"


@dataclass(frozen=True)
class DeadRow:
    """One dead letter in the list. ``to`` is a person, or the channel's own group."""

    id: int
    channel: str
    channel_name: str
    to: str
    what: str
    number: str
    url: str
    at: datetime
    attempts: int
    error: str
    explanation: str
    ticked: bool


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """``/console/admin/outbox/``: what could not be delivered and why; POST sends again or drops what was ticked."""
    reader = reader_of(request)
    if request.method != "POST":
        return _show(request, reader)
    ids = _ids(request)
    action = request.POST.get("action", "")
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:LONGEST]
    if not ids:
        return _show(request, reader, error=_("请先勾选要处理的消息"), reason=reason)
    if action == "resend":
        done = dead_letters.resend(ids=ids, actor=reader.actor, at=reader.now)
        words = ngettext("已重新排队 %(n)d 条消息", "已重新排队 %(n)d 条消息", done) % {"n": done}
    elif action == "drop":
        try:
            done = dead_letters.drop(ids=ids, actor=reader.actor, reason=reason, at=reader.now)
        except ValidationError as error:
            return _show(request, reader, error=error.messages[0], reason=reason, ticked=ids)
        words = ngettext("已取消发送 %(n)d 条消息", "已取消发送 %(n)d 条消息", done) % {"n": done}
    else:
        raise BadRequest(_("无法识别的操作"))
    if done < len(ids):
        messages.warning(request, words + _("，其余已被别人处理"))
    else:
        messages.success(request, words)
    home = reverse(_HOME)
    return HttpResponseRedirect(safe_next(request, request.POST.get("next"), home, under=home))


def _ids(request: HttpRequest) -> list[int]:
    """The messages that were ticked. BadRequest for what is no number."""
    given = request.POST.getlist("id")[:MOST_AT_ONCE]
    if not all(text.isascii() and text.isdecimal() and len(text) <= 18 for text in given):
        raise BadRequest(_("无法识别的操作"))
    return [int(text) for text in given]


def _show(
    request: HttpRequest, reader: Reader, *, error: str = "", reason: str = "", ticked: Sequence[int] = ()
) -> HttpResponse:
    channel = text_of(request, "channel", 18)
    if channel and not (channel.isascii() and channel.isdecimal()):
        raise BadRequest(_("筛选条件无效，请清除筛选后重试"))
    cursor = text_of(request, "cursor")
    try:
        page = dead_letters.dead_letters(
            reader.actor, channel_id=int(channel) if channel else None, cursor=cursor or None
        )
    except BadCursor as wrong:
        raise BadRequest(wrong.message) from wrong
    context = {
        "rows": [_row(item, item.id in ticked) for item in page.items],
        "filter": _filter(request, reader, channel),
        "pager": pager_of(request, page.next_cursor, cursor),
        "empty": None if page.items else _empty(bool(channel), url_with(request, channel="")),
        "error": error,
        "reason": reason,
        "here": request.get_full_path(),
    }
    status = HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK
    return render(request, "console/channels/outbox.html", context, status=status)


def _filter(request: HttpRequest, reader: Reader, chosen: str) -> Chip | None:
    """A menu of the channels that have dead letters; None where there is no choice."""
    channels = channel_setup.with_dead_letters(reader.actor)
    if len(channels) < 2 and not chosen:
        return None
    names = {str(pk): name for pk, name in channels}
    return Chip(
        name="channel",
        label=_("渠道"),
        value_label=names.get(chosen, chosen),
        clear_url=url_with(request, channel=""),
        options=tuple(
            Option(label=name, url=url_with(request, channel=code), selected=code == chosen)
            for code, name in names.items()
        ),
    )


def _row(item: DeadLetter, ticked: bool) -> DeadRow:
    return DeadRow(
        id=item.id,
        channel=item.channel,
        channel_name=item.channel_name,
        to=item.recipient or item.channel_name,
        what=str(Topic.ALARM.label) if item.kind in ALARM_KINDS else told_label(item.kind, None),
        number=item.number,
        url=reverse("console-issue", args=[item.number]) if item.number else "",
        at=item.created_at,
        attempts=item.attempts,
        error=item.error,
        explanation=item.explanation,
        ticked=ticked,
    )


def _empty(filtered: bool, clear_url: str) -> Empty:
    if filtered:
        return Empty(title=_("这个渠道没有发送失败的消息"), action_label=_("清除筛选"), action_url=clear_url)
    return Empty(title=_("没有发送失败的消息"), text=_("多次重试仍未送达的消息会列在这里，站内通知不受影响。"))
