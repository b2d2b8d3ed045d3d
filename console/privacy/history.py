"""What happened to one record on personal information, for the timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.roles import role_label
from common.clock import local
from issues.timeline.entries import TimelineDay, TimelineEntry, by_day
from journal.models import Event
from reminders import tellings

SHOWN: Final = 50


def history_of(kind: str, pk: int, now: datetime, labels: Mapping[str, Promise] | None = None) -> list[TimelineDay]:
    """The last events, newest first; three statements. ``labels``: of fields whose changes are told word by word."""
    events = Event.objects.of(kind, pk).select_related("actor").prefetch_related("texts_plain").order_by("-seq")[:SHOWN]
    return by_day((_entry(event, labels or {}) for event in events), local(now).date())


def _entry(event: Event, labels: Mapping[str, Promise]) -> TimelineEntry:
    return TimelineEntry(
        at=local(event.at),
        kind=event.kind,
        title=tellings.title(event.kind),
        actor=_actor(event),
        text=event.text("reason"),
        changes=tuple(_changes(event, labels)),
        public=False,
    )


def _changes(event: Event, labels: Mapping[str, Promise]) -> Iterable[str]:
    for name in event.data.get("fields", ()):
        before, after = event.text(f"{name}.was"), event.text(name)
        if name in labels and before:
            yield _("%(field)s：%(before)s → %(after)s") % {
                "field": labels[name],
                "before": before,
                "after": after or _("空"),
            }


def _actor(event: Event) -> str:
    if event.actor is None:
        return _("申请人") if event.actor_role == "resident" else _("系统")
    role = role_label(event.actor_role)
    return f"{role} · {event.actor.display_name}" if role else event.actor.display_name
