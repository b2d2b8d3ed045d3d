"""Activities as the engine of reminders asks about them (``reminders.subjects``): announced, they are expected."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from communities.access import Access
from communities.sight import SeenByScope
from deadlines import kinds
from deadlines.models import Deadline
from journal.models import Event
from meetings.enums import ACTIVITY, ActivityState
from meetings.models import StationActivity
from reminders.audience import NOBODY, Audience, of_roles
from reminders.enums import REMIND
from reminders.subjects import About, DeskRow, Matter, Subject, SubjectStanding


class ActivitySubject(Subject[Matter]):
    """The activities of stations."""

    kind = ACTIVITY
    late_on_desk = True

    def lock(self, ids: Collection[int], *, wait: bool = False) -> Mapping[int, SubjectStanding]:
        """As its services do."""
        rows = StationActivity.objects.select_for_update(skip_locked=not wait, no_key=True).filter(pk__in=ids)
        return {row.pk: _standing(row) for row in rows.order_by("pk")}

    def standings(self, ids: Collection[int]) -> Mapping[int, SubjectStanding]:
        """Whether it is still expected."""
        return {row.pk: _standing(row) for row in StationActivity.objects.filter(pk__in=ids)}

    def matters(self, ids: Collection[int]) -> Mapping[int, Matter]:
        """Of an office, at a community where it is one's, organised by an organisation."""
        rows = StationActivity.objects.filter(pk__in=ids).values_list(
            "pk", "subdistrict_id", "community_id", "organiser_id"
        )
        return {
            pk: Matter(pk, office, community_id=community, department_id=organiser)
            for pk, office, community, organiser in rows
        }

    def audience(self, event: Event, matter: Matter) -> Audience:
        """Of reminders who organises it; nobody is told of anything else."""
        if event.kind != REMIND:
            return NOBODY
        groups = of_roles(event.data.get("roles", ()), str(event.data.get("deadline_kind")))
        return Audience(groups, department_id=matter.department_id)

    def sight(self, ids: Collection[int]) -> SeenByScope:
        """Nothing is read before somebody is asked about."""
        return SeenByScope(ids, self.visible_ids)

    def visible_ids(self, access: Access, ids: Collection[int]) -> set[int]:
        """By the rule of ``visible_to``."""
        return set(StationActivity.objects.filter(pk__in=ids).visible_to(access).values_list("pk", flat=True))

    def in_areas(self, subdistrict_ids: Collection[int]) -> QuerySet[Any, Any]:
        """All of these sub-districts."""
        return StationActivity.objects.filter(subdistrict_id__in=sorted(subdistrict_ids)).values("pk")

    def was_open(self, event: Event) -> bool:
        """All but the last events."""
        return event.kind not in ("activity_held", "activity_not_held")

    def about(self, ids: Collection[int]) -> Mapping[int, About]:
        """What it is called, and where."""
        rows = StationActivity.objects.filter(pk__in=ids).with_names()
        return {
            row.pk: About(
                id=row.pk,
                number=row.number,
                title=row.title,
                level="",
                is_open=row.state == ActivityState.ANNOUNCED,
                subdistrict_id=row.subdistrict_id,
                url=reverse("console-activity", args=[row.pk]),
                community_id=row.community_id,
                places=(row.station,),
                department=row.organiser.short_name,
            )
            for row in rows
        }

    def late_rows(self, clocks: Sequence[Deadline]) -> Sequence[DeskRow]:
        """By who owes them."""
        rows = StationActivity.objects.in_bulk([clock.subject_id for clock in clocks])
        return [_desk_row(rows[clock.subject_id], clock) for clock in clocks]


def _desk_row(row: StationActivity, clock: Deadline) -> DeskRow:
    owner = clock.party.short_name if clock.party else ""
    url = reverse("console-activity", args=[row.pk])
    return DeskRow(row.number, row.title, url, kinds.label(clock.kind), clock.due_at, owner)


def _standing(row: StationActivity) -> SubjectStanding:
    return SubjectStanding(row.pk, "", row.state == ActivityState.ANNOUNCED, row.state, row.number)
