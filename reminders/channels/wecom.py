"""A WeCom (企业微信) group's robot: markdown of at most 4,096 bytes, 20 messages a minute, the key in its address.

Rules: developer.work.weixin.qq.com, 群机器人配置说明 and 全局错误码.
"""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy

from reminders.channels.base import ChannelKind, Parcel, Trouble
from reminders.channels.http import HttpAnswer, dumps
from reminders.channels.robot import Note, RobotSender, fit

MOST_BYTES: Final = 4096


class WeComSender(RobotSender):
    """Speaks into one group."""

    troubles = {
        -1: (Trouble.LATER, None),  # busy, try again
        45009: (Trouble.BUSY, timedelta(minutes=1)),  # more than 20 a minute
        45033: (Trouble.BUSY, timedelta(seconds=10)),  # too many at the same time
        40008: (Trouble.SETUP, None),  # this robot does not take markdown
        93000: (Trouble.SETUP, None),  # the key is not known
        93004: (Trouble.SETUP, None),  # the robot is switched off
        93008: (Trouble.SETUP, None),  # the robot is not in the group any more
        40058: (Trouble.REFUSED, None),  # too long
        44004: (Trouble.REFUSED, None),  # empty
    }

    def say(self, parcel: Parcel) -> HttpAnswer:
        """Post the note as markdown."""
        content = fit(parcel, _markdown, MOST_BYTES)
        return self.post(dumps({"msgtype": "markdown", "markdown": {"content": content}}))


def _markdown(note: Note) -> str:
    parts = [f"**{note.heading}**", *note.lines, note.more, f"[{note.link_words}]({note.link})", note.reference]
    return "\n".join(part for part in parts if part)


KIND: Final = ChannelKind(
    sender=WeComSender,
    per_minute=18,
    bundles=True,
    most_bytes=MOST_BYTES,
    where=gettext_lazy(
        "在企业微信群聊的“群设置—消息推送（群机器人）”中添加机器人，复制 Webhook 地址，"
        "形如 https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…。地址就是钥匙，请勿外传。"
    ),
    in_address="key=",
)
