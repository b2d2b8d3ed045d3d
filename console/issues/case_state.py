"""What a page loads of an issue besides its row: once, for its cards, its menu and its panel."""

from collections.abc import Sequence
from dataclasses import dataclass

from deadlines.models import Deadline
from issues.enums import RequestState
from issues.models import Issue, Request
from issues.reading.pages import deadlines_of


@dataclass(frozen=True)
class CaseState:
    """An issue's clocks, and the requests that wait for somebody's decision."""

    clocks: Sequence[Deadline]
    requests: Sequence[Request]

    def request(self, *kinds: str) -> Request | None:
        """The open request of one of these kinds."""
        return next((row for row in self.requests if row.kind in kinds), None)

    def runs(self, kind: str) -> bool:
        """Whether a clock of this kind is open."""
        return any(row.kind == kind and row.is_open for row in self.clocks)


def load_case_state(issue: Issue) -> CaseState:
    """One statement, two where something waits for a decision."""
    clocks = deadlines_of(issue.pk)
    if not issue.asks:
        return CaseState(clocks, ())
    rows = Request.objects.filter(issue=issue, state=RequestState.OPEN)
    return CaseState(
        clocks, list(rows.select_related("asked_by", "endorsed_by", "department").order_by("asked_at", "id"))
    )
