"""Importing a roster from a sheet: planned first, then written whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from communities.access import Access
from deadlines.duty.plan import Ground, PlanRow, RowOutcome, SheetRow, digest_of, moment_of, plan_of
from deadlines.duty.roster import LONGEST_SHIFT, Keeper, RosterStale, lock_rosters, write_many
from deadlines.duty.staffing import areas_of, people_of
from deadlines.models import DutyShift

_AHEAD: Final = timedelta(days=400)
"""No roster is made further ahead; a year typed wrong does not make every shift be read."""


@dataclass(frozen=True)
class SheetPlan:
    """What a sheet would do, and the digest that a confirmation has to bring back."""

    rows: Sequence[PlanRow]
    digest: str

    def of(self, outcome: RowOutcome) -> list[PlanRow]:
        """The rows with this outcome, in the sheet's order."""
        return [row for row in self.rows if row.outcome is outcome]

    @property
    def writes(self) -> int:
        """How many shifts a confirmation would write."""
        return len(self.of(RowOutcome.ADD)) + len(self.of(RowOutcome.CHANGE))


def plan_import(*, rows: Sequence[SheetRow], access: Access, at: datetime) -> SheetPlan:
    """What these rows would do now. Four statements, whatever the number of rows; nothing is written."""
    areas = areas_of(access)
    subdistrict_ids = {area.subdistrict_id for area in areas}
    people = people_of(subdistrict_ids)
    moments = [moment for row in rows for moment in (moment_of(row.starts, at),) if moment is not None]
    near = [moment for moment in moments if at - _AHEAD <= moment <= at + _AHEAD]
    shifts: list[DutyShift] = []
    if near:
        found = DutyShift.objects.standing().filter(subdistrict_id__in=subdistrict_ids)
        span = found.between(min(near) - LONGEST_SHIFT, max(near) + LONGEST_SHIFT)
        shifts = list(span.select_related("clerk", "leader").order_by("starts_at", "id"))
    names = {person.user_id: person.name for person in people}
    for shift in shifts:
        names |= {user.pk: user.display_name for user in (shift.clerk, shift.leader) if user is not None}
    planned = plan_of(rows, Ground(areas=areas, people=people, shifts=shifts, at=at, names=names))
    return SheetPlan(rows=planned, digest=digest_of(planned))


def run_import(*, rows: Sequence[SheetRow], digest: str, by: Keeper, at: datetime) -> SheetPlan:
    """Write what was previewed: every good row, in one transaction. Stale where the roster moved on in between."""
    with transaction.atomic():
        lock_rosters({area.subdistrict_id for area in areas_of(by.access)})
        plan = plan_import(rows=rows, access=by.access, at=at)
        if plan.digest != digest:
            raise RosterStale(_("预览之后值班表有变化，请核对新的预览后再确认。"))
        write_many(
            added=[row.draft for row in plan.of(RowOutcome.ADD) if row.draft is not None],
            changed=[(row.shift, row.draft) for row in plan.of(RowOutcome.CHANGE) if row.shift and row.draft],
            by=by,
            at=at,
        )
    return plan
