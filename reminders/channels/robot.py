"""What a group's robot says: one heading, one line for each matter, a link, and a reference by which a repeat is known.

The heading always begins with the same words, so that a robot whose security setting is a keyword (自定义关键词) takes
every message once 社区治理 is its keyword. Nobody is ever mentioned: an @ in a name becomes a full-width ＠, and so do
the other signs that one of the vendors' markdowns might read (they agree on no way to escape them).
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from common import dates
from reminders.channels.base import DeliveryError, Item, Parcel, Trouble
from reminders.channels.http import HttpAnswer, HttpSender, clean

LINE: Final = 120
"""Characters of a line."""
_FULL_WIDTH: Final = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "@<>*_`[]#|~\\!&"})
_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
_PRESSING: Final = {"critical": 0, "urgent": 1}


@dataclass(frozen=True)
class Note:
    """A robot's message before a vendor's form is put on it. ``more``: how many matters had no room, in words."""

    heading: str
    lines: tuple[str, ...]
    more: str
    link: str
    link_words: str
    reference: str


class RobotSender(HttpSender):
    """What the robots share. A vendor says how a note looks, how it is signed, and what its codes mean."""

    troubles: dict[int, tuple[Trouble, timedelta | None]]
    """The vendor's codes; one that is not listed: this message cannot go now, the next one may."""
    code_names: tuple[str, ...] = ("errcode",)
    """Under which names the vendor's answers carry a code. Where there are several, each has to say that it went."""
    word_names: tuple[str, ...] = ("errmsg",)

    def send(self, parcel: Parcel) -> None:
        """Say it in the group. Raises DeliveryError."""
        with translation.override(settings.LANGUAGE_CODE):
            answer = self.say(parcel)
        self.check(answer)

    @abstractmethod
    def say(self, parcel: Parcel) -> HttpAnswer:
        """Post it in the vendor's form."""

    def check(self, answer: HttpAnswer) -> None:
        """Raise DeliveryError unless the vendor's own code says that it took the message (HTTP 200 says nothing).

        An answer without any code that was not refused by HTTP may have been taken: it is no reason to say the same
        again and again, so an administrator has to look.
        """
        codes = [code for name in self.code_names if (code := _code(answer.payload.get(name))) is not None]
        if answer.status == 429:
            raise DeliveryError(Trouble.BUSY, "HTTP 429", retry_after=answer.retry_after or timedelta(minutes=1))
        if not codes:
            set_up_wrongly = answer.status in (401, 403, 404, 410) or (answer.status < 300 and answer.is_json)
            trouble = Trouble.SETUP if set_up_wrongly else Trouble.AWAY
            raise DeliveryError(trouble, _("HTTP %(status)d：应答不是机器人接口的格式") % {"status": answer.status})
        if not any(codes):
            return
        code = next(filter(None, codes))
        words = next(filter(None, (answer.payload.get(name) for name in self.word_names)), "")
        trouble, pause = self.trouble(code, str(words))
        raise DeliveryError(trouble, f"{code} {clean(words, self.secret)}".strip(), retry_after=pause)

    def trouble(self, code: int, words: str) -> tuple[Trouble, timedelta | None]:
        """What a code means, and how long to wait where the vendor says it."""
        return self.troubles.get(code, (Trouble.LATER, None))


def _code(value: object) -> int | None:
    """A vendor's code: a whole number, also one that was written as text."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def fit(parcel: Parcel, form: Callable[[Note], str], most_bytes: int) -> str:
    """The note in a vendor's ``form`` with as many matters as ``most_bytes`` of UTF-8 hold, pressing ones first."""
    whole = note(parcel)
    if len(form(whole).encode()) <= most_bytes:
        return form(whole)
    fits, too_many = 0, len(whole.lines)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if len(form(cut(whole, middle)).encode()) <= most_bytes:
            fits = middle
        else:
            too_many = middle
    return form(cut(whole, fits))


def pressing_first(items: Iterable[Item]) -> list[Item]:
    """Critical and urgent matters first, otherwise as they came."""
    return sorted(items, key=lambda item: _PRESSING.get(item.level, len(_PRESSING)))


def note(parcel: Parcel) -> Note:
    """All of a parcel, in the active language; one matter links to itself, several to the inbox."""
    items = pressing_first(parcel.items)
    only = items[0].words.url if len(items) == 1 else ""
    return Note(
        heading=_("社区治理提醒：%(n)d件") % {"n": len(items)},
        lines=tuple(_line(item) for item in items),
        more="",
        link=settings.PUBLIC_URL + (only or reverse("console-notifications")),
        link_words=_("登录查看"),
        reference=_("通知编号 %(id)s") % {"id": plain(parcel.id)[:40]},
    )


def cut(whole: Note, shown: int) -> Note:
    """The note with its first ``shown`` lines, and how many are not."""
    more = _("另有%(n)d件，请登录查看") % {"n": len(whole.lines) - shown}
    return replace(whole, lines=whole.lines[:shown], more=more)


def _line(item: Item) -> str:
    """What is wanted, of which number, until when; what is about no number says the rest of its words."""
    title = plain(item.words.title)[:LINE]
    due = due_at(item)
    if due:
        return _("%(title)s · %(when)s前") % {"title": title, "when": dates.moment(due)}
    body = "" if item.number else plain(item.words.body)[:LINE]
    return " · ".join(filter(None, (title, body)))


def due_at(item: Item) -> datetime | None:
    """Until when, where the notification says so."""
    value = (item.data or {}).get("due_at")
    return datetime.fromisoformat(value) if value else None


def plain(text: str) -> str:
    """Text of one line in which no sign means anything to a vendor's markdown."""
    return _SPACE.sub(" ", text).strip().translate(_FULL_WIDTH).replace("://", "：//")
