"""A DingTalk (钉钉) group's robot: signed (加签), a body of at most 20,000 bytes, 20 messages a minute.

The 21st within a minute makes it deaf for ten minutes (130101), and what is sent meanwhile is lost: hence the limit
in ``KIND``. Rules: open.dingtalk.com, 自定义机器人接入 and 自定义机器人安全设置.
"""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy

from reminders.channels.base import ChannelKind, Parcel, Trouble
from reminders.channels.http import HttpAnswer, dumps
from reminders.channels.robot import Note, RobotSender, fit

MOST_BYTES: Final = 20_000
MUTED: Final = timedelta(minutes=10)


class DingTalkSender(RobotSender):
    """Speaks into one group."""

    code_names = ("errcode", "status")
    troubles = {
        1111: (Trouble.BUSY, timedelta(minutes=1)),  # the gateway in front of the robots holds back this address
        -1: (Trouble.LATER, None),  # busy, try again
        130101: (Trouble.BUSY, MUTED),
        410100: (Trouble.BUSY, MUTED),
        310000: (Trouble.SETUP, None),  # signature, keyword or address of the sender
        300001: (Trouble.SETUP, None),  # the token is not known
        400013: (Trouble.SETUP, None),  # the group is no more
        400101: (Trouble.SETUP, None),  # the token is not known
        400102: (Trouble.SETUP, None),  # the robot is switched off
        400105: (Trouble.SETUP, None),  # this robot does not take markdown
        400106: (Trouble.SETUP, None),  # the robot is no more
        460101: (Trouble.REFUSED, None),  # too long
        430101: (Trouble.REFUSED, None),  # a link that it calls unsafe
        430102: (Trouble.REFUSED, None),  # words that it calls unfit
        430104: (Trouble.REFUSED, None),  # content that it calls unfit
        40035: (Trouble.REFUSED, None),  # incomplete
    }

    def say(self, parcel: Parcel) -> HttpAnswer:
        """Post the note as markdown, signed where the robot has a secret."""
        url = self.url
        if self.secret:
            url += ("&" if "?" in url else "?") + urlencode(signature(self.secret, self.clock()))
        return self.post(fit(parcel, _body, MOST_BYTES).encode(), url=url)


def signature(secret: str, at: datetime) -> dict[str, str]:
    """``timestamp`` (milliseconds) and ``sign``: HMAC-SHA256 with the secret of "timestamp\\nsecret", in base64."""
    stamp = str(int(at.timestamp() * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def _body(note: Note) -> str:
    lines = [f"- {line}" for line in note.lines]
    parts = [f"### {note.heading}", "\n".join(lines), note.more, f"[{note.link_words}]({note.link})", note.reference]
    text = "\n\n".join(part for part in parts if part)
    return dumps({"msgtype": "markdown", "markdown": {"title": note.heading, "text": text}}).decode()


KIND: Final = ChannelKind(
    sender=DingTalkSender,
    per_minute=18,
    bundles=True,
    most_bytes=MOST_BYTES,
    signed="may",
    where=gettext_lazy(
        "在钉钉群的“群设置—机器人—添加机器人—自定义”中，安全设置选“加签”，复制 Webhook 地址，"
        "形如 https://oapi.dingtalk.com/robot/send?access_token=…。"
    ),
    secret_label=gettext_lazy("加签密钥"),
    secret_where=gettext_lazy("钉钉“加签”一栏里以 SEC 开头的一串；没有开启加签就不填"),
    in_address="access_token=",
)
