"""Another system is told of events: one signed POST for each.

Headers: ``X-GovTrack-Delivery``, the same at every attempt, by which a repeat is known; ``X-GovTrack-Timestamp``,
seconds since 1970; ``X-GovTrack-Signature``, ``v1=`` and the HMAC-SHA256 in hex of "timestamp.body" with the shared
secret as key. A receiver checks the signature over the bytes that it got, refuses what is more than five minutes off
its own clock, and remembers for those five minutes which deliveries it had: ``verify`` does the first two.

Body, JSON in UTF-8, codes and dates only; of the resident nothing::

    {"id": "812.4471", "event": 4471, "kind": "due_soon", "at": "2026-03-18T10:00:00+08:00", "number": "2026-000123",
     "level": "normal", "status": "", "due": "2026-03-20T17:00:00+08:00", "title": "办理临期：2026-000123",
     "url": "https://…/console/issues/2026-000123/"}

``status`` is what the issue became by the event, empty where it did not change. 2xx takes it. 410 and 401, 403, 404
say that the channel is set up wrongly, 429 that it was too much (``Retry-After`` in seconds), 408 later, other 4xx that
this one is refused for good. 5xx and silence: it comes again. Redirects are not followed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy

from common.clock import local
from reminders.channels.base import ChannelKind, DeliveryError, Item, Parcel, Trouble
from reminders.channels.http import HttpSender, dumps
from reminders.channels.robot import due_at

WINDOW: Final = timedelta(minutes=5)


class WebhookSender(HttpSender):
    """Tells one other system."""

    def send(self, parcel: Parcel) -> None:
        """Post the parcel's only item. Raises DeliveryError."""
        (item,) = parcel.items
        body = dumps(_payload(parcel.id, item))
        stamp = str(int(self.clock().timestamp()))
        answer = self.post(
            body,
            headers={
                "X-GovTrack-Delivery": parcel.id,
                "X-GovTrack-Timestamp": stamp,
                "X-GovTrack-Signature": sign(self.secret, stamp, body),
            },
        )
        _check(answer.status, answer.retry_after)


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The value of ``X-GovTrack-Signature``."""
    return "v1=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def verify(secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Whether a delivery is ours and not older (or newer) than five minutes at ``at``. Receivers may copy this."""
    given = {name.lower(): value for name, value in headers.items()}
    stamp, signature = given.get("x-govtrack-timestamp", ""), given.get("x-govtrack-signature", "")
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        return False
    fresh = abs(at.timestamp() - int(stamp)) <= WINDOW.total_seconds()
    return hmac.compare_digest(sign(secret, stamp, body).encode(), signature.encode()) and fresh


def _payload(parcel_id: str, item: Item) -> dict[str, Any]:
    due = due_at(item)
    return {
        "id": parcel_id,
        "event": item.event_id,
        "kind": item.kind,
        "at": _iso(item.at),
        "number": item.number,
        "level": item.level,
        "status": (item.data or {}).get("to") or "",
        "due": _iso(due) if due else "",
        "title": item.words.title,
        "url": settings.PUBLIC_URL + item.words.url if item.words.url else "",
    }


def _iso(at: datetime) -> str:
    return local(at).isoformat(timespec="seconds")


def _check(status: int, retry_after: timedelta | None) -> None:
    words = f"HTTP {status}"
    if 200 <= status < 300:
        return
    if status == 429:
        raise DeliveryError(Trouble.BUSY, words, retry_after=retry_after or timedelta(minutes=1))
    if status in (401, 403, 404, 410):
        raise DeliveryError(Trouble.SETUP, words)
    raise DeliveryError(Trouble.LATER if status == 408 else Trouble.REFUSED, words)


KIND: Final = ChannelKind(
    sender=WebhookSender,
    per_minute=600,
    bundles=False,
    signed="must",
    where=gettext_lazy("填对方系统接收事件的地址。每个事件单独发送一次，带时间戳和签名，内容只有编号和代码。"),
    secret_label=gettext_lazy("签名密钥"),
    secret_where=gettext_lazy("与对方约定的一串字符，用来核对消息确实来自本系统，至少 16 位"),
)
