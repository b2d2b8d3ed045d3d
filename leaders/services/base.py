"""What every write on a task has in common: the lock, its clock, the event, the words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from common.masking import without_numbers
from communities.actors import Actor
from deadlines import services as deadlines
from deadlines.models import Deadline
from issues.services.errors import Words
from issues.services.texts import NOTHING, read_texts
from journal.services import Entry, record
from leaders.enums import LEADER_TASK, TaskState
from leaders.models import LeaderTask

LONGEST: Final[Mapping[str, int]] = {"title": 60, "text": 500, "note": 200, "reason": 200}
_ONE_LINE: Final = ("title", "reason")


def clean(given: Mapping[str, Any], *, required: Mapping[str, Words] = NOTHING) -> dict[str, str]:
    """The texts of a task as they are kept: no number of a phone or a card stays in them. Raises InvalidFields."""
    found = read_texts(given, longest=LONGEST, one_line=_ONE_LINE, required=required)
    return {name: without_numbers(text)[: LONGEST[name]] for name, text in found.items()}


def locked(task_id: int) -> LeaderTask:
    """The row, locked as the sweep locks it. LeaderTask.DoesNotExist where there is none."""
    rows = LeaderTask.objects.select_for_update(of=("self",), no_key=True).select_related("community", "subdistrict")
    return rows.get(pk=task_id)


def end(task: LeaderTask, state: TaskState, at: datetime, *, reason: str = "") -> None:
    """It takes no answer any more, and its clock stops: late where somebody did not answer in time."""
    task.state, task.ended_at, task.reason = state, at, reason
    task.save(update_fields=["state", "ended_at", "reason"])
    clocks = Deadline.objects.of(LEADER_TASK, task.pk).open()
    (deadlines.stop if state == TaskState.OVER else deadlines.cancel)(clocks, None, at)


def tell(
    task: LeaderTask,
    event: str,
    by: Actor,
    at: datetime,
    *,
    data: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> None:
    """One event on a task."""
    record(
        Entry(
            *(LEADER_TASK, task.pk, event, at),
            actor_id=by.user_id,
            actor_role=by.role,
            data=data or {},
            texts=texts or {},
        )
    )
