"""Drafts that wait for a signature, and numbered papers: 催办单, 督办单, yellow and red cards.

What they are about is a (kind, id) pair, as with deadlines (docs/adr/0014).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models import Department, SubDistrict
from communities.models.base import in_choices
from deadlines.models import Deadline
from papers.enums import DraftKind, DraftState, PaperKind
from papers.querysets import DraftQuerySet, PaperQuerySet


class Draft(models.Model):
    """One document that somebody has to sign; a subject has at most one of a kind that waits.

    It addresses ``department`` (None: the office itself) and carries the ``deadline`` that was missed and its kind,
    both empty where it is about no one limit. ``asked_by`` is null where the clock drew it up. Only papers.services
    writes it.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=12, choices=DraftKind.choices)
    state = models.CharField(max_length=8, choices=DraftState.choices, default=DraftState.OPEN)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(blank=True, default="")
    deadline = models.ForeignKey(Deadline, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    deadline_kind = models.CharField(max_length=24, blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind"],
                condition=Q(state="open"),
                name="papers_draft_one_open",
            ),
            in_choices("kind", DraftKind, "papers_draft_kind"),
            in_choices("state", DraftState, "papers_draft_state"),
            models.CheckConstraint(condition=Q(asked_by__isnull=False) | ~Q(text=""), name="papers_draft_of_the_clock"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="papers_draft_decided_at_pair",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"]) | Q(decided_at__isnull=False),
                name="papers_draft_decided",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="papers_draft_of_subject"),
            # what waits longest, on the desk
            models.Index(fields=["subdistrict", "asked_at"], condition=Q(state="open"), name="papers_draft_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_kind}:{self.subject_id}: {self.state}"


class PaperSeries(models.Model):
    """The last number given out; its row lock is held until the issuing transaction ends, so no gap can open."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=PaperKind.choices)
    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "kind", "year"], name="papers_series_once"),
            in_choices("kind", PaperKind, "papers_series_kind"),
            models.CheckConstraint(condition=Q(last__gte=1, last__lte=999999), name="papers_series_six_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.subdistrict_id}/{self.kind}/{self.year}: {self.last}"


class Paper(models.Model):
    """One numbered paper: an urge when it goes out, an order or a card when it is signed.

    What it says is kept as it was then: ``deadline_kind`` is owed by ``department`` (None: by the office itself) since
    ``due_at``, both empty where the urge or the order is about no missed limit; ``urges`` counts how often the subject
    had been urged by then, this urge included. ``issued_by`` is null for urges that the clock sent. An order wants a
    written reply by ``reply_due_at``; its words are the draft's. Only papers.services writes it.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=PaperKind.choices)
    year = models.IntegerField()
    serial = models.IntegerField()
    number = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    draft = models.OneToOneField(Draft, null=True, on_delete=models.PROTECT, related_name="paper")
    deadline = models.ForeignKey(Deadline, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    deadline_kind = models.CharField(max_length=24, blank=True, default="")
    due_at = models.DateTimeField(null=True)
    urges = models.IntegerField(default=0)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reply_due_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "kind", "year", "serial"], name="papers_number"),
            in_choices("kind", PaperKind, "papers_kind"),
            models.CheckConstraint(
                condition=Q(kind="urge", draft__isnull=True)
                | (~Q(kind="urge") & Q(draft__isnull=False, issued_by__isnull=False)),
                name="papers_signed",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(kind="urge")),
                name="papers_lifted_at_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="papers_of_subject"),
            # the quarter rule, and what a department has been sent
            models.Index(
                fields=["department", "kind", "-issued_at"],
                condition=~Q(kind="urge"),
                name="papers_of_department",
            ),
        ]

    def __str__(self) -> str:
        return self.number
