"""Changing the working calendar by hand: the days, the event that says so, and waking the recount."""

from datetime import datetime

from django.db import transaction

from communities.actors import Actor
from communities.models import SubDistrict
from deadlines.calendar_changes import Wanted, apply_changes
from deadlines.models import CalendarChange, ChangeSource
from journal.services import Entry, record_many
from reminders import nudge
from reminders.enums import OFFICE

KIND = "calendar"


def change_calendar(
    *, wanted: Wanted, source: ChangeSource, year: int | None, shown: str, text: str, by: Actor, at: datetime
) -> CalendarChange:
    """Write the days that were confirmed; ``shown`` is the digest of what the person saw, ``text`` the notice itself.

    The calendar holds for all sub-districts, so each one's journal says it. Open deadlines are counted again in the
    background. Raises deadlines.calendar_changes.ChangeRefused.
    """
    if by.user_id is None:
        raise ValueError("a person answers for a change of the calendar")
    with transaction.atomic():
        streets = SubDistrict.objects.filter(retired_at__isnull=True).order_by("pk").select_for_update(no_key=True)
        subdistrict_ids = [street.pk for street in streets]
        made = apply_changes(wanted=wanted, source=source, year=year, shown=shown, by_id=by.user_id, at=at)
        data = {"change": made.pk, "source": source.value, "year": year, "days": len(made.before)}
        record_many(
            [
                Entry(OFFICE, pk, KIND, at, actor_id=by.user_id, actor_role=by.role, data=data, texts={"notice": text})
                for pk in subdistrict_ids
            ]
        )
        transaction.on_commit(_wake)
    return made


def _wake() -> None:
    from reminders.tasks import recount

    nudge.publish(recount, "default")
