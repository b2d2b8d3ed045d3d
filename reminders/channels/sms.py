"""Short messages through the installation's own gateway, a small HTTP service in front of whichever operator it uses.

The protocol, which a gateway implements:

- ``POST <url>`` with ``Authorization: Bearer <secret>`` and JSON::

    {"id": "812.4471", "to": "13800138000", "template": "reminder", "params": {"wanted": "…", "number": "…"}}

- ``id`` stays the same when a message is sent again: a gateway sends each id to the telephone once.
- ``template`` is one of these, registered with the operator; their parameters say nothing of a resident or a matter:

  - ``reminder`` (``wanted``, ``number``): 【社区治理】{wanted}：{number}，请登录系统办理。
  - ``reminders`` (``count``, ``numbers``: the first three, pressing ones first): 【社区治理】您有{count}件提醒：
    {numbers}，请登录系统查看。
  - ``notice`` (``wanted``, ``count``), about no number: 【社区治理】{wanted}（共{count}件），请登录系统查看。
  - to residents ``matter_received``, ``matter_answered``, ``matter_date_moved``, ``matter_closed``, ``matter_news``
    (``number``, ``link``): 【社区治理】您反映的事项已收到，编号{number}，查看进度：{link}

- Taken: 2xx with ``{"ok": true}``; with ``{"ok": false}`` this one later. 2xx that says neither comes from no such
  gateway: an administrator has to look.
- Never to be taken: 4xx with ``{"ok": false, "code": "…"}``, ``invalid_number`` for a number that cannot be reached.
  401 and 403: the secret is wrong. 404 and 410: no gateway there. 408: this one later. 429 with ``Retry-After`` in
  seconds: too many. 5xx: all later.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reminders.channels.base import ChannelKind, DeliveryError, Item, Parcel, Trouble
from reminders.channels.http import HttpAnswer, HttpSender, clean, dumps
from reminders.channels.robot import plain, pressing_first

ONE, SEVERAL, NOTICE = "reminder", "reminders", "notice"
NAMED: Final = 3
"""How many numbers a message about several names."""
WANTED: Final = 30
"""Characters of what is wanted: a short message has 70, the template takes its own."""


class SmsSender(HttpSender):
    """Hands short messages to the gateway."""

    def send(self, parcel: Parcel) -> None:
        """One short message for all of the parcel. Raises DeliveryError."""
        with translation.override(settings.LANGUAGE_CODE):
            template, params = template_for(parcel)
        to = parcel.letter.to if parcel.letter else parcel.to
        body = dumps({"id": parcel.id, "to": to, "template": template, "params": params})
        _check(self.post(body, headers={"Authorization": f"Bearer {self.secret}"}), self.secret)


def template_for(parcel: Parcel) -> tuple[str, dict[str, str]]:
    """The template's name and what is put into it: numbers, what is wanted, how many; a letter brings its own."""
    if parcel.letter is not None:
        return parcel.letter.template, dict(parcel.letter.params)
    items = pressing_first(parcel.items)
    numbers = list(dict.fromkeys(item.number for item in items if item.number))
    if not numbers:
        return NOTICE, {"wanted": _wanted(items[0]), "count": str(len(items))}
    if len(items) == 1:
        return ONE, {"wanted": _wanted(items[0]), "number": items[0].number}
    return SEVERAL, {"count": str(len(items)), "numbers": _("、").join(numbers[:NAMED])}


def _wanted(item: Item) -> str:
    """The notification's title without the number, which has a place of its own."""
    return plain(item.words.title.removesuffix(item.number)).rstrip(" ：:")[:WANTED]


def _check(answer: HttpAnswer, secret: str) -> None:
    status, code = answer.status, str(answer.payload.get("code", ""))
    if 200 <= status < 300 and answer.payload.get("ok") is True:
        return
    words = f"HTTP {status} {clean(code, secret)}".strip()
    if status == 429:
        raise DeliveryError(Trouble.BUSY, words, retry_after=answer.retry_after or timedelta(minutes=1))
    if status in (401, 403, 404, 410):
        raise DeliveryError(Trouble.SETUP, words)
    stranger = status < 300 and "ok" not in answer.payload
    if not answer.is_json or stranger:
        trouble = Trouble.SETUP if answer.is_json else Trouble.AWAY
        raise DeliveryError(trouble, _("HTTP %(status)d：应答不是短信网关的格式") % {"status": status})
    if status == 408 or status < 300:
        raise DeliveryError(Trouble.LATER, words)
    raise DeliveryError(Trouble.REFUSED, words)


KIND: Final = ChannelKind(
    sender=SmsSender,
    per_minute=300,
    bundles=True,
    signed="must",
    where=gettext_lazy(
        "填短信网关的接口地址。网关按 docs 中的约定接收编号、手机号和模板参数，短信里没有居民信息和诉求内容。"
        "启用后也给留了手机的居民发短信，只有编号和查询链接，模板见 docs/channels.md。"
    ),
    secret_label=gettext_lazy("网关令牌"),
    secret_where=gettext_lazy("短信网关管理员给您的令牌，放在 Authorization 头里"),
)
