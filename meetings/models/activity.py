"""Activities of stations: trainings that were promised, volunteers' days, services, and how many people came."""

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.models import Commitment
from communities.models import Community, Department, SubDistrict
from communities.models.base import in_choices
from meetings.enums import ActivityKind, ActivityState

if TYPE_CHECKING:
    from communities.access import Access


class ActivityQuerySet(models.QuerySet["StationActivity"]):
    """Reads of activities."""

    def visible_to(self, access: "Access") -> "ActivityQuerySet":
        """Those of the offices in which a person works: everybody may come to one."""
        if access.installation_wide:
            return self
        return self.filter(subdistrict_id__in=sorted(access.subdistrict_ids)) if access.is_staff else self.none()

    def to_come(self, today: date) -> "ActivityQuerySet":
        """Announced for today or later."""
        return self.filter(state=ActivityState.ANNOUNCED, on__gte=today)

    def missed(self, today: date) -> "ActivityQuerySet":
        """已预告未举行: announced for a day that has passed, or said not to have been held."""
        return self.filter(Q(state=ActivityState.ANNOUNCED, on__lt=today) | Q(state=ActivityState.NOT_HELD))

    def held(self) -> "ActivityQuerySet":
        """Those that took place."""
        return self.filter(state=ActivityState.HELD)

    def with_names(self) -> "ActivityQuerySet":
        """Each with what its row names, in the same statement."""
        return self.select_related("community", "organiser", "commitment")


class StationActivity(models.Model):
    """One activity of a station. ``people`` came, once it was held; ``commitment`` is what promised it."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    organiser = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    station = models.CharField(max_length=80)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=ActivityKind.choices)
    on = models.DateField()
    audience = models.CharField(max_length=80, blank=True, default="")
    people = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=9, choices=ActivityState.choices, default=ActivityState.ANNOUNCED)
    reason = models.CharField(max_length=200, blank=True, default="", help_text="why it was not held")
    commitment = models.ForeignKey(
        Commitment, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, help_text="promised by"
    )
    version = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="the form's own")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", ActivityKind, "meetings_activity_kind"),
            in_choices("state", ActivityState, "meetings_activity_state"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="meetings_activity_once"),
            models.CheckConstraint(
                condition=Q(state=ActivityState.HELD, people__isnull=False)
                | (~Q(state=ActivityState.HELD) & Q(people__isnull=True)),
                name="meetings_activity_counts_who_came",
            ),
            models.CheckConstraint(
                condition=~Q(state=ActivityState.NOT_HELD) | ~Q(reason=""), name="meetings_activity_says_why_not"
            ),
        ]
        indexes = [
            # the lists of an office and the figures of a year
            models.Index(fields=["subdistrict", "-on", "-id"], name="meetings_activities_by_date"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"活动-{self.pk:06d}"

    def is_missed(self, today: date) -> bool:
        """As ActivityQuerySet.missed has it."""
        announced = self.state == ActivityState.ANNOUNCED and self.on < today
        return announced or self.state == ActivityState.NOT_HELD
