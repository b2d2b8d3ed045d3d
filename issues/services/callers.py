"""Looking up who calls: what a telephone number raised before, beside the intake form and in the list.

The number that is typed need not be a caller's: whoever may log a matter could learn by it who has reported. So one
person looks up at most so many different numbers and ends of numbers an hour, by all ways together
(docs/rules/privacy.md#looking-up-a-caller), and the whole name is shown to who took that person's call before or asked
for it with a reason.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from common import limits
from communities.actors import Actor
from communities.models import Contact
from issues.enums import SUBJECT, EventKind
from issues.models import Issue
from issues.services.revealing import note_look_up
from journal.models import Event
from journal.services import Entry, record
from reminders.enums import OFFICE
from reminders.tellings import CALLERS_LOOKED_UP


def may_look_up(*, line: str, subdistrict_id: int | None, by: Actor, at: datetime, door: str) -> limits.Answer:
    """Whether this person may look for people by one more line, or end of one, now; what may be is noted as an event.

    The same again within the hour counts nothing, nor does "". At the first refusal of an hour the supervisor of the
    sub-district is told. ``door``: by which way.
    """
    if not line:
        return limits.ALLOWED
    person = str(by.user_id)
    counted = [(limits.CALLERS, person)] if limits.CALLER_AGAIN.hit(f"{person} {line}") else []
    answer = limits.hit_all(counted)
    if isinstance(answer, limits.Denied):
        limits.CALLER_AGAIN.release(f"{person} {line}")
        if subdistrict_id is not None and limits.CALLERS_TOLD.hit(person):
            _tell(subdistrict_id, by, at)
    elif by.user_id is not None:
        note_look_up(by.user_id, line, at, door=door)
    return answer


def _tell(subdistrict_id: int, by: Actor, at: datetime) -> None:
    data = {"account": by.user.username if by.user else ""}
    with transaction.atomic():
        record(
            Entry(
                subject_kind=OFFICE,
                subject_id=subdistrict_id,
                kind=CALLERS_LOOKED_UP,
                at=at,
                actor_id=by.user_id,
                actor_role=by.role,
                data=data,
            )
        )


def known_caller(*, found: Sequence[Issue], by: Actor) -> Contact | None:
    """The latest contact that this person knows whole: of an own intake, or asked for with a reason."""
    mine = next((issue for issue in found if issue.logged_by_id == by.user_id), None)
    if mine is None:
        seen = Event.objects.of_kinds([EventKind.REVEAL]).filter(actor_id=by.user_id, subject_kind=SUBJECT)
        asked = set(seen.filter(subject_id__in=[issue.pk for issue in found]).values_list("subject_id", flat=True))
        mine = next((issue for issue in found if issue.pk in asked), None)
    return mine.contact if mine is not None else None
