"""A leader's answer for one place; the last one before the end holds, the journal keeps those before it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from communities.actors import Actor
from communities.handing_over import PlacesHandedOver
from files.enums import FileKind
from files.errors import FileRefused
from files.models import StoredFile
from files.services import claim, of_owner
from issues.services.errors import InvalidFields, NotPermitted
from leaders.enums import ANSWER, TaskState
from leaders.models import LeaderAnswer, LeaderTask
from leaders.services.base import clean, locked, tell
from leaders.services.errors import TaskEnded


def answer(
    *, answer_id: int, reply: str, note: str, by: Actor, at: datetime, uploads: Collection[str] = ()
) -> LeaderAnswer:
    """Answer for one place, or say something else than before; the same again changes nothing.

    ``uploads`` are photos that this person sent; one that is there already is not taken again.
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
        photos = _claimed(row, uploads if task.spec.photos else (), by, at)
        if (row.reply, row.note) == (reply, said) and not photos:
            return row
        former = row.reply
        row.reply, row.note, row.answered_at = reply, said, at
        row.save(update_fields=["reply", "note", "answered_at"])
        if not former:
            task.answered += 1
            LeaderTask.objects.filter(pk=task.pk).update(answered=task.answered)
        data: dict[str, Any] = {
            "answer": row.pk, "reply": reply, "former": former, "tells": spec.tells, "photos": photos,
            "building": row.building_id, "neighbourhood": row.neighbourhood_id,
        }  # fmt: skip
        tell(task, "leader_answered", by, at, data=data, texts={"note": said} if said else {})
    return row


def _claimed(row: LeaderAnswer, uploads: Collection[str], by: Actor, at: datetime) -> list[int]:
    """The ids of the photos that are new. Raises InvalidFields where one cannot be taken."""
    if not uploads:
        return []
    there = {file.sha256 for file in of_owner(ANSWER, row.pk)}
    sent = StoredFile.objects.filter(public_id__in=uploads, kind=FileKind.PHOTO).exclude(sha256__in=there)
    try:
        ids = list(sent.values_list("public_id", flat=True))
        files = claim(public_ids=ids, owner_kind=ANSWER, owner_id=row.pk, by_id=by.user_id, at=at)
    except FileRefused as error:
        raise InvalidFields({"photos": error.message}) from error
    return [file.pk for file in files]


def follow_places(handed: PlacesHandedOver) -> None:
    """What nobody answered yet for places that went to another leader is asked of that one."""
    here = Q(building_id__in=handed.building_ids) | Q(neighbourhood_id__in=handed.neighbourhood_ids)
    asked = LeaderAnswer.objects.filter(here, task__state=TaskState.OPEN, leader_id=handed.leader_id).waiting()
    for row in asked.order_by("task_id", "pk"):
        locked(row.task_id)
        same = {"building_id": row.building_id, "neighbourhood_id": row.neighbourhood_id}
        if not LeaderAnswer.objects.filter(task_id=row.task_id, leader_id=handed.to_id, **same).exists():
            asked.filter(pk=row.pk).update(leader_id=handed.to_id)
