"""Parcels for tests of the channels."""

from datetime import datetime
from typing import Any

from common.clock import SHANGHAI
from reminders.channels.base import Item, Parcel
from reminders.texts import Words

AT = datetime(2026, 3, 18, 10, 0, tzinfo=SHANGHAI)
DUE = "2026-03-20T17:00:00+08:00"

HOSTILE = (
    "**粗体** [点我](https://evil.example/x) <at id=all></at> <@all> @所有人 @13800138000\r\n# 标题\n> 引用\u2028`代码`"
    "\u202e倒写 ~~删~~ ![图](http://evil.example/i.png) <font color='warning'>红</font> \\* &lt; |表| \x00\x07 _斜_ $x$"
)
"""What a name may hold that somebody typed who means harm."""


def item(number: int = 123, *, title: str = "", body: str = "夏东社区 · 路灯", **given: Any) -> Item:
    """A notification about issue ``number`` that is due on 20 March."""
    code = f"2026-{number:06d}"
    words = Words(title or f"办理临期：{code}", body, f"/console/issues/{code}/")
    values: dict[str, Any] = {
        "subject": ("issue", number),
        "number": code,
        "level": "normal",
        "data": {"due_at": DUE},
    } | given
    return Item(number, "due_soon", AT, words, **values)


def parcel(*items: Item, id: str = "812.4471", to: str = "") -> Parcel:  # noqa: A002 - the field's name
    """A parcel of these items, or of one."""
    return Parcel(id, items or (item(),), to)


def many(count: int, **given: Any) -> Parcel:
    """A parcel of so many items."""
    return parcel(*(item(number, **given) for number in range(1, count + 1)))
