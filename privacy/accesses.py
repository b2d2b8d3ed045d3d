"""谁看过我的信息: who asked for, looked for, printed or copied what is known of one person, out of the journal.

A person is a telephone line. What was looked at is told by the events themselves: the whole of a reporter
(``reveal``), a look-up by the line or its end (only a keyed digest is kept), a receipt, the contact of a request and a
copy of the own data. The number of statements is the same for any person; each reads an index
(``privacy/migrations/0004``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.noting import ACCOUNT
from accounts.roles import role_label
from common.crypto import lookup_hashes
from communities.models import Contact, Membership
from issues.enums import SUBJECT, EventKind
from issues.models import Issue
from issues.services.revealing import digests_of
from journal.models import Event
from privacy.enums import RIGHTS
from privacy.models import RightsRequest

TRACED: Final = "access_traced"
"""The event of an account: somebody asked who had looked at a person."""
MOST: Final = 200
"""So many accesses are told, the newest."""
_LINES: Final = 1000
"""So many contacts of one line are looked at."""
_TAIL: Final = 4

_OF_MATTERS: Final[Mapping[str, Promise]] = {
    EventKind.REVEAL: _("查看完整的姓名、电话和住址"),
    EventKind.PRINT: _("打印回执"),
}
_OF_REQUESTS: Final[Mapping[str, Promise]] = {
    "rights_seen": _("查看个人信息请求的联系方式"),
    "rights_exported": _("制作个人信息副本"),
}
_OF_ACCOUNTS: Final[Mapping[str, Promise]] = {
    "look_up": _("按整个电话号码查找"),
    TRACED: _("查询谁看过这个人的信息"),
}
_BY_END: Final = _("按电话后四位查找，找的也可能是别人")


@dataclass(frozen=True)
class DataAccess:
    """One access. ``number`` is the matter's, "" where it was none's; ``reason`` what was written then."""

    at: datetime
    what: Promise
    name: str
    role: str
    office: str
    number: str
    reason: str


@dataclass(frozen=True)
class Accesses:
    """The newest accesses; ``more``: there were earlier ones."""

    rows: Sequence[DataAccess]
    more: bool


def accesses_to(line: str, *, areas: Collection[int] | None) -> Accesses:
    """Who looked at the person with this line in these sub-districts (None: in every one), as an auditor reads it."""
    ids = _contacts(line, areas)
    matters = _matters(ids)
    events = _events(line, ids, matters, _requests(ids))
    return _told(events, matters, areas)


def accesses_for(issue: Issue, line: str) -> Accesses:
    """The same for the reporter of ``issue``, who has proven this line: in that office.

    Of another matter that was reported confidentially nothing is told: a telephone may be a household's.
    """
    area = [issue.subdistrict_id]
    ids = _contacts(line, area)
    matters = {pk: row for pk, row in _matters(ids).items() if pk == issue.pk or not row.confidential}
    events = [
        event
        for event in _events(line, ids, matters, _requests(ids))
        if event.subject_kind != SUBJECT or event.subject_id in matters
    ]
    return _told(events, matters, area)


def _contacts(line: str, areas: Collection[int] | None) -> list[int]:
    rows = Contact.objects.filter(phone_hash__in=lookup_hashes(line))
    rows = rows if areas is None else rows.filter(subdistrict_id__in=sorted(areas))
    return list(rows.order_by("-id").values_list("pk", flat=True)[:_LINES])


def _matters(contact_ids: Collection[int]) -> dict[int, Issue]:
    rows = Issue.objects.filter(contact_id__in=contact_ids).only("pk", "number", "confidential")
    return {row.pk: row for row in rows.order_by("-id")[:_LINES]}


def _requests(contact_ids: Collection[int]) -> list[int]:
    return list(RightsRequest.objects.filter(contact_id__in=contact_ids).values_list("pk", flat=True)[:_LINES])


def _events(line: str, contacts: Collection[int], matters: Collection[int], requests: Collection[int]) -> list[Event]:
    """The newest of each source, at most MOST + 1; four statements and one for their texts."""
    rows = Event.objects.select_related("actor").defer("prev_hash", "hash").order_by("-id")
    looked = rows.annotate(phone=KeyTextTransform("phone", "data"), contact=KeyTextTransform("contact", "data"))
    digests = [*digests_of(line), *digests_of(line[-_TAIL:])]
    sources: tuple[QuerySet[Event], ...] = (
        looked.filter(kind__in=["look_up", TRACED], subject_kind=ACCOUNT, phone__in=digests),
        looked.filter(kind=EventKind.REVEAL, subject_kind=SUBJECT, contact__in=[str(pk) for pk in contacts]),
        rows.filter(kind=EventKind.PRINT, subject_kind=SUBJECT, subject_id__in=list(matters)),
        rows.filter(kind__in=list(_OF_REQUESTS), subject_kind=RIGHTS, subject_id__in=list(requests)),
    )
    found = [event for source in sources for event in source.prefetch_related("texts_plain")[: MOST + 1]]
    return sorted(found, key=lambda event: (event.at, event.pk), reverse=True)


def _told(events: Sequence[Event], matters: Mapping[int, Issue], areas: Collection[int] | None) -> Accesses:
    held = _memberships(events, areas)
    known = [event for event in events if areas is None or event.subject_kind != ACCOUNT or _post(event, held)]
    return Accesses([_row(event, matters, held) for event in known[:MOST]], len(known) > MOST)


def _memberships(events: Iterable[Event], areas: Collection[int] | None) -> dict[int, list[Membership]]:
    """What those who acted were and are, by account; one statement."""
    found: dict[int, list[Membership]] = {}
    ids = {event.actor_id for event in events if event.actor_id is not None}
    rows = Membership.objects.filter(user_id__in=ids).select_related("community", "department", "subdistrict")
    if areas is not None:
        rows = rows.filter(Q(subdistrict_id__in=sorted(areas)) | Q(subdistrict__isnull=True))
    for row in rows.order_by("id"):
        found.setdefault(row.user_id, []).append(row)
    return found


def _post(event: Event, held: Mapping[int, Sequence[Membership]]) -> Membership | None:
    """As what somebody acted: the role that the event names, held then; else any that was held then."""
    then = [
        row
        for row in held.get(event.actor_id or 0, ())
        if row.started_at <= event.at and (row.ended_at is None or row.ended_at >= event.at)
    ]
    return next((row for row in then if row.role == event.actor_role), then[0] if then else None)


def _row(event: Event, matters: Mapping[int, Issue], held: Mapping[int, Sequence[Membership]]) -> DataAccess:
    post = _post(event, held)
    matter = matters.get(event.subject_id) if event.subject_kind == SUBJECT else None
    return DataAccess(
        at=event.at,
        what=_what(event),
        name=event.actor.display_name if event.actor else "",
        role=role_label(post.role if post else event.actor_role),
        office=_office(post),
        number=matter.number if matter is not None else "",
        reason=event.text("reason"),
    )


def _what(event: Event) -> Promise:
    if event.kind == "look_up" and not event.data.get("whole"):
        return _BY_END
    return {**_OF_MATTERS, **_OF_REQUESTS, **_OF_ACCOUNTS}[event.kind]


def _office(post: Membership | None) -> str:
    """Where somebody works: the organisation, the community, else the sub-district."""
    where = post and (post.department or post.community or post.subdistrict)
    return where.name if where else ""
