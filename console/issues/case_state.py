"""What a page loads of an issue besides its row: once, for its cards, its menu and its panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deadlines.models import Deadline
from issues.enums import RequestKind, RequestState
from issues.models import Issue, Request
from issues.reading.pages import deadlines_of
from papers.enums import DraftKind


@dataclass(frozen=True)
class WaitingDraft:
    """A document that waits for a signature; ``asked_by`` is None where the clock drew it up."""

    kind: DraftKind
    text: str
    asked_at: datetime
    asked_by: str | None


@dataclass(frozen=True)
class CaseState:
    """An issue's clocks, and what waits for somebody's decision: requests, and drafts for signature."""

    clocks: Sequence[Deadline]
    requests: Sequence[Request]
    drafts: Sequence[WaitingDraft]

    def draft(self, kind: str) -> WaitingDraft | None:
        """The draft of this kind that waits."""
        return next((row for row in self.drafts if row.kind == kind), None)

    def runs(self, kind: str) -> bool:
        """Whether a clock of this kind is open."""
        return any(row.kind == kind and row.is_open for row in self.clocks)


def load_case_state(issue: Issue) -> CaseState:
    """Of an issue that ``find_issue`` read: one statement, two where a request waits for a decision."""
    requests: list[Request] = []
    if not set(RequestKind.values).isdisjoint(issue.asks):
        rows = Request.objects.filter(issue=issue, state=RequestState.OPEN)
        requests = list(rows.select_related("asked_by", "endorsed_by", "department").order_by("asked_at", "id"))
    drafts = [_draft(row) for row in issue.drafted]  # type: ignore[attr-defined]
    return CaseState(deadlines_of(issue.pk), requests, drafts)


def _draft(row: Mapping[str, Any]) -> WaitingDraft:
    return WaitingDraft(DraftKind(row["kind"]), row["text"], datetime.fromisoformat(row["asked_at"]), row["asked_by"])
