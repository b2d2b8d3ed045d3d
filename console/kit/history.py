"""What happened to one row, for the timeline: how its events are loaded and who acted; a room says what they mean."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.roles import role_label
from common.clock import local
from issues.timeline.entries import TimelineDay, TimelineEntry, by_day
from journal.models import Event

SHOWN: Final = 50


def history_of(
    kind: str,
    pk: int,
    now: datetime,
    *,
    title: Callable[[str], str],
    changes: Callable[[Event], Iterable[str]] = lambda event: (),
    files: Callable[[Event], Sequence[Any]] = lambda event: (),
) -> list[TimelineDay]:
    """The last events, newest first; three statements. ``title`` names a kind of event.

    ``changes`` are lines of it, ``files`` what came with it, as components/photos.html takes them.
    """
    events = Event.objects.of(kind, pk).select_related("actor").prefetch_related("texts_plain").order_by("-seq")[:SHOWN]
    entries = (
        TimelineEntry(
            at=local(event.at),
            kind=event.kind,
            title=title(event.kind),
            actor=_actor(event),
            text=event.text("reason") or event.text("note") or event.text("text"),
            changes=tuple(changes(event)),
            public=event.visible,
            photos=[file for file in came if file["thumbnail_url"] or file["waiting"] or file["failed"]],
            documents=[file for file in came if file["url"] and not file["thumbnail_url"]],
        )
        for event in events
        for came in [files(event)]
    )
    return by_day(entries, local(now).date())


def _actor(event: Event) -> str:
    if event.actor is None:
        return _("申请人") if event.actor_role == "resident" else _("系统")
    role = role_label(event.actor_role)
    return f"{role} · {event.actor.display_name}" if role else event.actor.display_name
