"""Changing the working calendar by hand: the days, the event that says so, and waking the recount."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.roles import Permission
from communities.actors import Actor
from communities.models import SubDistrict
from deadlines.calendar_changes import Wanted, apply_changes
from deadlines.models import CalendarChange, ChangeSource
from journal.services import Entry, record_many
from reminders import nudge
from reminders.enums import OFFICE

KIND = "calendar"


def may_change_calendar(by: Actor) -> bool:
    """Whether this person changes it: it holds for every sub-district."""
    return by.access.may(Permission.EDIT_CALENDAR, None)


def check_may_change(by: Actor) -> None:
    """Raises PermissionDenied with words for the person."""
    if not may_change_calendar(by):
        raise PermissionDenied(_("工作日历对所有街道有效，由整个系统的管理员修改"))


def change_calendar(
    *, wanted: Wanted, source: ChangeSource, year: int | None, shown: str, text: str, by: Actor, at: datetime
) -> CalendarChange:
    """Write the days that were confirmed; ``shown`` is the digest of what the person saw, ``text`` the notice itself.

    The calendar holds for all sub-districts, so each one's journal says it. Open deadlines are counted again in the
    background. Raises deadlines.calendar_changes.ChangeRefused, and PermissionDenied for all but the installation's
    administrator.
    """
    if by.user_id is None:
        raise ValueError("a person answers for a change of the calendar")
    check_may_change(by)
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
