"""通知渠道: the channels by which messages leave the house, set up and tried by an administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import dates
from console.kit.reading import Reader, number_of, reader_of
from console.kit.shapes import ChoiceShape, ErrorItem, FieldShape, Link, error_title
from issues.reading.pages import count_text
from reminders.channels import KINDS, email_is_configured
from reminders.enums import ROBOTS, Channel, Topic
from reminders.models import DeliveryChannel
from reminders.services import channel_setup
from reminders.services.channel_setup import (
    COUNT_CAP,
    LONGEST_NAME,
    LONGEST_SECRET,
    LONGEST_URL,
    ChannelDraft,
    ChannelSetupError,
    Counts,
    Owner,
    StaleError,
)
from reminders.services.dead_letters import explain
from reminders.topics import FOR_GROUPS

_HOME: Final = "console-channels"
_NAMES: Final = ("name", "owner", "url", "secret", "unsigned", "per_minute")
SET_UP: Final = tuple(dict.fromkeys(kind for kind in (*ROBOTS, *Channel) if KINDS[kind].where is not None))
"""The kinds that are set up here; the mail server is named by EMAIL_URL."""

Errors = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class ChannelRow:
    """One channel in the list. ``tone``: ok, wrong or quiet. ``edit_url`` is "" where it is not set up here."""

    id: int
    kind: str
    name: str
    owner: str
    host: str
    topics: str
    state: str
    tone: str
    last_success_at: datetime | None
    last_error_at: datetime | None
    last_error: str
    advice: str
    waiting: str
    dead: str
    edit_url: str
    test_url: str
    dead_url: str


@require_safe
@never_cache
def channel_list(request: HttpRequest) -> HttpResponse:
    """``/console/admin/channels/``: every channel and how it is doing. Seven statements for any number of channels."""
    reader = reader_of(request)
    channels = channel_setup.channels_of(reader.access)
    counts = channel_setup.counts_of([channel.pk for channel in channels])
    context = {
        "rows": [_row(channel, counts.get(channel.pk, Counts()), reader.now) for channel in channels],
        "kinds": [Link(str(kind.label), f"{reverse('console-channel-new')}?kind={kind.value}") for kind in SET_UP],
        "email_there": email_is_configured(),
    }
    return render(request, "console/channels/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_channel(request: HttpRequest) -> HttpResponse:
    """``/console/admin/channels/new/?kind=wecom``: one more channel."""
    reader = reader_of(request)
    kind = request.GET.get("kind", "")
    if kind not in [known.value for known in SET_UP]:
        return redirect(_HOME)
    form = _Form(request, reader, Channel(kind))
    if not form.owners:
        raise PermissionDenied(_("您不管理任何街道的渠道"))
    if request.method != "POST":
        return form.show({"owner": form.owners[0].code})
    try:
        channel = channel_setup.add_channel(draft=form.draft(), by=reader.actor, at=reader.now)
    except ChannelSetupError as error:
        return form.show(form.values, {error.field: error.messages}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已添加“%(name)s”，请发送测试") % {"name": channel.name})
    return redirect(_HOME)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def edit_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/channels/<pk>/``: change one; 409 where somebody else did meanwhile."""
    reader = reader_of(request)
    channel = _find(reader, pk)
    if channel.kind == Channel.EMAIL:
        return redirect(_HOME)
    form = _Form(request, reader, Channel(channel.kind), channel)
    if request.method != "POST":
        return form.show(_values_of(channel))
    try:
        channel_setup.change_channel(
            channel_id=pk, version=_version(request), draft=form.draft(), by=reader.actor, at=reader.now
        )
    except StaleError as error:
        return form.show(form.values, {"": error.messages}, status=HTTPStatus.CONFLICT)
    except ChannelSetupError as error:
        return form.show(form.values, {error.field: error.messages}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已保存"))
    return redirect(_HOME)


@require_POST
def retire_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/channels/<pk>/retire/``: take one out of use."""
    reader = reader_of(request)
    channel = _find(reader, pk)
    if channel.kind == Channel.EMAIL:
        raise PermissionDenied(_("邮件服务器由环境变量 EMAIL_URL 设定"))
    try:
        channel_setup.retire_channel(channel_id=pk, version=_version(request), by=reader.actor, at=reader.now)
    except StaleError as error:
        form = _Form(request, reader, Channel(channel.kind), channel)
        return form.show(_values_of(channel), {"": error.messages}, status=HTTPStatus.CONFLICT)
    messages.success(request, _("已停用“%(name)s”") % {"name": channel.name})
    return redirect(_HOME)


@require_POST
@never_cache
def test_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """``/console/admin/channels/<pk>/test/``: send one harmless message now and say what came of it."""
    reader = reader_of(request)
    channel = _find(reader, pk)
    try:
        tested = channel_setup.send_test(channel=channel, user=reader.user, by=reader.actor, at=reader.now)
    except ChannelSetupError as error:
        messages.error(request, error.messages[0])
        return redirect(_HOME)
    if tested.went:
        messages.success(request, _("测试消息已发送，“%(name)s”已收下") % {"name": channel.name})
    else:
        messages.error(
            request,
            _("“%(name)s”测试失败，对方说：%(words)s") % {"name": channel.name, "words": tested.words or "—"},
        )
    return redirect(_HOME)


def _find(reader: Reader, pk: int) -> DeliveryChannel:
    rows = channel_setup.in_scope(reader.access).filter(retired_at__isnull=True)
    channel = rows.select_related("subdistrict", "community", "department").filter(pk=pk).first()
    if channel is None:
        raise Http404(_("没有这个渠道"))
    return channel


def _version(request: HttpRequest) -> int:
    return number_of(request.POST.get("version", ""), 9) or 0


def _row(channel: DeliveryChannel, counts: Counts, now: datetime) -> ChannelRow:
    kind = Channel(channel.kind)
    state, tone = _state(channel, now)
    owner = channel.department or channel.community or channel.subdistrict
    topics = channel.topics or [topic.value for topic in FOR_GROUPS]
    failing = channel.failures > 0 or _failed_last(channel)
    return ChannelRow(
        id=channel.pk,
        kind=str(kind.label),
        name=channel.name,
        owner=owner.name if owner else _("全部街道"),
        host=_("由 EMAIL_URL 设定") if kind is Channel.EMAIL else channel_setup.host_of(channel.url),
        topics=_("按各人设置") if kind in (Channel.EMAIL, Channel.SMS) else _("、").join(
            str(topic.label) for topic in Topic if topic.value in topics
        ),
        state=state,
        tone=tone,
        last_success_at=channel.last_success_at,
        last_error_at=channel.last_error_at,
        last_error=channel.last_error.partition(": ")[2] or channel.last_error,
        advice=explain(channel.last_error) if channel.last_error and failing else "",
        waiting=_count(counts.waiting),
        dead=_count(counts.dead),
        edit_url="" if kind is Channel.EMAIL else reverse("console-channel", args=[channel.pk]),
        test_url=reverse("console-channel-test", args=[channel.pk]),
        dead_url=f"{reverse('console-outbox')}?channel={channel.pk}",
    )  # fmt: skip


def _count(number: int) -> str:
    return count_text(number, COUNT_CAP)


def _failed_last(channel: DeliveryChannel) -> bool:
    at, success = channel.last_error_at, channel.last_success_at
    return at is not None and (success is None or success < at)


def _state(channel: DeliveryChannel, now: datetime) -> tuple[str, str]:
    if channel.open_until_at is not None and now < channel.open_until_at:
        return _("已熔断至 %(when)s") % {"when": dates.moment_short(channel.open_until_at)}, "wrong"
    if _failed_last(channel):
        return _("上次发送失败"), "wrong"
    if channel.last_success_at is None:
        return _("未用过"), "quiet"
    return pgettext("condition", "正常"), "ok"


def _values_of(channel: DeliveryChannel) -> dict[str, Any]:
    owner = Owner(channel.subdistrict_id or 0, channel.community_id, channel.department_id)
    return {
        "name": channel.name,
        "owner": owner.code,
        "topics": channel.topics,
        "per_minute": "" if channel.per_minute is None else str(channel.per_minute),
    }


class _Form:
    """The form of one channel: what was typed, what it means, and the page around it."""

    def __init__(
        self, request: HttpRequest, reader: Reader, kind: Channel, channel: DeliveryChannel | None = None
    ) -> None:
        self.request, self.reader, self.kind, self.channel = request, reader, kind, channel
        self.owners = [
            owner
            for owner in channel_setup.owners_of(reader.access)
            if (channel is None or owner.subdistrict_id == channel.subdistrict_id)
            and (kind is not Channel.SMS or owner.code.startswith("s"))
        ]
        typed = {name: request.POST.get(name, "").replace("\x00", "").strip() for name in _NAMES}
        self.values: dict[str, Any] = typed | {"topics": request.POST.getlist("topics")}

    def draft(self) -> ChannelDraft:
        """The channel that was typed. Raises SetupError."""
        values = self.values
        owner = next((owner for owner in self.owners if owner.code == values["owner"]), None)
        if owner is None:
            raise ChannelSetupError("owner", _("请从列出的选项中选择"))
        if any(topic not in Topic.values for topic in values["topics"]):
            raise ChannelSetupError("topics", _("请从列出的选项中选择"))
        number = values["per_minute"]
        if number and not (number.isascii() and number.isdecimal() and len(number) <= 4):
            raise ChannelSetupError("per_minute", _("请填写整数"))
        for name, longest in (("name", LONGEST_NAME), ("url", LONGEST_URL), ("secret", LONGEST_SECRET)):
            if len(values[name]) > longest:
                raise ChannelSetupError(name, _("最多 %(longest)d 个字") % {"longest": longest})
        return ChannelDraft(
            kind=self.kind,
            name=values["name"],
            owner=owner,
            url=values["url"],
            secret=values["secret"],
            unsigned=values["unsigned"] == "true",
            topics=tuple(Topic(topic) for topic in values["topics"]),
            per_minute=int(number) if number else None,
        )

    def show(
        self, values: Mapping[str, Any], errors: Errors | None = None, *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        """The page with these values; an address or secret that was typed has to be typed again."""
        errors = errors or {}
        fields = [
            replace(field, value=values.get(field.name, field.value), errors=errors.get(field.name, ()))
            for field in self._fields()
        ]
        labels = {field.name: field.label for field in fields}
        items = [
            ErrorItem(field_id=f"id_{name}" if name in labels else "", label=labels.get(name, ""), message=text)
            for name, texts in errors.items()
            for text in texts
        ]
        channel = self.channel
        context = {
            "channel": channel,
            "kind_label": self.kind.label,
            "where": KINDS[self.kind].where,
            "fields": fields,
            "errors": items,
            "error_title": error_title(len(items)),
            "version": channel.version if channel else 0,
            "action": reverse("console-channel", args=[channel.pk])
            if channel
            else f"{reverse('console-channel-new')}?kind={self.kind.value}",
        }
        return render(self.request, "console/channels/form.html", context, status=status)

    def _fields(self) -> list[FieldShape]:
        kept = _("已设置，不改请留空")
        fields = [
            FieldShape(
                "name", _("名称"), required=True, maxlength=LONGEST_NAME, autocomplete="off",
                help=_("写清是哪个群或哪个系统，例如“市政办工作群”"),
            ),
            FieldShape(
                "owner", _("属于"), "select", required=True, choices=self._owner_choices(), help=self._owner_help()
            ),
            FieldShape(
                "url", _("地址"), "url", required=self.channel is None, maxlength=LONGEST_URL, autocomplete="off",
                placeholder=f"{channel_setup.host_of(self.channel.url)} · {kept}" if self.channel else "https://",
                help=_("加密保存，保存后不再显示"),
            ),
            *self._secret_fields(kept),
        ]  # fmt: skip
        if self.kind is not Channel.SMS:
            fields.append(self._topics())
        most = KINDS[self.kind].per_minute
        fields.append(
            FieldShape(
                "per_minute", _("每分钟最多"), "number", unit=_("条"), least="1", most=str(most or ""),
                help=_("不填则按该渠道允许的上限 %(most)s 条，多出的合并或顺延") % {"most": most or "—"},
            )
        )  # fmt: skip
        return fields

    def _secret_fields(self, kept: str) -> list[FieldShape]:
        signed = KINDS[self.kind].signed
        if signed == "no":
            return []
        there = bool(self.channel and self.channel.secret)
        field = FieldShape(
            "secret", str(KINDS[self.kind].secret_label), "password", required=signed == "must" and not there,
            maxlength=LONGEST_SECRET, autocomplete="new-password", placeholder=kept if there else "",
            help=str(KINDS[self.kind].secret_where),
        )  # fmt: skip
        if signed != "may" or not there:
            return [field]
        return [field, FieldShape("unsigned", _("移除已设置的密钥"), "checkbox", value="")]

    def _topics(self) -> FieldShape:
        return FieldShape(
            "topics", _("通知类型"), "many", value=[topic.value for topic in FOR_GROUPS],
            placeholder=_("筛选"),
            choices=tuple(ChoiceShape(value=topic.value, label=str(topic.label)) for topic in Topic),
            help=_("一个都不选，则发送%(topics)s") % {"topics": _("、").join(str(topic.label) for topic in FOR_GROUPS)},
        )  # fmt: skip

    def _owner_choices(self) -> tuple[ChoiceShape, ...]:
        return tuple(ChoiceShape(value=owner.code, label=owner.name) for owner in self.owners)

    def _owner_help(self) -> str:
        if self.kind is Channel.SMS:
            return _("短信按各人的设置发到本人手机")
        return _("哪个单位的群，只收与该单位有关的通知；街道的群收督办、审批和系统告警")
