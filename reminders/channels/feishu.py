"""A Feishu (飞书) group's robot: signed in the body (签名校验), at most 20 kB, 100 messages a minute and 5 a second.

A refusal comes with HTTP 200 or 400 and its ``code``; older robots answer ``StatusCode``, and some both. The message is
a ``post`` of text and link elements, in which nothing is parsed. Rules: open.feishu.cn, 自定义机器人使用指南.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy

from reminders.channels.base import ChannelKind, Parcel, Trouble
from reminders.channels.http import HttpAnswer, dumps
from reminders.channels.robot import Note, RobotSender, fit

MOST_BYTES: Final = 20_000


class FeishuSender(RobotSender):
    """Speaks into one group."""

    code_names = ("code", "StatusCode")
    word_names = ("msg", "StatusMessage")
    troubles = {
        11232: (Trouble.BUSY, timedelta(minutes=1)),  # too many, or the platform is busy (at full and half hours)
        11233: (Trouble.BUSY, timedelta(minutes=1)),
        19001: (Trouble.SETUP, None),  # the address is not known
        19007: (Trouble.SETUP, None),  # the robot is switched off
        19021: (Trouble.SETUP, None),  # signature or clock
        19022: (Trouble.SETUP, None),  # the sender's address is not allowed
        19024: (Trouble.SETUP, None),  # the robot's keyword is missing
        19036: (Trouble.REFUSED, None),  # too long
        19002: (Trouble.REFUSED, None),  # incomplete
    }

    def say(self, parcel: Parcel) -> HttpAnswer:
        """Post the note as a ``post``, signed where the robot has a secret."""
        signed = signature(self.secret, self.clock()) if self.secret else {}

        def body(note: Note) -> str:
            return dumps({**signed, **_post(note)}).decode()

        return self.post(fit(parcel, body, MOST_BYTES).encode())

    def trouble(self, code: int, words: str) -> tuple[Trouble, timedelta | None]:
        """As listed; 9499 stands for "too many request" and for a body that it does not understand."""
        if code == 9499:
            too_many = "many" in words.lower() or "limit" in words.lower()
            return (Trouble.BUSY, timedelta(seconds=10)) if too_many else (Trouble.REFUSED, None)
        return super().trouble(code, words)


def signature(secret: str, at: datetime) -> dict[str, str]:
    """``timestamp`` (seconds) and ``sign``: HMAC-SHA256 of nothing with the key "timestamp\\nsecret", in base64."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def _post(note: Note) -> dict[str, Any]:
    content: list[list[dict[str, str]]] = [
        [{"tag": "text", "text": text}] for text in (*note.lines, note.more, note.reference) if text
    ]
    content.insert(-1, [{"tag": "a", "text": note.link_words, "href": note.link}])
    return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": note.heading, "content": content}}}}


KIND: Final = ChannelKind(
    sender=FeishuSender,
    per_minute=90,
    bundles=True,
    per_second=4,
    most_bytes=MOST_BYTES,
    signed="may",
    where=gettext_lazy(
        "在飞书群的“设置—群机器人—添加机器人—自定义机器人”中复制 Webhook 地址，"
        "形如 https://open.feishu.cn/open-apis/bot/v2/hook/…，并开启“签名校验”。"
    ),
    secret_label=gettext_lazy("签名密钥"),
    secret_where=gettext_lazy("飞书“签名校验”一栏里的一串；没有开启就不填"),
    in_address="/hook/",
)
