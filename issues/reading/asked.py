"""What waits for somebody's decision on issues: requests, and drafts for signature (``Issue.asks`` says which)."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import CharField, DateField, DateTimeField, IntegerField, TextField, Value

from issues.enums import ASKED_LABELS, SUBJECT, RequestKind, RequestState
from issues.models import Issue, Request
from papers.enums import DraftKind
from papers.models import Draft


def open_requests(issue: Issue) -> list[Request]:
    """Its open requests; one statement, none where none waits."""
    if set(RequestKind.values).isdisjoint(issue.asks):
        return []
    return list(Request.objects.filter(issue=issue, state=RequestState.OPEN))


def waiting_drafts(issue: Issue) -> list[Draft]:
    """Its drafts that wait for a signature, each with the limit that it is about; one statement, none for none."""
    if set(DraftKind.values).isdisjoint(issue.asks):
        return []
    return list(Draft.objects.of(SUBJECT, issue.pk).waiting().select_related("deadline"))


class Asked(NamedTuple):
    """One request or draft that waits."""

    issue_id: int
    kind: str
    asked_at: datetime

    @property
    def is_draft(self) -> bool:
        """Whether somebody has to sign it."""
        return self.kind in DraftKind.values

    @property
    def label(self) -> str:
        """What it is called."""
        return str(ASKED_LABELS[self.kind])


def asked_on(issue_ids: Collection[int]) -> dict[int, tuple[Asked, ...]]:
    """What waits on each of these issues, the first asked first; one statement."""
    requests = Request.objects.filter(issue_id__in=issue_ids, state=RequestState.OPEN)
    drafts = Draft.objects.of_many(SUBJECT, issue_ids).waiting()
    rows = requests.values_list("issue_id", "kind", "asked_at").union(
        drafts.values_list("subject_id", "kind", "asked_at"), all=True
    )
    found: dict[int, tuple[Asked, ...]] = {}
    for row in rows.order_by("asked_at"):
        found[row[0]] = (*found.get(row[0], ()), Asked(*row))
    return found


class EverAsked(NamedTuple):
    """One request or draft as it stands: who asked for what, and who decided. Of a draft the middle is empty."""

    id: int
    kind: str
    state: str
    text: str
    asked_at: datetime
    decided_at: datetime | None
    code: str | None
    name_zh: str | None
    name_en: str | None
    asker: str | None
    asker_name: str | None
    decider: str | None
    decider_name: str | None
    days: int | None
    until_on: date | None
    reason_code: str
    interim_answer: str
    endorsed_at: datetime | None
    endorser: str | None
    endorser_name: str | None


_EITHER: Final = (
    *("id", "kind", "state", "text", "asked_at", "decided_at"),
    *("department__code", "department__name_zh", "department__name_en"),
    *("asked_by__username", "asked_by__display_name", "decided_by__username", "decided_by__display_name"),
)
_OF_REQUESTS: Final = (
    *("days", "until_on", "reason_code", "interim_answer"),
    *("endorsed_at", "endorsed_by__username", "endorsed_by__display_name"),
)
_NOT_OF_DRAFTS: Final = (
    Value(None, IntegerField()),
    Value(None, DateField()),
    Value("", CharField()),
    Value("", TextField()),
    Value(None, DateTimeField()),
    Value(None, CharField()),
    Value(None, CharField()),
)


def ever_asked(issue_id: int) -> list[EverAsked]:
    """All requests and drafts of an issue, as they were put; one statement."""
    requests = Request.objects.filter(issue_id=issue_id).values_list(*_EITHER, *_OF_REQUESTS)
    drafts = Draft.objects.of(SUBJECT, issue_id).values_list(*_EITHER, *_NOT_OF_DRAFTS)
    return [EverAsked(*row) for row in requests.union(drafts, all=True).order_by("asked_at", "id")]
