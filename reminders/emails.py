"""Notifications as an e-mail."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import ngettext

from reminders import texts
from reminders.channels.base import Item, Parcel
from reminders.facts import Facts

_SUBJECT_LENGTH: Final = 120


def host() -> str:
    """The host of PUBLIC_URL, in the letters that a header may carry."""
    name = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return name.encode("idna").decode() if not name.isascii() else name


def compose(
    *,
    facts: Facts,
    outbox_id: int,
    event_id: int,
    issue_id: int,
    address: str,
    connection: BaseEmailBackend | None = None,
    language: str = settings.LANGUAGE_CODE,
) -> EmailMultiAlternatives:
    """The message in ``language``: what is wanted, of which number, until when, and a link. Nothing of the resident."""
    with translation.override(language):
        words = texts.render(facts, private=False)
    item = Item(event_id, facts.kind, facts.at, words, issue_id, facts.number)
    parcel = Parcel(f"{outbox_id}.{event_id}", (item,), address)
    return compose_parcel(parcel, connection=connection, language=language)


def compose_parcel(
    parcel: Parcel,
    *,
    connection: BaseEmailBackend | None = None,
    language: str = settings.LANGUAGE_CODE,
) -> EmailMultiAlternatives:
    """A parcel as one e-mail to ``parcel.to``: each of its items with a link, under the parcel's own Message-ID.

    ``language``: of the words around the items, which come worded already.
    """
    first = parcel.items[0]
    with translation.override(language):
        subject = _subject_of_many(len(parcel.items)) if parcel.digest else first.words.title
        context = {
            "subject": subject,
            "items": [{"words": item.words, "link": _link(item)} for item in parcel.items],
            "language": language,
            "digest": parcel.digest,
        }
        plain = render_to_string("reminders/email.txt", context)
        html = render_to_string("reminders/email.html", context)
    headers = {"Message-ID": f"<{parcel.id}@{host()}>", "Auto-Submitted": "auto-generated"}
    if first.issue_id and not parcel.digest:
        thread = f"<issue-{first.issue_id}@{host()}>"
        headers |= {"References": thread, "In-Reply-To": thread}
    message = EmailMultiAlternatives(
        subject=subject[:_SUBJECT_LENGTH], body=plain, to=[parcel.to], connection=connection, headers=headers
    )
    message.attach_alternative(html, "text/html")
    return message


def _subject_of_many(count: int) -> str:
    return ngettext("工单提醒汇总：%(count)d条", "工单提醒汇总：%(count)d条", count) % {"count": count}


def _link(item: Item) -> str:
    return settings.PUBLIC_URL + item.words.url if item.words.url else ""
