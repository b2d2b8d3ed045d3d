"""通知设置: what a person wants to be sent, by which channel, and to which number."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.masking import mask_phone
from console.kit.reading import Reader, reader_of
from console.kit.shapes import ErrorItem, FieldShape, error_title
from reminders.enums import PERSONAL_CHANNELS, Channel, Mode, Topic
from reminders.services import preferences
from reminders.services.preferences import Choices, PreferenceError
from reminders.topics import FIXED, modes

_HOME: Final = "console-notification-settings"

_ABOUT: Final[dict[Topic, Promise]] = {
    Topic.NEW: gettext_lazy("派单、转派、退单、重办等要您接手的工单"),
    Topic.DUE: gettext_lazy("时限过半、临期、今日到期、未签收、无办理进展"),
    Topic.URGE: gettext_lazy("催办单、督办单、黄牌、红牌、领导批示"),
    Topic.DECISION: gettext_lazy("延期、挂账、剔除统计的申请和结果"),
    Topic.RESULT: gettext_lazy("签收、答复、核查、回访、办结等进度"),
    Topic.MESSAGE: gettext_lazy("居民和同事的留言、抄送、工单更正"),
    Topic.ALARM: gettext_lazy("无人值班、无人可提醒、通知渠道中断"),
}


@dataclass(frozen=True)
class PreferenceCell:
    """One topic by one channel. ``modes`` as (value, label); ``name`` of the radios."""

    name: str
    channel: str
    value: str
    modes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PreferenceLine:
    """One topic. ``fixed``: nobody switches it off by e-mail."""

    label: str
    about: str
    fixed: bool
    cells: Sequence[PreferenceCell]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def settings_page(request: HttpRequest) -> HttpResponse:
    """``/console/notifications/settings/``: the grid of topics and channels; the last one who saves wins."""
    reader = reader_of(request)
    if request.method != "POST":
        return _show(request, reader)
    if request.POST.get("reset") == "1":
        preferences.forget_preferences(user_id=reader.user.pk)
        messages.success(request, _("已恢复默认设置"))
        return redirect(_HOME)
    try:
        preferences.set_preferences(user_id=reader.user.pk, chosen=_chosen(request))
    except PreferenceError as error:
        raise BadRequest(error.messages[0]) from error
    messages.success(request, _("已保存通知设置"))
    return redirect(_HOME)


@require_POST
def set_mobile(request: HttpRequest) -> HttpResponse:
    """``/console/notifications/settings/mobile/``: the number that short messages go to."""
    reader = reader_of(request)
    typed = request.POST.get("mobile", "").replace("\x00", "").strip()[:40]
    remove = request.POST.get("remove") == "1"
    try:
        if not typed and not remove:
            raise ValidationError(_("请输入 11 位手机号"))
        preferences.set_mobile(
            user_id=reader.user.pk, number="" if remove else typed, at=reader.now, by_role=reader.actor.role
        )
    except ValidationError as error:
        return _show(request, reader, typed, error.messages, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, _("已移除手机号，不再发送短信") if remove else _("已保存手机号"))
    return redirect(_HOME)


def _chosen(request: HttpRequest) -> Choices:
    """What the form sent. BadRequest for a mode that does not exist."""
    chosen: Choices = {}
    for topic in Topic:
        for channel in PERSONAL_CHANNELS:
            value = request.POST.get(_name(topic, channel))
            if value is None:
                continue
            if value not in Mode.values:
                raise BadRequest(_("无法识别的设置"))
            chosen[topic, channel] = Mode(value)
    return chosen


def _name(topic: Topic, channel: Channel) -> str:
    return f"{topic.value}.{channel.value}"


def _show(
    request: HttpRequest, reader: Reader, typed: str = "", wrong: Sequence[str] = (), *, status: int = HTTPStatus.OK
) -> HttpResponse:
    there = preferences.channels_for(reader.access.subdistrict_ids)
    chosen = preferences.preferences_of(reader.user.pk)
    channels = [channel for channel in PERSONAL_CHANNELS if channel in there]
    field = FieldShape(
        "mobile", _("手机号"), "tel", value=typed, maxlength=20, autocomplete="tel", inputmode="tel", errors=wrong,
        help=_("只用于给您发送短信提醒，加密保存，其他人看不到"),
    )  # fmt: skip
    context = {
        "channels": [channel.label for channel in channels],
        "lines": [_line(topic, channels, chosen) for topic in Topic],
        "email": _masked_email(reader.user.email),
        "email_there": Channel.EMAIL in there,
        "sms_there": Channel.SMS in there,
        "mobile": mask_phone(reader.user.mobile),
        "mobile_field": field,
        "errors": [ErrorItem(field_id="id_mobile", label=_("手机号"), message=text) for text in wrong],
        "error_title": error_title(len(wrong)),
    }
    return render(request, "console/notifications/settings.html", context, status=status)


def _line(topic: Topic, channels: Sequence[Channel], chosen: Choices) -> PreferenceLine:
    return PreferenceLine(
        label=str(topic.label),
        about=str(_ABOUT[topic]),
        fixed=topic in FIXED,
        cells=[
            PreferenceCell(
                name=_name(topic, channel),
                channel=str(channel.label),
                value=chosen[topic, channel].value,
                modes=[(mode.value, str(mode.label)) for mode in modes(topic, channel)],
            )
            for channel in channels
        ],
    )


def _masked_email(address: str) -> str:
    """``h***@example.org``."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host}" if at else ""
