"""What leaders are asked, as lines of a list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from common import dates
from communities.models import Leader
from leaders.enums import TaskState
from leaders.models import LeaderAnswer, LeaderTask, TaskQuerySet

MOST: Final = 50
"""More than these wait for no leader; the list says that there are others by its next page."""


def open_tasks(leader: Leader, at: datetime) -> Sequence[LeaderTask]:
    """What still waits for this leader, the nearest date first; one statement."""
    waiting = LeaderAnswer.objects.filter(task_id=OuterRef("pk"), leader=leader).waiting()
    rows = LeaderTask.objects.open().filter(Exists(waiting), due_at__gte=at)
    return list(rows.with_names().order_by("due_at", "id")[:MOST])


def tasks_of(leader: Leader) -> TaskQuerySet:
    """All that this leader was ever asked; ``waits``: a row of it is unanswered."""
    own = LeaderAnswer.objects.filter(task_id=OuterRef("pk"), leader=leader)
    return LeaderTask.objects.filter(Exists(own)).annotate(waits=Exists(own.waiting())).with_names()


def other_tasks(leader: Leader, at: datetime) -> TaskQuerySet:
    """All of these that ``open_tasks`` does not have."""
    waiting = LeaderAnswer.objects.filter(task_id=OuterRef("pk"), leader=leader).waiting()
    return tasks_of(leader).exclude(Exists(waiting), state=TaskState.OPEN, due_at__gte=at)


def item(task: LeaderTask, at: datetime, *, waits: bool) -> dict[str, Any]:
    """One line for phone/_items.html."""
    state, label = "suspended", str(TaskState(task.state).label)
    if task.takes_answers(at):
        state, label = ("due_soon", _("等您回应")) if waits else ("on_time", _("已回应"))
    elif task.state == TaskState.OPEN:
        label = str(TaskState.OVER.label)
    return {
        "title": task.title,
        "url": reverse("leader-task", args=[task.pk]),
        "state": state,
        "state_label": label,
        "department": task.sender,
        "text": _("%(when)s前") % {"when": dates.moment(task.due_at)},
    }
