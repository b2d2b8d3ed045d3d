"""A notification as an e-mail."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation

from reminders import texts
from reminders.facts import Facts

_SUBJECT_LENGTH: Final = 120


def host() -> str:
    """The host of PUBLIC_URL, in the letters that a header may carry."""
    name = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return name.encode("idna").decode() if not name.isascii() else name


def message_id(outbox_id: int, event_id: int) -> str:
    """The same at every attempt: a repeat after a crash is recognised by it."""
    return f"<{outbox_id}.{event_id}@{host()}>"


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
        context = {"words": words, "link": settings.PUBLIC_URL + words.url, "language": language}
        plain = render_to_string("reminders/email.txt", context)
        html = render_to_string("reminders/email.html", context)
    thread = f"<issue-{issue_id}@{host()}>"
    message = EmailMultiAlternatives(
        subject=words.title[:_SUBJECT_LENGTH],
        body=plain,
        to=[address],
        connection=connection,
        headers={
            "Message-ID": message_id(outbox_id, event_id),
            "Auto-Submitted": "auto-generated",
            "References": thread,
            "In-Reply-To": thread,
        },
    )
    message.attach_alternative(html, "text/html")
    return message
