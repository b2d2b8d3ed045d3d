"""The journal of one issue as people read it: a title, who, the words, and what changed, in the active language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.roles import OF_COMMUNITY, OF_DEPARTMENT, role_label
from common.clock import local
from common.masking import mask_name
from communities.lines import OfficeLines
from communities.models.base import localised
from issues.discretion import is_by_reporter, secrets_of, without_secrets
from issues.enums import Action
from issues.models import Issue
from issues.reading.pages import words_of
from issues.telling import TELLINGS
from issues.timeline.facts import Names, lines_of
from journal.models import Event
from reminders.enums import REMIND
from reminders.panels import changes_of_reminder


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened."""

    at: datetime
    kind: str
    title: str
    actor: str
    text: str
    changes: tuple[str, ...]
    public: bool
    photos: Sequence[Mapping[str, Any]] = ()
    documents: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class TimelineDay:
    """The entries of one day; ``label`` is 今天, 昨天 or ""."""

    on: date
    label: str
    entries: tuple[TimelineEntry, ...]


def title_of(event: Event) -> str:
    """What happened, in a word or two."""
    row = TELLINGS.get(event.kind)
    if row is None:
        return _("系统记录")
    return row.titled(event.actor_role, event.data, event.actor_id is None) or str(row.title)


def changes_of(event: Event, names: Names, *, identity: bool = True) -> tuple[str, ...]:
    """What the event's codes and ids say, a line each."""
    found = lines_of(event, names, identity=identity)
    if event.kind == REMIND:
        found += changes_of_reminder(event)
    return tuple(line for line in found if line)


def entries_of(
    issue: Issue,
    events: Iterable[Event],
    names: Names,
    *,
    identity: bool,
    files: Mapping[int, Sequence[Mapping[str, Any]]] | None = None,
) -> list[TimelineEntry]:
    """Readable entries, in the order given; ``identity``: whether the reader may see the reporter's (masked) name.

    ``files``: by the id of the event that named them, as components/photos.html takes them.
    """
    shown, lines = files or {}, OfficeLines(issue.subdistrict_id)
    return [
        TimelineEntry(
            at=local(event.at),
            kind=event.kind,
            title=title_of(event),
            actor=actor_of(issue, event, names, identity=identity),
            text=_said(event) if identity else without_secrets(_said(event), secrets_of(issue), keep=lines),
            changes=_changes(issue, event, names, lines, identity=identity),
            public=event.visible,
            photos=[file for file in shown.get(event.pk, ()) if file["kind"] == "photo"],
            documents=[file for file in shown.get(event.pk, ()) if file["kind"] != "photo"],
        )
        for event in events
    ]


def _changes(issue: Issue, event: Event, names: Names, lines: OfficeLines, *, identity: bool) -> tuple[str, ...]:
    said = changes_of(event, names, identity=identity)
    return said if identity else tuple(without_secrets(line, secrets_of(issue), keep=lines) for line in said)


def _said(event: Event) -> str:
    words = words_of(event)
    return "\n".join(text for text in (words.get("note", ""), words.get("reason", "")) if text)


def actor_of(issue: Issue, event: Event, names: Names, *, identity: bool) -> str:
    """Who did it, with the organisation: 夏东社区 · 陈晓琳; what time brought about is 系统's."""
    if event.actor_role == "resident" or is_by_reporter(issue, event):
        name = mask_name(issue.contact.name) if identity and issue.contact else ""
        return _("反映人 %(name)s") % {"name": name} if name else _("反映人")
    if event.actor is None:
        return _("系统")
    organisation = _organisation(issue, event, names)
    if not organisation:
        return event.actor.display_name
    return _("%(organisation)s · %(name)s") % {"organisation": organisation, "name": event.actor.display_name}


def _organisation(issue: Issue, event: Event, names: Names) -> str:
    if event.actor_role in OF_COMMUNITY:
        return issue.community.name
    if event.actor_role in OF_DEPARTMENT:
        lead = issue.lead_department.name if issue.lead_department else ""
        return names.organisations.get(event.pk) or lead
    return role_label(event.actor_role)


_HANDS_TO = frozenset({Action.DISPATCH, Action.TRANSFER_OUT, Action.ASSIGN_FINAL, Action.REASSIGN})
_BY_THE_DEPARTMENT = frozenset({Action.ACKNOWLEDGE, Action.RETURN, Action.CO_REPLY, Action.REPLY})
_ID_KEYS = {
    "departments": ("department", "suggested_department", "previous", "departments", "co_missing"),
    "people": ("officer", "handed_from", "users"),
    "categories": ("category",),
}
_EDITED = {"category": "categories", "community": "community", "neighbourhood": "neighbourhood", "building": "building"}
_NAMES = """
SELECT 'departments', id, name_zh, name_en FROM communities_department WHERE id = ANY(%s)
UNION ALL SELECT 'people', id, display_name, '' FROM accounts_user WHERE id = ANY(%s)
UNION ALL SELECT 'categories', id, name_zh, name_en FROM communities_category WHERE id = ANY(%s)
UNION ALL SELECT 'community', id, name_zh, name_en FROM communities_community WHERE id = ANY(%s)
UNION ALL SELECT 'neighbourhood', id, name, '' FROM communities_neighbourhood WHERE id = ANY(%s)
UNION ALL SELECT 'building', id, name, '' FROM communities_building WHERE id = ANY(%s)
"""
_TABLES = ("departments", "people", "categories", "community", "neighbourhood", "building")


def names_for(
    issue: Issue, events: Sequence[Event], departments: Mapping[int, str], issues: Mapping[int, str] | None = None
) -> Names:
    """The names that these events need. No statement for what the issue's own rows know, one for all the rest."""
    people = {event.actor.pk: event.actor.display_name for event in events if event.actor}
    if issue.officer is not None:
        people[issue.officer.pk] = issue.officer.display_name
    categories = {issue.category.pk: issue.category.name} if issue.category else {}
    known: dict[str, dict[int, str]] = {name: {} for name in _TABLES}
    known |= {"departments": dict(departments), "people": people, "categories": categories}
    wanted = _ids_in(events)
    missing = {name: sorted(wanted[name] - known[name].keys()) for name in _TABLES}
    if any(missing.values()):
        with connection.cursor() as cursor:
            cursor.execute(_NAMES, [missing[name] for name in _TABLES])
            for table, pk, zh, en in cursor.fetchall():
                known[table][pk] = localised(zh, en)
    return Names(
        departments=known["departments"],
        people=known["people"],
        categories=known["categories"],
        places={(table, pk): name for table in _TABLES[3:] for pk, name in known[table].items()},
        issues=issues or {},
        organisations=_organisations(events, known["departments"]),
    )


def _ids_in(events: Iterable[Event]) -> dict[str, set[int]]:
    """The ids that events name, by the table that knows them."""
    found: dict[str, set[int]] = {name: set() for name in _TABLES}
    for event in events:
        for table, keys in _ID_KEYS.items():
            for key in keys:
                found[table] |= _ids(event.data.get(key))
        changed = event.data.get("changed")
        if isinstance(changed, dict):
            for name, table in _EDITED.items():
                found[table] |= _ids(changed.get(name))
    return found


def _ids(value: Any) -> set[int]:
    values = value if isinstance(value, list) else [value]
    return {pk for pk in values if isinstance(pk, int) and not isinstance(pk, bool)}


def _organisations(events: Sequence[Event], names: Mapping[int, str]) -> dict[int, str]:
    """For which department an officer or head acted: as they once signed for it, else the lead of that time."""
    works_for: dict[int, int] = {}
    for event in events:
        department = event.data.get("department")
        if event.kind in _BY_THE_DEPARTMENT and event.actor is not None and isinstance(department, int):
            works_for[event.actor.pk] = department
    lead: int | None = None
    found: dict[int, str] = {}
    for event in sorted(events, key=lambda one: one.seq):
        own = works_for.get(event.actor.pk) if event.actor else None
        department = event.data.get("department") if event.kind in _BY_THE_DEPARTMENT else own or lead
        if isinstance(department, int) and department in names:
            found[event.pk] = names[department]
        if event.kind in _HANDS_TO:
            lead = event.data.get("department")
    return found


def by_day(entries: Iterable[TimelineEntry], today: date) -> list[TimelineDay]:
    """Entries (newest first) grouped by their local day."""
    near = {today: _("今天"), today - timedelta(days=1): _("昨天")}
    return [
        TimelineDay(on=on, label=near.get(on, ""), entries=tuple(group))
        for on, group in groupby(entries, key=lambda entry: entry.at.date())
    ]
