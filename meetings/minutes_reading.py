"""The minutes as one person may read them: what was confirmed stays as it is kept, and what is closed is not shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import translation

from common.clock import local
from communities.access import Access
from communities.models import Category, Community, Department
from journal.models import Event
from meetings import minutes
from meetings.enums import ITEM, AnswerKind
from meetings.models import Meeting, MeetingItem
from meetings.services import following

_ROWS: Final[Mapping[str, Any]] = {
    "community_id": Community,
    "category_id": Category,
    "department_id": Department,
}


@dataclass(frozen=True)
class Correction:
    """One change after the convener had confirmed: when, by whom, and what, in the words of the paper."""

    at: str
    by: str
    words: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.at, self.by, self.words) if part)


def read_minutes(meeting: Meeting, access: Access) -> list[minutes.Paragraph]:
    """As confirmed, else as they stand now; items of confidential matters only for who sees these. One statement more.

    A matter may become confidential long after the minutes were confirmed (docs/rules/meetings.md#the-agenda).
    """
    found = minutes.parse(meeting.minutes or following.minutes_of(meeting))
    closed = set(meeting.items.closed_to(access).values_list("number", flat=True))
    return minutes.without(found, closed) if closed else found


def corrections_of(meeting: Meeting, access: Access) -> list[Correction]:
    """What was changed and added since the minutes were confirmed, the earliest first; nothing of closed items.

    Read from the last to the first, each change undone on the item: so an added one is told as it was added.
    """
    if not meeting.is_locked:
        return []
    closed = meeting.items.closed_to(access).values("pk")
    items = {item.pk: item for item in meeting.items.exclude(pk__in=closed).with_names()}
    events = Event.objects.filter(subject_kind=ITEM, subject_id__in=list(items))
    rows = list(
        events.of_kinds(["item_corrected", "item_added"])
        .filter(at__gte=meeting.confirmed_at)
        .select_related("actor")
        .prefetch_related("texts_plain")
        .order_by("-id")
    )
    named = _named(rows)
    with translation.override("zh-hans"):
        told = [_told(event, items[event.subject_id], named) for event in rows if "reason" in event.texts]
    return told[::-1]


def _told(event: Event, item: MeetingItem, named: Mapping[str, Mapping[int, Any]]) -> Correction:
    reason = event.text("reason")
    changes: list[tuple[str, str, str]] = []
    if event.kind == "item_added":
        words = minutes.addition(item, reason)
    else:
        for name in event.value("fields", ()):
            was, now = (_value(event, name, which, named) for which in ("was", "now"))
            changes.append((name.removesuffix("_id"), _shown(name, was), _shown(name, now)))
            setattr(item, name.removesuffix("_id"), was)
        words = minutes.correction(item.number, reason, changes)
    at = local(event.at).isoformat(timespec="minutes").replace("T", " ")[:16]
    return Correction(at, event.actor.display_name if event.actor else "", words)


def _value(event: Event, name: str, which: str, named: Mapping[str, Mapping[int, Any]]) -> Any:
    """What a field was, or is by this event: a row, a day or words."""
    if name not in (*_ROWS, "answer_kind", "due_on"):
        return event.text(f"{name}.was" if which == "was" else name)
    kept = event.value(which, {}).get(name)
    if name in _ROWS:
        return named[name].get(kept)
    return date.fromisoformat(kept) if name == "due_on" and kept else kept


def _shown(name: str, value: Any) -> str:
    return str(AnswerKind(value).label) if name == "answer_kind" and value else minutes.shown_value(value)


def _named(rows: list[Event]) -> dict[str, dict[int, Any]]:
    """The communities, categories and organisations that these name; a statement for each of the three named."""
    found: dict[str, dict[int, Any]] = {}
    for name, model in _ROWS.items():
        ids = {event.value(which, {}).get(name) for event in rows for which in ("was", "now")} - {None}
        found[name] = model.objects.in_bulk(ids) if ids else {}
    return found
