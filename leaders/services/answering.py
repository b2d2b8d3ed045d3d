"""A leader's answer for one place; the last one before the end holds, the journal keeps those before it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from communities.actors import Actor
from issues.services.errors import InvalidFields, NotPermitted
from leaders.models import LeaderAnswer, LeaderTask
from leaders.services.base import clean, locked, tell
from leaders.services.errors import TaskEnded


def answer(*, answer_id: int, reply: str, note: str, by: Actor, at: datetime) -> LeaderAnswer:
    """Answer for one place, or say something else than before; the same again changes nothing.

    Raises NotPermitted where the row is another leader's, TaskEnded, InvalidFields.
    """
    with transaction.atomic():
        task = locked(LeaderAnswer.objects.values_list("task_id", flat=True).get(pk=answer_id))
        row = LeaderAnswer.objects.with_names().select_for_update(of=("self",)).get(pk=answer_id)
        if by.access.is_staff or row.leader_id != by.access.leader_id:
            raise NotPermitted
        if not task.takes_answers(at):
            raise TaskEnded
        spec = task.spec.find(reply)
        if spec is None:
            raise InvalidFields({"reply": _("请从列出的选项中选择")})
        said = clean({"note": note if task.spec.note else ""})["note"]
        if (row.reply, row.note) == (reply, said):
            return row
        former = row.reply
        row.reply, row.note, row.answered_at = reply, said, at
        row.save(update_fields=["reply", "note", "answered_at"])
        if not former:
            task.answered += 1
            LeaderTask.objects.filter(pk=task.pk).update(answered=task.answered)
        data: dict[str, Any] = {"answer": row.pk, "reply": reply, "former": former, "tells": spec.tells,
                                "building": row.building_id, "neighbourhood": row.neighbourhood_id}  # fmt: skip
        tell(task, "leader_answered", by, at, data=data, texts={"note": said} if said else {})
    return row
