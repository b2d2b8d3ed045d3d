"""What belongs to a promise: who made it besides, its milestones, the wishes for another date."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.enums import ChangeState
from communities.models import Department
from communities.models.base import in_choices


class CoOwner(models.Model):
    """An organisation that promised together with the owner. It sees the promise and writes notes; it has no clock."""

    commitment = models.ForeignKey(
        "commitments.Commitment", on_delete=models.PROTECT, related_name="co_owners", db_index=False
    )
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commitment", "department"], name="commitments_co_owner_once")]

    def __str__(self) -> str:
        return f"{self.department_id} with commitment {self.commitment_id}"


class Milestone(models.Model):
    """A step of a promise by 17:30 of ``due_on``. The earliest that was not reached has the commitment's clock."""

    commitment = models.ForeignKey(
        "commitments.Commitment", on_delete=models.PROTECT, related_name="milestones", db_index=False
    )
    text = models.CharField(max_length=200)
    due_on = models.DateField()
    reached_at = models.DateTimeField(null=True)
    reached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="commitments_milestone_has_words"),
            models.CheckConstraint(
                condition=Q(reached_at__isnull=False, reached_by__isnull=False)
                | Q(reached_at__isnull=True, reached_by__isnull=True),
                name="commitments_reached_at_pair",
            ),
        ]
        indexes = [models.Index(fields=["commitment", "due_on", "id"], name="commitments_milestones")]

    def __str__(self) -> str:
        return f"milestone {self.pk} of commitment {self.commitment_id}"


class DateChange(models.Model):
    """The wish to keep a promise on another day, and what somebody else decided. At most one waits."""

    commitment = models.ForeignKey(
        "commitments.Commitment", on_delete=models.PROTECT, related_name="changes", db_index=False
    )
    was_on = models.DateField()
    to_on = models.DateField()
    reason = models.TextField()
    state = models.CharField(max_length=7, choices=ChangeState.choices, default=ChangeState.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            in_choices("state", ChangeState, "commitments_change_state"),
            models.CheckConstraint(condition=~Q(reason=""), name="commitments_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=False, decided_by__isnull=False)
                | Q(decided_at__isnull=True, decided_by__isnull=True),
                name="commitments_decided_at_pair",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "lapsed"], decided_at__isnull=True)
                | Q(state__in=["granted", "refused"], decided_at__isnull=False),
                name="commitments_change_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")),
                name="commitments_change_by_another",
            ),
            models.UniqueConstraint(
                fields=["commitment"], condition=Q(state="asked"), name="commitments_change_one_waits"
            ),
        ]
        indexes = [models.Index(fields=["commitment", "id"], name="commitments_changes")]

    def __str__(self) -> str:
        return f"commitment {self.commitment_id}: {self.was_on} to {self.to_on}, {self.state}"
