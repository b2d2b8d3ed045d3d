"""Which channels this installation has, what each kind can take, and how to open one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings

from common.clock import now
from reminders.channels.base import Clock, Sender
from reminders.enums import Channel

if TYPE_CHECKING:
    from reminders.models import DeliveryChannel

_NOWHERE: Final = frozenset(
    {"django.core.mail.backends.console.EmailBackend", "django.core.mail.backends.dummy.EmailBackend", ""}
)


@dataclass(frozen=True)
class Kind:
    """What a kind of channel can take.

    ``per_minute``: parcels in any 60 seconds; None: as many as go. It stays two below the vendor's own limit where
    there is one (20, DingTalk deaf for ten minutes after the 21st), because the vendor counts arrivals and we count
    departures. ``per_second`` likewise. ``bundles``: all that waits for the same reader goes as one parcel.
    ``most_bytes``: of what the vendor measures, None without a limit; the adapter keeps to it. ``signed``: whether
    ``DeliveryChannel.secret`` is used: "must", "may" or "no".
    """

    per_minute: int | None
    bundles: bool
    per_second: int | None = None
    most_bytes: int | None = None
    signed: str = "no"


KINDS: Final[Mapping[Channel, Kind]] = {
    Channel.EMAIL: Kind(per_minute=None, bundles=False),
    Channel.SMS: Kind(per_minute=300, bundles=True, signed="must"),
    Channel.WECOM: Kind(per_minute=18, bundles=True, most_bytes=4096),
    Channel.DINGTALK: Kind(per_minute=18, bundles=True, most_bytes=20_000, signed="may"),
    Channel.FEISHU: Kind(per_minute=90, bundles=True, per_second=4, most_bytes=20_000, signed="may"),
    Channel.WEBHOOK: Kind(per_minute=600, bundles=False, signed="must"),
}


def email_is_configured() -> bool:
    """Whether EMAIL_URL names a way by which e-mail leaves the house."""
    return settings.EMAIL_BACKEND not in _NOWHERE


def open_sender(channel: "DeliveryChannel", *, clock: Clock = now) -> Sender:
    """The way out that ``channel`` describes; nothing is connected yet, so it never fails.

    Close it when the last parcel is through. ``clock`` tells the time that signatures carry.
    """
    from reminders.channels import dingtalk, feishu, mail, sms, webhook, wecom

    kind = Channel(channel.kind)
    if kind is Channel.EMAIL:
        return mail.MailSender()
    adapters: dict[Channel, Callable[..., Sender]] = {
        Channel.SMS: sms.SmsSender,
        Channel.WECOM: wecom.WeComSender,
        Channel.DINGTALK: dingtalk.DingTalkSender,
        Channel.FEISHU: feishu.FeishuSender,
        Channel.WEBHOOK: webhook.WebhookSender,
    }
    return adapters[kind](channel.url, channel.secret, clock=clock)
