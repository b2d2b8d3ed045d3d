"""Notifications as an e-mail: what is wanted, of which number, until when, and a link. Nothing of the resident.

``compose_parcel`` is the message as Django knows it. ``wire`` is the same message as bytes: the standard library takes
longer to write a message of two parts than a server to accept it, and in the morning thousands leave at once. A test
holds the two together.
"""

import base64
import re
from collections.abc import Callable
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import ngettext

from reminders.channels.base import Item, Parcel
from reminders.texts import Words

_SUBJECT_LENGTH: Final = 120
_PLAIN_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_BOUNDARY: Final = "=_parts"
"""No line of base64 has an underscore."""
_CHUNK: Final = 45
"""Bytes of an encoded word: 60 signs of base64, 72 with what stands around them."""
_SIGN: Final = "\ue000"
_SPOTS: Final = Words(f"{_SIGN}title{_SIGN}", f"{_SIGN}body{_SIGN}", f"{_SIGN}link{_SIGN}")
_SUBJECT: Final = f"{_SIGN}subject{_SIGN}"
_TEXT, _HTML = "reminders/email.txt", "reminders/email.html"


def host() -> str:
    """The host of PUBLIC_URL, in the letters that a header may carry."""
    return _host(settings.PUBLIC_URL)


@lru_cache(maxsize=4)
def _host(url: str) -> str:
    name = urlsplit(url).hostname or "localhost"
    return name.encode("idna").decode() if not name.isascii() else name


def compose_parcel(
    parcel: Parcel, *, connection: BaseEmailBackend | None = None, language: str = settings.LANGUAGE_CODE
) -> EmailMultiAlternatives:
    """A parcel as one e-mail to ``parcel.to``: each of its items with a link, under the parcel's own Message-ID.

    ``language``: of the words around the items, which come worded already.
    """
    subject, plain, html = _contents(parcel, language)
    message = EmailMultiAlternatives(
        subject=subject, body=plain, to=[parcel.to], connection=connection, headers=_headers(parcel)
    )
    message.attach_alternative(html, "text/html")
    return message


def wire(parcel: Parcel, *, language: str = settings.LANGUAGE_CODE) -> bytes | None:
    """The same e-mail as it goes over the wire; None where its address is none that can stand in a header as it is."""
    if not _PLAIN_ADDRESS.fullmatch(parcel.to):
        return None
    subject, plain, html = _contents(parcel, language)
    headers = {
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
        "Subject": _encoded(subject),
        "From": _from_header(settings.DEFAULT_FROM_EMAIL),
        "To": parcel.to,
        "Date": formatdate(),
        **_headers(parcel),
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    lines += ["", f"--{_BOUNDARY}", *_part("plain", plain), f"--{_BOUNDARY}", *_part("html", html)]
    return "\r\n".join([*lines, f"--{_BOUNDARY}--", ""]).encode("ascii")


@lru_cache(maxsize=4)
def sender(from_email: str) -> str:
    """The bare address of DEFAULT_FROM_EMAIL, for the envelope."""
    return parseaddr(from_email)[1]


def _headers(parcel: Parcel) -> dict[str, str]:
    first = parcel.items[0]
    headers = {"Message-ID": f"<{parcel.id}@{host()}>", "Auto-Submitted": "auto-generated"}
    if first.subject and not parcel.digest:
        thread = f"<{first.subject[0]}-{first.subject[1]}@{host()}>"
        headers |= {"References": thread, "In-Reply-To": thread}
    return headers


# Contents


def _contents(parcel: Parcel, language: str) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    if parcel.digest:
        with translation.override(language):
            count = len(parcel.items)
            subject = ngettext("工单提醒汇总：%(count)d条", "工单提醒汇总：%(count)d条", count) % {"count": count}
            shown = [{"words": item.words, "link": _link(item)} for item in parcel.items]
            context = {"subject": subject, "items": shown, "language": language, "digest": True}
            return subject, render_to_string(_TEXT, context), render_to_string(_HTML, context)
    item = parcel.items[0]
    subject = _CONTROL.sub(" ", item.words.title)[:_SUBJECT_LENGTH]
    link = _link(item)
    plain, html = _skeletons(language, bool(item.words.body), bool(link))
    return subject, _filled(plain, subject, item, link, str), _filled(html, subject, item, link, escape)


@lru_cache(maxsize=16)
def _skeletons(language: str, has_body: bool, has_link: bool) -> tuple[str, str]:
    """Text and HTML of a mail about one thing, with spots where its words go: the templates are run once."""
    words = Words(_SPOTS.title, _SPOTS.body if has_body else "", "")
    shown = [{"words": words, "link": _SPOTS.url if has_link else ""}]
    context = {"subject": _SUBJECT, "items": shown, "language": language, "digest": False}
    with translation.override(language):
        return render_to_string(_TEXT, context), render_to_string(_HTML, context)


def _filled(skeleton: str, subject: str, item: Item, link: str, quote: Callable[[str], str]) -> str:
    """A skeleton with an item's words in it; the sign that marks the spots is taken out of them."""
    filled = skeleton
    given = ((_SUBJECT, subject), (_SPOTS.title, item.words.title), (_SPOTS.body, item.words.body), (_SPOTS.url, link))
    for spot, words in given:
        filled = filled.replace(spot, quote(words.replace(_SIGN, "")))
    return filled


def _link(item: Item) -> str:
    return settings.PUBLIC_URL + item.words.url if item.words.url else ""


# Bytes


def _part(kind: str, text: str) -> list[str]:
    content = base64.encodebytes("\r\n".join(text.splitlines()).encode()).decode("ascii").replace("\n", "\r\n")
    head = [f'Content-Type: text/{kind}; charset="utf-8"', "MIME-Version: 1.0", "Content-Transfer-Encoding: base64"]
    return [*head, "", content]


def _encoded(text: str) -> str:
    """Text of a header, in encoded words (RFC 2047) of whole characters where it is not plain."""
    if text.isascii() and len(text) <= _CHUNK:
        return text
    words, chunk = [], b""
    for sign in text:
        encoded = sign.encode()
        if len(chunk) + len(encoded) > _CHUNK:
            words.append(chunk)
            chunk = b""
        chunk += encoded
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode('ascii')}?=" for word in words)


@lru_cache(maxsize=4)
def _from_header(from_email: str) -> str:
    return formataddr(parseaddr(from_email))
