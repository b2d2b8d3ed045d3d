"""What one person asks for and another person decides: extensions, deferrals, exclusions, disclosures."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models import Department
from communities.models.base import in_choices
from issues.enums import RequestKind, RequestState, SuspensionReason
from issues.models.issue import Issue


class Request(models.Model):
    """One request; an issue has at most one open request of a kind. The words are in ``text``, as asked.

    Extensions carry ``days`` (working days), deferrals ``reason_code``, ``until`` and the words that the resident will
    read meanwhile (``interim_answer``).
    """

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=12, choices=RequestKind.choices)
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.OPEN)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(blank=True, default="")
    days = models.IntegerField(null=True)
    reason_code = models.CharField(max_length=12, blank=True, default="")
    until_on = models.DateField(null=True)
    interim_answer = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    endorsed_at = models.DateTimeField(null=True)
    endorsed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "kind"], condition=Q(state="open"), name="issues_request_one_open"
            ),
            in_choices("kind", RequestKind, "issues_request_kind"),
            in_choices("state", RequestState, "issues_request_state"),
            models.CheckConstraint(
                condition=Q(reason_code__in=["", *SuspensionReason.values]), name="issues_request_reason_code"
            ),
            models.CheckConstraint(
                condition=~Q(kind="extension") | Q(days__gt=0), name="issues_request_extension_has_days"
            ),
            models.CheckConstraint(
                condition=~Q(kind="suspension")
                | (Q(until_on__isnull=False) & ~Q(reason_code="") & ~Q(interim_answer="")),
                name="issues_request_suspension_whole",
            ),
            models.CheckConstraint(
                condition=Q(endorsed_at__isnull=True, endorsed_by__isnull=True)
                | Q(endorsed_at__isnull=False, endorsed_by__isnull=False),
                name="issues_request_endorsed_at_pair",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="issues_request_decided_at_pair",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "refused"]) | Q(decided_at__isnull=False),
                name="issues_request_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.issue_id}: {self.state}"
