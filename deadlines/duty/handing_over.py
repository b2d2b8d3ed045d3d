"""Who leaves hands the shifts over that are still to come: to a colleague, or off the roster, so that it is noticed."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from deadlines.duty.roster import Keeper, cancel_shift, draft_of, lock_rosters, write_many
from deadlines.models import DutyShift


def shifts_of(user_id: int, subdistrict_ids: Collection[int], at: datetime) -> QuerySet[DutyShift]:
    """The shifts of this person, as clerk or leader, that are not over, the first one first."""
    rows = DutyShift.objects.standing().filter(subdistrict_id__in=list(subdistrict_ids), ends_at__gt=at)
    return rows.filter(Q(clerk_id=user_id) | Q(leader_id=user_id)).order_by("starts_at", "id")


def hand_over(
    shifts: Collection[DutyShift], *, leaving_id: int, to_id: int | None, by: Keeper, at: datetime
) -> tuple[int, int]:
    """Put ``to_id`` in the place of whoever leaves; returns how many shifts go on, and how many were taken off.

    Where nobody takes over, the one without a clerk is taken off the roster: the empty hours alarm the supervisors. A
    shift that only lost its leader goes on without one.
    """
    lock_rosters({shift.subdistrict_id for shift in shifts})
    going_on, taken_off = [], []
    for shift in shifts:
        draft = draft_of(shift)
        leader = to_id if shift.leader_id == leaving_id else shift.leader_id
        clerk = to_id if shift.clerk_id == leaving_id else shift.clerk_id
        if clerk is None:
            taken_off.append(shift)
        else:
            changed = replace(draft, clerk_id=clerk, leader_id=leader if leader != clerk else None)
            going_on.append((shift, changed))
    write_many(added=(), changed=going_on, by=by, at=at)
    for shift in taken_off:
        cancel_shift(shift_id=shift.pk, version=shift.version, by=by, at=at)
    return len(going_on), len(taken_off)
