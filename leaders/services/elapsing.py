"""What time does: when the date has passed, whoever asked is told what is unanswered."""

from datetime import datetime

from communities.actors import Actor
from leaders.enums import TaskState
from leaders.services.base import end, locked, tell


def let_end(task_id: int, at: datetime) -> None:
    """End it, under the lock of the sweep."""
    task = locked(task_id)
    if task.state == TaskState.OPEN:
        end(task, TaskState.OVER, at)
        data = {"asked": task.asked, "answered": task.answered, "left": task.left}
        tell(task, "leader_task_over", Actor.system(), at, data=data)
