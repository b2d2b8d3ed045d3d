"""What time brings about by itself: rows of the workflow table whose party is T. Called by the sweep of the ladder."""

from datetime import datetime

from issues.actors import Actor
from issues.models import Issue
from issues.services.actions import act
from issues.services.errors import StateConflict


def acknowledge_by_time(*, issue_id: int, at: datetime) -> Issue | None:
    """视为签收 after twice the time; None where somebody was faster."""
    return _elapse(issue_id, "acknowledge", at)


def info_expired(*, issue_id: int, at: datetime) -> Issue | None:
    """Back to be accepted, marked 逾期未补充; None where the reporter or somebody else was faster."""
    return _elapse(issue_id, "give_info", at)


def _elapse(issue_id: int, action: str, at: datetime) -> Issue | None:
    try:
        return act(issue_id=issue_id, action=action, by=Actor.system(), at=at, data={})
    except StateConflict:
        return None
