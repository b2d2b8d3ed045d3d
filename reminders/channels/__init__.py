"""Which channels this installation has, what each kind can take, and how to open one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.conf import settings

from common.clock import now
from reminders.channels import dingtalk, feishu, mail, sms, webhook, wecom
from reminders.channels.base import ChannelKind, Clock, Sender
from reminders.enums import Channel

if TYPE_CHECKING:
    from reminders.models import DeliveryChannel

_NOWHERE: Final = frozenset(
    {"django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend", ""}
)


KINDS: Final[Mapping[Channel, ChannelKind]] = {
    Channel.EMAIL: mail.KIND,
    Channel.SMS: sms.KIND,
    Channel.WECOM: wecom.KIND,
    Channel.DINGTALK: dingtalk.KIND,
    Channel.FEISHU: feishu.KIND,
    Channel.WEBHOOK: webhook.KIND,
}


def email_is_configured() -> bool:
    """Whether EMAIL_URL names a way by which e-mail leaves the house."""
    return settings.EMAIL_BACKEND not in _NOWHERE


def open_sender(channel: "DeliveryChannel", *, clock: Clock = now) -> Sender:
    """The way out that ``channel`` describes; nothing is connected yet, so it never fails.

    Close it when the last parcel is through. ``clock`` tells the time that signatures carry.
    """
    return KINDS[Channel(channel.kind)].sender(channel.url, channel.secret, clock=clock)
