"""Numbered papers: 催办单, 督办单, yellow and red cards."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models import Department, SubDistrict
from communities.models.base import in_choices
from deadlines.models import Deadline
from issues.enums import PaperKind
from issues.models.issue import Issue
from issues.models.requests import Request


class PaperSeries(models.Model):
    """The last number given out; its row lock is held until the issuing transaction ends, so no gap can open."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=PaperKind.choices)
    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "kind", "year"], name="issues_paper_series_once"),
            in_choices("kind", PaperKind, "issues_paper_series_kind"),
            models.CheckConstraint(condition=Q(last__gte=1, last__lte=999999), name="issues_paper_series_six_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.subdistrict_id}/{self.kind}/{self.year}: {self.last}"


class PaperQuerySet(models.QuerySet["Paper"]):
    """Reads of papers."""

    def of(self, issue_id: int) -> "PaperQuerySet":
        """Those of one matter, newest first."""
        return self.filter(issue_id=issue_id).order_by("-id")

    def standing(self) -> "PaperQuerySet":
        """Orders and cards that nobody has lifted."""
        return self.exclude(kind=PaperKind.URGE).filter(lifted_at__isnull=True)

    def cards_of(self, department_id: int, kind: str, since: datetime, until: datetime) -> "PaperQuerySet":
        """Standing papers of one kind that a department got from ``since`` until before ``until``."""
        return self.standing().filter(department_id=department_id, kind=kind, issued_at__gte=since, issued_at__lt=until)


class Paper(models.Model):
    """One numbered paper: an urge when it goes out, an order or a card when it is signed.

    What it says is kept as it was then: ``deadline_kind`` is owed by ``department`` (None: by the office itself) since
    ``due_at``, both empty where the urge or the order is about no missed limit; ``urges`` counts how often the matter
    had been urged by then, this urge included. ``issued_by`` is null for urges that the clock sent. An order wants a
    written reply by ``reply_due_at``; its words are the request's. Only issues.services.papers writes it.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=PaperKind.choices)
    year = models.IntegerField()
    serial = models.IntegerField()
    number = models.CharField(max_length=40)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="papers")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.OneToOneField(Request, null=True, on_delete=models.PROTECT, related_name="paper")
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
            models.UniqueConstraint(fields=["subdistrict", "kind", "year", "serial"], name="issues_paper_number"),
            in_choices("kind", PaperKind, "issues_paper_kind"),
            models.CheckConstraint(
                condition=Q(kind="urge", request__isnull=True)
                | (~Q(kind="urge") & Q(request__isnull=False, issued_by__isnull=False)),
                name="issues_paper_signed",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(kind="urge")),
                name="issues_paper_lifted_at_pair",
            ),
        ]
        indexes = [
            # the quarter rule, and what a department has been sent
            models.Index(
                fields=["department", "kind", "-issued_at"],
                condition=~Q(kind="urge"),
                name="issues_paper_of_department",
            ),
        ]

    def __str__(self) -> str:
        return self.number
