"""Requests about one's own personal information, the register of processing, incidents."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from communities.models import Community, Contact, SubDistrict
from communities.models.base import Retirable, in_choices
from issues.models import Issue
from privacy.enums import (
    OPEN_RIGHTS,
    AskedAs,
    DeclineReason,
    IdentityCheck,
    RetentionOutcome,
    RightsKind,
    RightsState,
    RightsVia,
)
from privacy.querysets import HoldQuerySet, IncidentQuerySet, RightsQuerySet


def _pair(table: str, name: str) -> models.CheckConstraint:
    at, by = f"{name}_at__isnull", f"{name}_by__isnull"
    return models.CheckConstraint(
        condition=Q(**{at: True, by: True}) | Q(**{at: False, by: False}), name=f"privacy_{table}_{name}_pair"
    )


class RightsRequest(models.Model):
    """What a person asks of the office about their own data: to see it, have a copy, correct or delete it.

    ``contact`` is who asks and how they are reached; the matters are found by its phone. ``issue`` is the matter from
    whose page it was asked, or that was named at the counter. ``recorded_by`` is null where the person asked by web.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=RightsKind.choices)
    asked_as = models.CharField(max_length=8, choices=AskedAs.choices, default=AskedAs.SELF)
    via = models.CharField(max_length=8, choices=RightsVia.choices)
    identity = models.CharField(max_length=12, choices=IdentityCheck.choices)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey(Issue, null=True, on_delete=models.PROTECT, related_name="+")
    words = EncryptedTextField(blank=True, default="")
    status = models.CharField(max_length=8, choices=RightsState.choices, default=RightsState.RECEIVED)
    received_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(help_text="as its deadline has it, for the queue's order")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=12, choices=DeclineReason.choices, blank=True, default="")
    answer = EncryptedTextField(blank=True, default="")

    objects = RightsQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", RightsKind, "privacy_rights_kind"),
            in_choices("asked_as", AskedAs, "privacy_rights_asked_as"),
            in_choices("via", RightsVia, "privacy_rights_via"),
            in_choices("identity", IdentityCheck, "privacy_rights_identity"),
            in_choices("status", RightsState, "privacy_rights_status"),
            models.CheckConstraint(condition=Q(reason__in=["", *DeclineReason.values]), name="privacy_rights_reason"),
            models.CheckConstraint(
                condition=Q(via="web", recorded_by__isnull=True) | Q(via="counter", recorded_by__isnull=False),
                name="privacy_rights_recorded",
            ),
            _pair("rights", "decided"),
            _pair("rights", "ended"),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_RIGHTS, ended_at__isnull=True, reason="")
                | Q(status="done", ended_at__isnull=False, reason="")
                | (Q(status="declined", ended_at__isnull=False) & ~Q(reason="")),
                name="privacy_rights_ended_whole",
            ),
        ]
        indexes = [
            # read for the queue of the office: RightsQuerySet.visible_to, open ones by what is due first
            models.Index(
                fields=["subdistrict", "due_at", "id"], condition=Q(status__in=OPEN_RIGHTS), name="privacy_rights_open"
            ),
            # all of them, newest first
            models.Index(fields=["subdistrict", "-received_at", "-id"], name="privacy_rights_received"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"个信-{self.pk:06d}"

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for it."""
        return self.status in OPEN_RIGHTS


class Activity(Retirable):
    """One row of the register of processing as an office changed it; ``privacy.register`` has the product's own.

    ``code`` is that of the product's row which it replaces, or its own. Every earlier state is in the journal.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.SlugField(max_length=32, db_index=False)
    name = models.CharField(max_length=60)
    purpose = models.TextField()
    basis = models.TextField()
    people = models.TextField()
    categories = models.TextField()
    sensitive = models.TextField(blank=True, default="")
    recipients = models.TextField()
    kept = models.TextField()
    measures = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict", "code"], name="privacy_activity_once")]

    def __str__(self) -> str:
        return f"activity {self.code}"


class Incident(models.Model):
    """Personal information leaked, altered or lost, or may have been (PIPL Art. 57)."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=80)
    noticed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    what = EncryptedTextField(help_text="what happened, and why")
    categories = models.TextField(help_text="which personal information")
    affected = models.PositiveIntegerField(null=True, blank=True, help_text="how many people; null: not known")
    harm = models.TextField(help_text="what may come of it for them")
    measures = models.TextField(blank=True, default="", help_text="what was done against it, and what they can do")
    authority_told_at = models.DateTimeField(null=True, blank=True)
    people_told_at = models.DateTimeField(null=True, blank=True)
    not_told_because = models.TextField(
        blank=True, default="", help_text="why the people need not be told: the measures keep harm from them"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [_pair("incident", "ended")]
        indexes = [models.Index(fields=["subdistrict", "-noticed_at", "-id"], name="privacy_incident_noticed")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"事件-{self.pk:06d}"

    @property
    def is_told(self) -> bool:
        """Whether authority and people have been told, or the people need not be."""
        return self.authority_told_at is not None and bool(self.people_told_at or self.not_told_because)


class LegalHold(models.Model):
    """依法保留: one matter stays as it is, whatever its age, until somebody lifts it; looked at again by ``review_on``.

    A matter has at most one that holds.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = EncryptedTextField()
    review_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            _pair("hold", "ended"),
            # read for every batch of retention, too
            models.UniqueConstraint(fields=["issue"], condition=Q(ended_at__isnull=True), name="privacy_hold_one"),
        ]
        indexes = [
            # the page of retention: what holds, what is to be looked at first
            models.Index(
                fields=["subdistrict", "review_on", "id"],
                condition=Q(ended_at__isnull=True),
                name="privacy_hold_standing",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"保留-{self.pk:06d}"


class RetentionRule(models.Model):
    """For how many months after its end a matter keeps telling of persons; without a sub-district: everywhere else."""

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    months = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict"], nulls_distinct=False, name="privacy_retention_once"),
            models.CheckConstraint(condition=Q(months__gte=6, months__lte=240), name="privacy_retention_months"),
        ]

    def __str__(self) -> str:
        return f"{self.months} months in {self.subdistrict_id or 'every office'}"


class RetentionRun(models.Model):
    """One night's retention in one office, and how far it is: what ended before ``before_at`` is looked at in order.

    ``counts``: by outcome. A worker that dies loses its batch; the next one goes on after ``after_at``, ``after_id``.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    on = models.DateField()
    months = models.PositiveSmallIntegerField()
    before_at = models.DateTimeField()
    started_at = models.DateTimeField()
    after_at = models.DateTimeField(null=True)
    after_id = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict", "on"], name="privacy_run_once")]

    def __str__(self) -> str:
        return f"retention of {self.subdistrict_id} on {self.on}"


class RetentionLine(models.Model):
    """How retention stands with one matter whose time was up: what the last run that looked at it did."""

    issue = models.OneToOneField(Issue, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(RetentionRun, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=12, choices=RetentionOutcome.choices)

    class Meta:
        constraints = [in_choices("outcome", RetentionOutcome, "privacy_line_outcome")]
        indexes = [
            # what one run did, in order: its page and its download
            models.Index(fields=["run", "id"], name="privacy_line_of_run"),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.outcome}"
