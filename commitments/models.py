"""A promise: what, by whom, until when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.enums import CommitmentState
from commitments.querysets import CommitmentQuerySet
from communities.models.base import in_choices


class Commitment(models.Model):
    """What an organisation promised on a subject, e.g. with the answer ``planned`` to an issue.

    It has an owner and a due date, or a forced review date (docs/rules/issues.md#promises). It lives on when its
    subject is closed. ``ended_by`` is null where no account took it back: the reporter objected, or time itself acted.
    """

    subdistrict = models.ForeignKey("communities.SubDistrict", on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    text = models.TextField()
    owner = models.ForeignKey("communities.Department", on_delete=models.PROTECT, related_name="commitments")
    due_on = models.DateField(null=True, blank=True, help_text="until 17:30 of this day")
    review_on = models.DateField(null=True, blank=True, help_text="looked at again by 17:30 of this day")
    state = models.CharField(max_length=9, choices=CommitmentState.choices, default=CommitmentState.OPEN)
    public = models.BooleanField(default=True, help_text="residents see its line")
    evidence = models.TextField(blank=True, default="", help_text="by what it was fulfilled")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("state", CommitmentState, "commitments_state"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(review_on__isnull=False), name="commitments_has_a_date"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="commitments_has_words"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=False, made_by__isnull=False)
                | Q(made_at__isnull=True, made_by__isnull=True),
                name="commitments_made_at_pair",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, ended_by__isnull=True)
                | Q(state="fulfilled", ended_at__isnull=False, ended_by__isnull=False)
                | Q(state="withdrawn", ended_at__isnull=False),
                name="commitments_ended_whole",
            ),
        ]
        indexes = [
            # Read by CommitmentQuerySet.of: a matter's page, its answer, and what takes its commitments back.
            models.Index(fields=["subject_kind", "subject_id"], name="commitments_by_subject"),
        ]

    def __str__(self) -> str:
        return f"commitment {self.pk} on {self.subject_kind}:{self.subject_id}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be fulfilled."""
        return self.state == CommitmentState.OPEN
