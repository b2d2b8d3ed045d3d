"""What pages read of the ledger: months, totals, what happened to an entry, what is new of a report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, QuerySet
from django.utils.functional import Promise

from common.masking import anonymous, mask_name
from communities.access import Access
from communities.models import Building, Leader, LeaderPlace
from issues.enums import SUBJECT, Source
from issues.models import Issue
from issues.querysets import IssueQuerySet
from journal.models import Event
from ledger.enums import ENTRY, EntryKind
from ledger.models import LedgerEntry, SeenReport
from ledger.tellings import REVEALED, TELLINGS

_TITLES: Mapping[str, Promise] = {row.kind: row.title for row in TELLINGS}


# Months


def month_of(text: str, today: date) -> date:
    """The first day of the month ``2026-03``; of this one where it is none, or lies more than ten years off."""
    year, _dash, month = text.partition("-")
    if len(text) == 7 and f"{year}{month}".isascii() and f"{year}{month}".isdecimal():
        if abs(int(year) - today.year) <= 10 and 1 <= int(month) <= 12:
            return date(int(year), int(month), 1)
    return today.replace(day=1)


def month_after(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


@dataclass(frozen=True)
class KindTotal:
    """How many entries of one kind."""

    kind: str
    label: str
    count: int


def totals_of(entries: QuerySet[LedgerEntry], first: date) -> list[KindTotal]:
    """What was done in the month that begins with ``first``, by kind in the order of the tiles; one statement.

    Counts of things, withdrawn ones left out. Never points, never beside another person's.
    """
    rows = entries.filter(withdrawn_at__isnull=True, on__gte=first, on__lt=month_after(first))
    found = dict(rows.order_by().values_list("kind").annotate(Count("pk")))
    return [KindTotal(kind.value, str(kind.label), found.get(kind.value, 0)) for kind in EntryKind]


# One entry


def masked_person(entry: LedgerEntry) -> str:
    """Whom it was for, as everybody reads it: 何*婆; of a room nothing."""
    return mask_name(entry.person)


def open_note(entry: LedgerEntry) -> str:
    """The note without names, rooms and numbers: as lists, sheets and the staff's page show it."""
    return anonymous(entry.note)


@dataclass(frozen=True)
class EntryEvent:
    """What happened to an entry: when, what, by whom, and the words that belong to it."""

    at: datetime
    title: str
    actor: str
    texts: Sequence[str]


def history_of(entry: LedgerEntry) -> list[EntryEvent]:
    """As its leader reads it, the newest first; two statements. Of who looked neither the name nor the reason."""
    found = []
    for event in _events_of(entry):
        looked = event.kind == REVEALED
        found.append(_told(event, actor="" if looked else _name_of(event), texts=[] if looked else _texts_of(event)))
    return found


def history_for_staff(entry: LedgerEntry, *, whole: bool) -> list[EntryEvent]:
    """As the staff read it; words without names and rooms but right after the whole was asked for (``whole``)."""
    return [
        _told(event, actor=_name_of(event), texts=[text if whole else anonymous(text) for text in _texts_of(event)])
        for event in _events_of(entry)
    ]


def _events_of(entry: LedgerEntry) -> Iterable[Event]:
    rows = Event.objects.of(ENTRY, entry.pk).filter(kind__in=list(_TITLES))
    return rows.select_related("actor").prefetch_related("texts_plain").order_by("-seq")


def _told(event: Event, *, actor: str, texts: Sequence[str]) -> EntryEvent:
    return EntryEvent(event.at, str(_TITLES[event.kind]), actor, texts)


def _name_of(event: Event) -> str:
    return event.actor.display_name if event.actor else ""


def _texts_of(event: Event) -> list[str]:
    return [row.text for row in event.texts_plain.all() if row.text]


def entry_behind(issue: Issue, access: Access) -> LedgerEntry | None:
    """The entry of which a leader made ``issue``, for who sees that entry; one statement where a leader reported."""
    if issue.source != Source.LEADER:
        return None
    return LedgerEntry.objects.visible_to(access).filter(issue_id=issue.pk).only("pk").first()


# Places


def households_of(places: Sequence[LeaderPlace]) -> tuple[dict[int, int], int]:
    """How many households each place has, by its own id, and all of them together; one statement.

    A lane or an estate has those of its buildings; a building of one that is looked after, too, is counted once.
    """
    wide = {place.neighbourhood_id for place in places if place.neighbourhood_id}
    single = {place.building_id for place in places if place.building_id}
    rows = Building.objects.filter(retired_at__isnull=True, households__isnull=False)
    rows = rows.filter(pk__in=single) | rows.filter(neighbourhood_id__in=wide)
    found = [(pk, around, n or 0) for pk, around, n in rows.values_list("pk", "neighbourhood_id", "households")]
    by_place = {
        place.pk: sum(n for pk, around, n in found if place.building_id == pk or place.neighbourhood_id == around)
        for place in places
    }
    return by_place, sum(n for _pk, _around, n in found)


def open_at(places: Sequence[LeaderPlace]) -> IssueQuerySet:
    """Open matters at these places that a leader may know of: never a confidential one, whose place tells of people.

    A leader reads number, category, step and date of them, and the words only of what they reported themselves
    (docs/rules/ledger.md#my-building).
    """
    buildings = [place.building_id for place in places if place.building_id]
    wide = [place.neighbourhood_id for place in places if place.neighbourhood_id]
    here = Issue.objects.filter(building_id__in=buildings) | Issue.objects.filter(neighbourhood_id__in=wide)
    found: IssueQuerySet = here.open().filter(confidential=False)
    return found


def unled_buildings(access: Access) -> QuerySet[Building]:
    """Buildings of the communities that a person works for, or of whole offices, that no leader looks after."""
    led = LeaderPlace.objects.filter(leader__retired_at__isnull=True)
    rows = Building.objects.filter(retired_at__isnull=True, community__retired_at__isnull=True)
    rows = rows.filter(community__subdistrict_id__in=sorted(access.whole_subdistrict_ids)) | rows.filter(
        community_id__in=sorted(access.community_ids)
    )
    alone = rows.exclude(pk__in=led.filter(building__isnull=False).values("building_id"))
    return alone.exclude(neighbourhood_id__in=led.filter(neighbourhood__isnull=False).values("neighbourhood_id"))


# Reports


def news_of(leader: Leader, issues: Sequence[Issue]) -> set[int]:
    """Of which of these reports something that the leader may read happened since it was looked at; two statements.

    What the leader did oneself is no news, nor is the reporting.
    """
    ids = {issue.pk: issue.master_id or issue.pk for issue in issues}
    rows = Event.objects.filter(subject_kind=SUBJECT, subject_id__in={*ids, *ids.values()}, visible=True)
    others = rows.exclude(actor_id=leader.user_id).order_by().values("subject_id")
    last: dict[int, datetime] = dict(others.annotate(last=Max("at")).values_list("subject_id", "last"))
    seen = dict(SeenReport.objects.filter(leader=leader, issue_id__in=ids).values_list("issue_id", "seen_at"))
    found = set()
    for issue in issues:
        moments = [last[pk] for pk in {issue.pk, ids[issue.pk]} if pk in last]
        if moments and max(moments) > seen.get(issue.pk, issue.created_at):
            found.add(issue.pk)
    return found


def note_seen(leader: Leader, issue: Issue, at: datetime) -> None:
    """The leader looks at a report now."""
    SeenReport.objects.update_or_create(leader=leader, issue=issue, defaults={"seen_at": at})
