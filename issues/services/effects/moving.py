"""What a date that moved brings with it: what time alone had set off for the old one ends, and it is told."""

from django.db.models import Q

from deadlines.rules import STANDS
from issues.enums import SUBJECT, Turn
from issues.services.effects.base import Change
from issues.workflow import cancel
from papers.enums import PaperKind
from papers.models import Paper


def settle_moves(change: Change) -> None:
    """After the clocks of an action: nothing goes on that only the passing of a date set off which is still to come.

    Where our own pause or extension would have passed an outside time, the event says so, for the supervisors.
    """
    changed = [row for row in change.clocks.rows if row.is_open and row.was is not None and row.was.at == change.at]
    standing = [row.due_at for row in changed if row.rule.startswith(STANDS)]
    if standing:
        change.facts["outside_stands"] = min(standing).isoformat()
    ahead = {row.pk for row in changed if row.was is not None and row.was.due_at <= change.at < row.due_at}
    if not ahead:
        return
    more = len(change.more_clocks)
    _end_drafts(change, ahead | _end_urges(change, ahead))
    change.clocks.apply(change.more_clocks[more:])


def _end_urges(change: Change, ahead: set[int]) -> set[int]:
    """The answer to urges that time alone sent about these clocks is owed no more; returns the clock of the answer."""
    issue, clock = change.issue, change.clocks.running("urge_reply")
    if issue.urged_at is None or _urged_otherwise(change, ahead):
        return set()
    change.set(urged_at=None)
    change.facts["urges_ended"] = "date_moved"
    change.more_clocks += cancel("urge_reply")
    return {clock.pk} if clock is not None else set()


def _urged_otherwise(change: Change, ahead: set[int]) -> bool:
    """Whether a person urged since, or time did about another clock of whoever's move it is."""
    issue = change.issue
    mover = {Turn.COMMUNITY.value: change.clocks.team_id, Turn.DEPARTMENT.value: issue.lead_department_id}
    other = ~Q(deadline_id__in=ahead) & Q(department_id=mover.get(issue.turn))
    since = Paper.objects.of(SUBJECT, issue.pk).filter(kind=PaperKind.URGE, issued_at__gte=issue.urged_at)
    return since.filter(Q(issued_by__isnull=False) | other).exists()


def _end_drafts(change: Change, about: set[int]) -> None:
    """Documents that time drew up about these clocks, and nobody signed, lapse."""
    change.lapse(row.kind for row in change.drafts if row.asked_by_id is None and row.deadline_id in about)
