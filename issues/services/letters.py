"""Which short message a reporter gets, and what an event says of it.

docs/rules/issues.md#telling-the-reporter has the rule.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from issues.models import Issue
from issues.policies import takes_messages
from reminders.letters import outside
from reminders.reference import gateway_of


class LetterKind(StrEnum):
    """The templates of the gateway; each has the number and the link, and nothing of the matter."""

    RECEIVED = "matter_received"
    ANSWERED = "matter_answered"
    MOVED = "matter_date_moved"
    CLOSED = "matter_closed"
    NEWS = "matter_news"


def outside_of(issue: Issue, letter: LetterKind, readers: Iterable[Issue] | None = None) -> dict[str, Any]:
    """What an event of ``issue`` says of the messages that go with it, {} for none.

    ``readers``: whose reporters are told, each by the own number and link; without it the issue's own.
    """
    via = gateway_of(issue.subdistrict_id)
    to = [row.pk for row in ([issue] if readers is None else readers) if takes_messages(row)] if via else []
    return outside(via, letter, to) if via and to else {}
