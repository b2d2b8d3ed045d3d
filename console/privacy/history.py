"""What happened to one record on personal information, for the timeline."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from console.kit import history
from issues.timeline.entries import TimelineDay
from journal.models import Event
from reminders import tellings


def history_of(kind: str, pk: int, now: datetime, labels: Mapping[str, Promise] | None = None) -> list[TimelineDay]:
    """The last events, newest first; three statements. ``labels``: of fields whose changes are told word by word."""
    return history.history_of(kind, pk, now, title=tellings.title, changes=partial(_changes, labels or {}))


def _changes(labels: Mapping[str, Promise], event: Event) -> Iterable[str]:
    for name in event.data.get("fields", ()):
        before, after = event.text(f"{name}.was"), event.text(name)
        if name in labels and before:
            told = {"field": labels[name], "before": before, "after": after or _("空")}
            yield _("%(field)s：%(before)s → %(after)s") % told
