"""What time brings about by itself: rows of the workflow table whose party is T. Called by the sweep of the ladder."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from communities.actors import Actor
from issues.enums import Action, ContactChannel, ContactResult
from issues.models import Issue
from issues.services.actions import act
from issues.services.errors import StateConflict
from papers.enums import DraftKind


def acknowledge_by_time(*, issue_id: int, at: datetime) -> Issue | None:
    """视为签收 after twice the time; None where somebody was faster."""
    return _elapse(issue_id, Action.ACKNOWLEDGE, at)


def info_expired(*, issue_id: int, at: datetime) -> Issue | None:
    """Back to be accepted, marked 逾期未补充; None where the reporter or somebody else was faster."""
    return _elapse(issue_id, Action.GIVE_INFO, at)


def message_failed(*, issue_id: int, at: datetime) -> Issue | None:
    """短信未送达: somebody has to call; None where nobody need, or somebody will already."""
    data = {"channel": ContactChannel.MESSAGE.value, "result": ContactResult.NOT_REACHED.value}
    return _elapse(issue_id, Action.CONTACT, at, data)


def draft_by_time(*, issue_id: int, kind: DraftKind, deadline_id: int, at: datetime) -> Issue | None:
    """拟督办单、拟黄牌、拟红牌 for a deadline that was missed, the issue's or that of a promise; words made of codes.

    None, and nothing written, where it is not needed any more: the deadline has ended or has not passed, such a draft
    or a graver one waits for its signature, or was signed for this deadline; cards are for handling and promises only.
    """
    return _elapse(issue_id, Action.SUPERVISE, at, {"kind": kind.value, "deadline": deadline_id})


def _elapse(issue_id: int, action: str, at: datetime, data: Mapping[str, Any] | None = None) -> Issue | None:
    try:
        return act(issue_id=issue_id, action=action, by=Actor.system(), at=at, data=data or {})
    except StateConflict:
        return None
