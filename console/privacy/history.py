"""What happened to one record on personal information, for the timeline."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from accounts.roles import role_label
from common.clock import local
from issues.timeline.entries import TimelineDay, TimelineEntry, by_day
from journal.models import Event
from reminders import tellings

SHOWN: Final = 50


def history_of(kind: str, pk: int, now: datetime) -> list[TimelineDay]:
    """The last events, newest first; three statements."""
    events = Event.objects.of(kind, pk).select_related("actor").prefetch_related("texts_plain").order_by("-seq")[:SHOWN]
    return by_day((_entry(event) for event in events), local(now).date())


def _entry(event: Event) -> TimelineEntry:
    return TimelineEntry(
        at=local(event.at),
        kind=event.kind,
        title=tellings.title(event.kind),
        actor=_actor(event),
        text=event.text("reason"),
        changes=(),
        public=False,
    )


def _actor(event: Event) -> str:
    if event.actor is None:
        return _("申请人") if event.actor_role == "resident" else _("系统")
    role = role_label(event.actor_role)
    return f"{role} · {event.actor.display_name}" if role else event.actor.display_name
