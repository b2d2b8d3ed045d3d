"""综合评价: what came of what a leader did within twelve months. For that leader alone.

Three plain outcomes, each with its number and how it is made; no total, no weights, no order of people, and nothing
that counts how often somebody opens or taps (docs/rules/leaders.md).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, F, Q

from communities.models import Leader
from issues.enums import Solved, Status
from issues.models import Issue
from leaders.choosing import months_before
from leaders.enums import TaskState
from leaders.models import LeaderAnswer

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Outcomes:
    """``reported`` matters and how many were ``answered``; of what was said of answers how many ``solved``; what was
    ``asked`` with a date that has passed, and how much of it was done ``in_time``.
    """

    reported: int
    answered: int
    said: int
    solved: int
    asked: int
    in_time: int

    def __bool__(self) -> bool:
        return bool(self.reported or self.asked)


def outcomes_of(leader: Leader, at: datetime) -> Outcomes:
    """Two statements."""
    since = months_before(at, _MONTHS)
    matters = Issue.objects.filter(leader=leader, created_at__gte=since).exclude(status=Status.WITHDRAWN)
    ended = Q(replied_at__isnull=False) | Q(closed_at__isnull=False)
    reported = matters.aggregate(
        reported=Count("pk"),
        answered=Count("pk", filter=ended),
        said=Count("pk", filter=~Q(solved="")),
        solved=Count("pk", filter=Q(solved=Solved.YES)),
    )
    due = LeaderAnswer.objects.filter(leader=leader, task__due_at__gte=since, task__due_at__lt=at)
    asked = due.exclude(task__state=TaskState.CANCELLED).aggregate(
        asked=Count("pk"), in_time=Count("pk", filter=Q(answered_at__lte=F("task__due_at")))
    )
    return Outcomes(**reported, **asked)
