"""The journal of one issue as the caller may read it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.request import Request

from accounts.models import User
from accounts.roles import Role
from api import shapes
from api.listing import Parameters, next_url, page_of
from common.keyset import Order
from communities.access import Access
from communities.lines import OfficeLines
from communities.models import Building, Category, Community, Department, Neighbourhood
from issues.discretion import data_told, is_by_reporter, knows_reporter, readable, reporter_known_to
from issues.enums import SUBJECT, EventKind
from issues.models import Issue
from issues.telling import TELLINGS
from issues.timeline.entries import title_of
from issues.workflow import TABLE
from journal.models import Event

IN_SEQUENCE = Order(("seq",))
_SORTS: Final = {
    "department": ("department", "suggested_department", "party", "previous", "departments", "co_missing"),
    "user": ("officer", "handed_from", "user", "recipient", "users"),
    "category": ("category",),
    "community": ("community",),
    "place": ("neighbourhood",),
    "building": ("building",),
    "issue": ("master", "issue"),
    "earlier": ("repeat_of",),
}
_SORT_OF: Final = {name: sort for sort, names in _SORTS.items() for name in names}
"""What the ids under these names of an event's data are of."""

_LABELS: Final[dict[str, Any]] = {row.action: row.label for row in reversed(TABLE)} | {
    EventKind.JOIN: gettext_lazy("他件并入"),
    EventKind.LEAVE: gettext_lazy("他件撤出"),
    EventKind.JOINER_VERDICT: gettext_lazy("并案反映人评价"),
}
"""What the timeline has no title for."""

_OF_THE_REPORTER: Final = frozenset({"old.contact", "new.contact", "old.address", "new.address"})
"""Texts that tell who reported, masked, or where exactly: left out for readers who may not know."""


def history(request: Request, issue: Issue, access: Access) -> dict[str, Any]:
    """One page of the journal, oldest first: two statements, and one for each sort of id that occurs.

    Staff read every event; a leader who reported, like a resident, only those that are told to the reporter. Ids in
    ``data`` become codes, names and numbers, of issues only where the caller sees them. Where the caller may not know
    who reported, texts are scrubbed of numbers, and a corrected contact is not told, masked or not.
    """
    parameters = Parameters(request.GET)
    events = Event.objects.of(SUBJECT, issue.pk).select_related("actor").prefetch_related("texts_plain")
    page = page_of(events if access.is_staff else events.filter(visible=True), IN_SEQUENCE, parameters)
    names = _Names(page.rows, access)
    lines = OfficeLines(issue.subdistrict_id)
    return {
        "results": [_row(event, names, issue, access, lines) for event in page.rows],
        "next": next_url(request, page.next_cursor),
    }


def _row(event: Event, names: "_Names", issue: Issue, access: Access, lines: OfficeLines) -> dict[str, Any]:
    clean = not knows_reporter(issue, access)
    texts = {
        text.key: readable(issue, access, text.text, lines=lines)
        for text in event.texts_plain.all()
        if not (clean and text.key in _OF_THE_REPORTER)
    }
    facts = names.readable(data_told(event.data) if clean else event.data)
    hidden = clean and is_by_reporter(issue, event)
    role = "resident" if hidden else event.actor_role
    named = event.actor if access.is_staff and not hidden else None
    actor = {
        "username": named.username if named else None,
        "name": named.display_name if named else None,
        "role": role,
        "role_label": _role_label(role),
    }
    return {
        "seq": event.seq,
        "kind": event.kind,
        "label": _label(event),
        "at": shapes.moment(event.at),
        "actor": actor,
        "visible": event.visible,
        "data": {name: value for name, value in facts.items() if access.is_staff or name not in _OF_STAFF},
        "texts": texts,
    }


_OF_STAFF: Final = frozenset({"known", "sampled", "sample"})
"""Facts that are the office's own business: who reported is not told that a verdict is checked."""


def _label(event: Event) -> str:
    return title_of(event) if event.kind in TELLINGS else str(_LABELS.get(event.kind, event.kind))


def _role_label(role: str) -> str:
    if role == "resident":
        return _("居民")
    if role == "system":
        return _("系统")
    return str(Role(role).label) if role in set(Role) else role


class _Names:
    """Codes, names and numbers behind the ids that events carry; a statement for each sort of id that occurs."""

    def __init__(self, events: Iterable[Event], access: Access) -> None:
        wanted: dict[str, set[int]] = {sort: set() for sort in _SORTS}
        for event in events:
            for data in (event.data, _changed(event.data)):
                for name, value in data.items():
                    if name in _SORT_OF:
                        wanted[_SORT_OF[name]].update(_ids(value))
        self._known: dict[str, dict[int, str]] = {
            "department": _pairs(Department.objects.all(), "code", wanted["department"]),
            "user": _pairs(User.objects.all(), "username", wanted["user"]),
            "category": _pairs(Category.objects.all(), "code", wanted["category"]),
            "community": _pairs(Community.objects.all(), "name_zh", wanted["community"]),
            "place": _pairs(Neighbourhood.objects.all(), "name", wanted["place"]),
            "building": _pairs(Building.objects.all(), "name", wanted["building"]),
            "issue": _pairs(Issue.objects.visible_to(access), "number", wanted["issue"]) if wanted["issue"] else {},
            "earlier": _pairs(
                Issue.objects.visible_to(access).filter(reporter_known_to(access)), "number", wanted["earlier"]
            )
            if wanted["earlier"]
            else {},
        }

    def readable(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """``data`` with codes instead of ids; of a corrected contact only that it was corrected."""
        answer = {name: self._read(name, value) for name, value in data.items()}
        if isinstance(data.get("changed"), Mapping):
            changed = {name: self._read(name, value) for name, value in _changed(data).items()}
            answer["changed"] = {name: [] if name == "contact" else value for name, value in changed.items()}
        return answer

    def _read(self, name: str, value: Any) -> Any:
        sort = _SORT_OF.get(name)
        if sort is None:
            return value
        known = self._known[sort]
        if isinstance(value, list):
            return [known.get(one) if _is_id(one) else one for one in value]
        return known.get(value) if _is_id(value) else value


def _changed(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an ``edit`` changed: old and new value by the name of the field; free texts are told as texts."""
    changed = data.get("changed")
    return changed if isinstance(changed, Mapping) else {}


def _ids(value: Any) -> list[int]:
    return [one for one in (value if isinstance(value, list) else [value]) if _is_id(one)]


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _pairs(rows: QuerySet[Any, Any], column: str, ids: set[int]) -> dict[int, str]:
    return dict(rows.filter(pk__in=ids).values_list("pk", column)) if ids else {}
