"""Loading what happened to matters, for their reporters: the same number of statements for one, for many, for joiners.

One matter takes five statements with its own row and its files, with co-departments or a promise six; a list of any
length takes at most six in all.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Q, Subquery

from common.clock import now
from common.prepared import Prepared, attach
from communities.models.base import localised
from deadlines.enums import DeadlineState
from deadlines.models import Deadline
from issues.enums import SUBJECT, Outcome, Proof
from issues.models import Issue
from issues.querysets import IssueQuerySet
from issues.reading.attachments import KEY, Gallery, gallery_for_reporter
from journal.models import Event, EventText

LINK_KEPT: Final = timedelta(days=365)
"""How long a secret link alone opens a matter that has ended (docs/rules/privacy.md#proof-of-being-the-reporter)."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{8,32}", re.ASCII)
_RELATED: Final = ("community", "subdistrict", "lead_department", "category", "contact", "neighbourhood")
_HEAVY: Final = ("lexemes", "description", "contact__address")


def _self_and_master(token: str) -> IssueQuerySet:
    """The issue of a secret link and the one that it joined: two look-ups by index in one plan."""
    master = Issue.objects.filter(token=token).values("master_id")[:1]
    rows = Issue.objects.filter(Q(token=token) | Q(pk=Subquery(master)))
    return rows.select_related(*_RELATED).defer(*_HEAVY)


_BY_TOKEN: Prepared[Issue] = Prepared(_self_and_master, "the token")
_CLOCK_COLUMNS: Final = (
    "id", "kind", "state", "limit", "due_at", "original_due_at", "subject_kind", "subject_id", "party_id",
    "started_at", "next_rung_at", "next_rung",
)  # fmt: skip
_EVENT_COLUMNS: Final = (
    "id", "kind", "at", "actor_role", "actor_id", "visible", "data", "subject_kind", "subject_id", "seq",
)  # fmt: skip
_TOLD = Q(visible=True) | Q(data__has_key=KEY)
_CLOCKS: Prepared[Deadline] = Prepared(
    lambda issue_id: Deadline.objects.of(SUBJECT, issue_id).order_by("id").only(*_CLOCK_COLUMNS), -2
)
_EVENTS: Prepared[Event] = Prepared(
    lambda one, other: (
        Event.objects.filter(_TOLD, subject_kind=SUBJECT, subject_id__in=[one, other])
        .order_by("subject_id", "seq")
        .only(*_EVENT_COLUMNS)
    ),
    -2,
    -3,
)
_TEXTS: Prepared[EventText] = Prepared(
    lambda one, other: EventText.objects.filter(
        event__subject_kind=SUBJECT, event__subject_id__in=[one, other], event__visible=True
    ).only("id", "event_id", "key", "text"),
    -2,
    -3,
)
_ORGANISATIONS: Final = """
SELECT d.id, d.name_zh, d.name_en, c.subject_id, c.id, c.text, c.due_on, c.review_on,
    coalesce(c.reported_at, c.ended_at), c.evidence
FROM communities_department d
LEFT JOIN commitments_commitment c ON c.owner_id = d.id AND c.subject_kind = 'issue' AND c.subject_id = ANY(%s)
    AND c.public AND c.state <> 'withdrawn'
WHERE d.id = ANY(%s) OR c.id IS NOT NULL
ORDER BY c.made_at, c.id
"""


@dataclass(frozen=True)
class Promised:
    """The standing promise of a matter as it is stored."""

    who: str
    text: str
    due_on: date | None
    review_on: date | None
    kept_at: datetime | None
    evidence: str
    commitment_id: int


@dataclass(frozen=True)
class Story:
    """One reporter's matter (``issue``) and the one under which it is handled (``main``, mostly the same)."""

    issue: Issue
    main: Issue
    at: datetime
    clocks: Sequence[Deadline]
    own: Sequence[Event]
    """What the reporter may read of the own matter's journal, in order."""
    work: Sequence[Event]
    """The same of the matter under which it is handled."""
    names: "dict[int, str]"
    """Names of the co-departments."""
    promised: Promised | None
    gallery: Gallery

    @property
    def joined(self) -> bool:
        """Whether it is handled under another matter."""
        return self.main is not self.issue

    def clock(self, kind: str) -> Deadline | None:
        """The latest clock of a kind."""
        return next((row for row in reversed(self.clocks) if row.kind == kind), None)

    def running(self, kind: str) -> Deadline | None:
        """The latest clock of a kind, if it runs."""
        row = self.clock(kind)
        return row if row is not None and row.state == DeadlineState.RUNNING else None

    def last(self, *kinds: str) -> Event | None:
        """The last event of these kinds in the work on it."""
        return next((event for event in reversed(self.work) if event.kind in kinds), None)


def issue_by_token(
    token: str, at: datetime | None = None, *, proven: Callable[[Issue], bool] | None = None
) -> Issue | None:
    """The issue behind a secret link with what the page needs, its master too; one statement.

    None for a link that never was, and for one that is no longer: LINK_KEPT after the matter has ended, but for whoever
    has ``proven`` to be its reporter, and once nothing in it tells of persons any more.
    """
    if not _TOKEN.fullmatch(token):
        return None
    rows = _BY_TOKEN(token)
    issue = next((row for row in rows if row.token == token), None)
    if issue is not None and issue.master_id is not None:
        issue.master = next(row for row in rows if row.pk == issue.master_id)
    if issue is None or issue.masked_at is not None:
        return None
    if _is_over(main_of(issue), at or now()) and not (proven is not None and proven(issue)):
        return None
    return issue


def _is_over(main: Issue, at: datetime) -> bool:
    return not main.is_open and main.closed_at is not None and at > main.closed_at + LINK_KEPT


def for_reporters(rows: IssueQuerySet) -> IssueQuerySet:
    """A queryset of issues with what ``stories`` needs of each row."""
    return rows.select_related(*_RELATED).defer(*_HEAVY)


def main_of(issue: Issue) -> Issue:
    """The matter under which ``issue`` is handled: its master, else itself."""
    return issue.master if issue.master_id is not None and issue.master is not None else issue


def story_of(issue: Issue, at: datetime, *, files: bool, proof: Proof) -> Story:
    """The story of one matter: three statements, one more with co-departments or a promise, one more with files."""
    main = main_of(issue)
    events = _EVENTS(issue.pk, main.pk)
    _give_texts(events, _TEXTS(issue.pk, main.pk))
    gallery = gallery_for_reporter(issue, events=events, proof=proof) if files else Gallery()
    return _story(issue, at, _Loaded(_CLOCKS(main.pk), events, *_organisations([main])), gallery)


def stories(issues: Sequence[Issue], at: datetime) -> list[Story]:
    """The stories of several matters without their files, for lists; at most five statements."""
    _give_masters(issues)
    mains = {issue.pk: main_of(issue) for issue in issues}
    ids = sorted({*mains, *(main.pk for main in mains.values())})
    if not ids:
        return []
    clocks = Deadline.objects.filter(subject_kind=SUBJECT, subject_id__in=ids).order_by("id").only(*_CLOCK_COLUMNS)
    events = list(
        Event.objects.filter(visible=True, subject_kind=SUBJECT, subject_id__in=ids)
        .order_by("subject_id", "seq")
        .only(*_EVENT_COLUMNS)
    )
    texts = EventText.objects.filter(event__subject_kind=SUBJECT, event__subject_id__in=ids, event__visible=True)
    _give_texts(events, texts.only("id", "event_id", "key", "text"))
    by_issue = _grouped(clocks)
    names, promises = _organisations(mains.values())
    return [
        _story(issue, at, _Loaded(by_issue.get(mains[issue.pk].pk, []), events, names, promises), Gallery())
        for issue in issues
    ]


def _give_masters(issues: Iterable[Issue]) -> None:
    """Load the matters that some of these joined; no statement where none did."""
    joined = [issue for issue in issues if issue.master_id is not None]
    if not joined:
        return
    masters = for_reporters(Issue.objects.filter(pk__in={issue.master_id for issue in joined})).in_bulk()
    for issue in joined:
        issue.master = masters[issue.master_id or 0]


def _grouped(clocks: Iterable[Deadline]) -> dict[int, list[Deadline]]:
    found: dict[int, list[Deadline]] = {}
    for row in clocks:
        found.setdefault(row.subject_id, []).append(row)
    return found


def _give_texts(events: Iterable[Event], rows: Iterable[EventText]) -> None:
    texts: dict[int, list[EventText]] = {}
    for text in rows:
        texts.setdefault(text.event_id, []).append(text)
    for event in events:
        attach(event, "texts_plain", texts.get(event.pk, []))


@dataclass(frozen=True)
class _Loaded:
    """What the statements found: the clocks of the matter in hand, events of it and others, names and promises."""

    clocks: Sequence[Deadline]
    events: Sequence[Event]
    names: dict[int, str]
    promises: dict[int, Promised]


def _organisations(mains: Iterable[Issue]) -> tuple[dict[int, str], dict[int, Promised]]:
    """Names of co-departments by id, and the standing public promise by the matter's id; no statement for neither."""
    rows = list(mains)
    promising = [row.pk for row in rows if row.outcome in (Outcome.PLANNED, Outcome.NOT_NOW)]
    ids = sorted({pk for row in rows for pk in row.co_department_ids})
    names: dict[int, str] = {}
    promises: dict[int, Promised] = {}
    if not promising and not ids:
        return names, promises
    with connection.cursor() as cursor:
        cursor.execute(_ORGANISATIONS, [promising, ids])
        for pk, zh, en, subject_id, commitment_id, text, due_on, review_on, kept_at, evidence in cursor.fetchall():
            names[pk] = localised(zh, en)
            if subject_id is not None:
                words = (text, due_on, review_on, kept_at, evidence)
                promises[subject_id] = Promised(names[pk], *words, commitment_id)
    return names, promises


def _story(issue: Issue, at: datetime, loaded: _Loaded, gallery: Gallery) -> Story:
    main = main_of(issue)
    told = [event for event in loaded.events if event.visible]
    return Story(
        issue=issue,
        main=main,
        at=at,
        clocks=loaded.clocks,
        own=[event for event in told if event.subject_id == issue.pk],
        work=[event for event in told if event.subject_id == main.pk],
        names={pk: loaded.names[pk] for pk in main.co_department_ids if pk in loaded.names},
        promised=loaded.promises.get(main.pk),
        gallery=gallery,
    )
