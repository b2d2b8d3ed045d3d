"""The journal of one issue as the caller may read it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.roles import Permission, Role
from api import shapes
from api.listing import Parameters, next_url, page_of
from common.keyset import Order
from common.masking import scrub
from communities.access import Access
from communities.models import Category, Community, Department
from issues.enums import SUBJECT
from issues.models import Issue
from issues.workflow import CREATE, TABLE
from journal.models import Event

IN_SEQUENCE = Order(("seq",))
_DEPARTMENTS = ("department", "suggested_department", "party")
_USERS = ("officer", "user", "recipient")
_LABELS = {row.action: row.label for row in (CREATE, *TABLE)}


def history(request: Request, issue: Issue, access: Access) -> dict[str, Any]:
    """One page of the journal, oldest first, in at most six statements.

    Staff read every event; a leader who reported, like a resident, only those that are told to the reporter. Ids in
    ``data`` become codes and names. Where the caller may not know who reported, texts are scrubbed of numbers.
    """
    parameters = Parameters(request.GET)
    staff = access.has(Permission.USE_CONSOLE)
    events = Event.objects.of(SUBJECT, issue.pk).select_related("actor").prefetch_related("texts_plain")
    page = page_of(events if staff else events.filter(visible=True), IN_SEQUENCE, parameters)
    names = _Names(page.rows)
    clean = not shapes.sees_identity(access, issue)
    return {
        "results": [_row(event, names, staff=staff, clean=clean) for event in page.rows],
        "next": next_url(request, page.next_cursor),
    }


def _row(event: Event, names: "_Names", *, staff: bool, clean: bool) -> dict[str, Any]:
    texts = {text.key: scrub(text.text) if clean or not staff else text.text for text in event.texts_plain.all()}
    role = event.actor_role
    actor = {
        "username": event.actor.username if event.actor and staff else None,
        "name": event.actor.display_name if event.actor and staff else None,
        "role": role,
        "role_label": _role_label(role),
    }
    return {
        "seq": event.seq,
        "kind": event.kind,
        "label": str(_LABELS.get(event.kind, event.kind)),
        "at": shapes.moment(event.at),
        "actor": actor,
        "visible": event.visible,
        "data": names.readable(event.data),
        "texts": texts,
    }


def _role_label(role: str) -> str:
    if role == "resident":
        return _("居民")
    if role == "system":
        return _("系统")
    return str(Role(role).label) if role in set(Role) else role


class _Names:
    """Codes and names behind the ids that events carry; a statement for each sort of id that occurs."""

    def __init__(self, events: Iterable[Event]) -> None:
        wanted: dict[str, set[int]] = {"department": set(), "user": set(), "category": set(), "community": set()}
        for event in events:
            for name, value in event.data.items():
                sort = _sort_of(name)
                if sort and isinstance(value, int):
                    wanted[sort].add(value)
        self._known: dict[str, dict[int, str]] = {
            "department": _pairs(Department, "code", wanted["department"]),
            "user": _pairs(get_user_model(), "username", wanted["user"]),
            "category": _pairs(Category, "code", wanted["category"]),
            "community": _pairs(Community, "name_zh", wanted["community"]),
        }

    def readable(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """``data`` with codes instead of ids."""
        answer = {}
        for name, value in data.items():
            sort = _sort_of(name)
            answer[name] = self._known[sort].get(value) if sort and isinstance(value, int) else value
        return answer


def _sort_of(name: str) -> str:
    if name in _DEPARTMENTS:
        return "department"
    if name in _USERS:
        return "user"
    return name if name in ("category", "community") else ""


def _pairs(model: Any, column: str, ids: set[int]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=ids).values_list("pk", column)) if ids else {}
