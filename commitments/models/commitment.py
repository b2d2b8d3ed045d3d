"""A promise: what, by whom, until when."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from commitments.enums import SUBJECT, CommitmentState, Precision
from commitments.querysets import CommitmentQuerySet
from communities.models import Community, Department, SubDistrict
from communities.models.base import in_choices


class Commitment(models.Model):
    """What an organisation promised: with the answer ``planned`` to an issue, in a meeting, to a question.

    ``subject`` is what it was made on and whose journal and people the engine asks for; a promise that was made on no
    matter stands for itself (kind ``commitment``, its own id). ``source`` is where it comes from, of whatever kind.
    ``community`` raised it and confirms that it was kept; without one the office does.

    It has an owner and a due date, or a forced review date (docs/rules/commitments.md). ``first_on`` is the date that
    was promised at first and never changes. It lives on when its subject is closed. ``ended_by`` is null where no
    account took it back: the reporter objected, or time itself acted. ``historic``: from press reports of earlier
    years; no clock runs on it and no rate counts it.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    source_kind = models.CharField(max_length=32, blank=True, default="", db_default="")
    source_id = models.BigIntegerField(null=True, blank=True)
    community = models.ForeignKey(Community, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    owner = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="commitments")
    due_on = models.DateField(null=True, blank=True, help_text="until 17:30 of this day")
    review_on = models.DateField(null=True, blank=True, help_text="looked at again by 17:30 of this day")
    first_on = models.DateField(null=True, blank=True, help_text="due or to be reviewed, as first promised")
    precision = models.CharField(
        max_length=5, choices=Precision.choices, default=Precision.DAY, db_default=Precision.DAY.value
    )
    state = models.CharField(max_length=9, choices=CommitmentState.choices, default=CommitmentState.OPEN)
    version = models.PositiveIntegerField(default=1, db_default=1)
    public = models.BooleanField(default=True, help_text="residents see its line")
    released_at = models.DateTimeField(null=True, help_text="since when everybody may read it on the public list")
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    historic = models.BooleanField(default=False, db_default=False)
    evidence = models.TextField(blank=True, default="", help_text="by what it was fulfilled")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    reported_at = models.DateTimeField(null=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("state", CommitmentState, "commitments_state_known"),
            in_choices("precision", Precision, "commitments_precision"),
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
                condition=Q(reported_at__isnull=False, reported_by__isnull=False)
                | Q(reported_at__isnull=True, reported_by__isnull=True),
                name="commitments_reported_at_pair",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=False, released_by__isnull=False)
                | Q(released_at__isnull=True, released_by__isnull=True),
                name="commitments_released_at_pair",
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, ended_by__isnull=True, reported_at__isnull=True)
                | Q(state="reported", ended_at__isnull=True, ended_by__isnull=True, reported_at__isnull=False)
                | Q(state="fulfilled", ended_at__isnull=False, ended_by__isnull=False)
                | Q(state="withdrawn", ended_at__isnull=False),
                name="commitments_stands_whole",
            ),
        ]
        indexes = [
            # Read by CommitmentQuerySet.of: a matter's page, its answer, and what takes its commitments back.
            models.Index(fields=["subject_kind", "subject_id"], name="commitments_by_subject"),
            # Read by CommitmentQuerySet.from_source: a meeting item's page, and the import of historic records.
            models.Index(fields=["source_kind", "source_id"], name="commitments_by_source"),
            # The lists of what is still to be kept or confirmed, by the day that counts: by_day, overdue, the public's.
            models.Index(
                Coalesce("due_on", "review_on"),
                "id",
                condition=Q(state__in=[CommitmentState.OPEN, CommitmentState.REPORTED]),
                name="commitments_running",
            ),
            # Read by the rates of a quarter.
            models.Index(fields=["due_on"], condition=Q(historic=False), name="commitments_of_quarter"),
        ]

    def __str__(self) -> str:
        return f"commitment {self.pk} on {self.subject_kind}:{self.subject_id}"

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"承诺-{self.pk:06d}"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be fulfilled."""
        return self.state == CommitmentState.OPEN

    @property
    def is_the_offices(self) -> bool:
        """Whether the office confirms it: no community raised it, or one whose own team promised it."""
        return self.community_id is None or self.owner.community_id == self.community_id

    @property
    def stands_alone(self) -> bool:
        """Whether it was made on no matter: all that happens to it is done and told here."""
        return self.subject_kind == SUBJECT

    @property
    def on(self) -> date | None:
        """The day that counts: it is due, else to be looked at again."""
        return self.due_on or self.review_on

    @property
    def first_promised_on(self) -> date | None:
        """The day that was promised at first."""
        return self.first_on or self.on
