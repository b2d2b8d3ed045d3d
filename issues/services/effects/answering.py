"""Urges that wait for an answer: what answers them, and what makes them moot."""

from dataclasses import dataclass

from issues.models import Issue
from issues.policies import moves
from issues.services.effects.base import Change
from issues.workflow import cancel, stop


@dataclass(frozen=True)
class Before:
    """What of an issue an action may change and is still needed afterwards."""

    status: str
    turn: str
    lead_id: int | None

    @classmethod
    def of(cls, issue: Issue) -> "Before":
        """As it is now."""
        return cls(issue.status, issue.turn, issue.lead_department_id)


def settle_urges(change: Change, before: Before) -> None:
    """A deed of whoever's move it was answers every urge; once somebody else has to move they concern nobody.

    Silence that time takes for an acknowledgement is no deed, and leaves the move where it is.
    """
    issue = change.issue
    if issue.urged_at is None:
        return
    if change.row.answers and moves(before.turn, change.who):
        change.more_clocks += stop("urge_reply")
        change.facts["urges_ended"] = "answered"
    elif (issue.turn, issue.lead_department_id) != (before.turn, before.lead_id):
        change.more_clocks += cancel("urge_reply")
        change.facts["urges_ended"] = "moved_on"
    else:
        return
    change.set(urged_at=None)
