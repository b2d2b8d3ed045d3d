"""A deputies' proposal (代表建议): who made it, who handles it, each answer, and what every deputy says of it."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from commitments.models import Commitment
from communities.models import Department, SubDistrict
from communities.models.base import in_choices
from proposals.enums import ENDED, Grade, Opinion, ProposalState
from proposals.querysets import ProposalQuerySet


def _pair(table: str, name: str) -> models.CheckConstraint:
    at, by = f"{name}_at__isnull", f"{name}_by__isnull"
    return models.CheckConstraint(
        condition=Q(**{at: True, by: True}) | Q(**{at: False, by: False}), name=f"proposals_{table}_{name}_pair"
    )


class Proposal(models.Model):
    """One proposal. ``number`` is the congress's own. ``round``: of the answer that is due, or was given last.

    ``due_at`` is a copy of the clock of the answer, null once it is given. ``ask_on``: the day until which the lead
    asked for time and nobody decided yet; ``extended_on`` the day that was granted, once.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    words = models.TextField()
    received_on = models.DateField(help_text="handed over; every limit counts from it")
    lead = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.HANDLING)
    round = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField(null=True)
    ask_on = models.DateField(null=True)
    ask_reason = models.CharField(max_length=200, blank=True, default="")
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    extended_on = models.DateField(null=True)
    key = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="the form's own")
    version = models.PositiveIntegerField(default=1)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("state", ProposalState, "proposals_state"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(title="") & ~Q(words=""), name="proposals_has_words"),
            _pair("proposal", "asked"),
            models.CheckConstraint(
                condition=Q(asked_at__isnull=True, ask_on__isnull=True, ask_reason="")
                | (Q(asked_at__isnull=False, ask_on__isnull=False) & ~Q(ask_reason="")),
                name="proposals_asked_whole",
            ),
            models.CheckConstraint(
                condition=Q(state="handling", due_at__isnull=False)
                | (~Q(state="handling") & Q(due_at__isnull=True, asked_at__isnull=True)),
                name="proposals_due_while_handled",
            ),
            models.UniqueConstraint(fields=["subdistrict", "number"], name="proposals_number"),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="proposals_once"),
        ]
        indexes = [
            # the list of an office: what is being handled, due first
            models.Index(
                fields=["subdistrict", "due_at", "id"], condition=Q(due_at__isnull=False), name="proposals_due"
            ),
            # the list of an office: what was answered, newest first
            models.Index(fields=["subdistrict", "-received_on", "-id"], name="proposals_by_date"),
            # visible_to: what my organisation leads
            models.Index(fields=["lead", "-id"], name="proposals_lead"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def has_ended(self) -> bool:
        """Whether it is closed or was taken back."""
        return self.state in ENDED

    def is_late(self, at: datetime) -> bool:
        """Whether its answer is overdue."""
        return self.due_at is not None and at > self.due_at


class ProposalDeputy(models.Model):
    """Somebody who made or signed it; the first one (领衔) was named first. Nothing is kept but name and delegation."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="deputies", db_index=False)
    name = models.CharField(max_length=40)
    delegation = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="proposals_deputy_has_a_name"),
            models.UniqueConstraint(fields=["proposal", "name", "delegation"], name="proposals_deputy_of_each"),
        ]

    def __str__(self) -> str:
        return f"deputy {self.pk} of proposal {self.proposal_id}"

    @property
    def called(self) -> str:
        """The name and whose deputy it is: what tells two of one name apart."""
        return f"{self.name} {self.delegation}".strip()


class ProposalPart(models.Model):
    """What a co-handler (会办单位) has to say, for the lead. ``waived_at``: nobody waits for it any more."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="parts", db_index=False)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, default="")
    given_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    waived_at = models.DateTimeField(null=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            _pair("part", "given"),
            _pair("part", "waived"),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, note="") | (Q(given_at__isnull=False) & ~Q(note="")),
                name="proposals_part_has_words",
            ),
            models.UniqueConstraint(fields=["proposal", "department"], name="proposals_part_once"),
        ]

    def __str__(self) -> str:
        return f"part of {self.department_id} in proposal {self.proposal_id}"

    @property
    def is_waited_for(self) -> bool:
        """Whether the lead waits for it."""
        return self.given_at is None and self.waived_at is None


class ProposalAnswer(models.Model):
    """One answer, the ``round``-th. ``reason``: what is in the way, of a C. ``commitment``: what a B promises.

    ``kept``: what the deputies were told once that promise was kept.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="answers", db_index=False)
    round = models.PositiveSmallIntegerField()
    grade = models.CharField(max_length=1, choices=Grade.choices)
    words = models.TextField()
    reason = models.CharField(max_length=300, blank=True, default="")
    commitment = models.OneToOneField(Commitment, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kept = models.TextField(blank=True, default="")
    reported_at = models.DateTimeField(null=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            in_choices("grade", Grade, "proposals_answer_grade"),
            models.CheckConstraint(condition=~Q(words=""), name="proposals_answer_has_words"),
            models.CheckConstraint(
                condition=Q(grade="B", commitment__isnull=False) | (~Q(grade="B") & Q(commitment__isnull=True)),
                name="proposals_b_is_a_promise",
            ),
            models.CheckConstraint(condition=~Q(grade="C") | ~Q(reason=""), name="proposals_c_has_a_reason"),
            _pair("answer", "reported"),
            models.CheckConstraint(
                condition=Q(reported_at__isnull=True, kept="")
                | (Q(reported_at__isnull=False, grade="B") & ~Q(kept="")),
                name="proposals_reported_has_words",
            ),
            models.UniqueConstraint(fields=["proposal", "round"], name="proposals_answer_round"),
        ]

    def __str__(self) -> str:
        return f"answer {self.round} to proposal {self.proposal_id}"


class DeputyOpinion(models.Model):
    """What one deputy says of one answer, as the office was told."""

    answer = models.ForeignKey(ProposalAnswer, on_delete=models.PROTECT, related_name="opinions", db_index=False)
    deputy = models.ForeignKey(ProposalDeputy, on_delete=models.PROTECT, related_name="opinions")
    opinion = models.CharField(max_length=12, choices=Opinion.choices)
    reason = models.CharField(max_length=300, blank=True, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            in_choices("opinion", Opinion, "proposals_opinion"),
            models.CheckConstraint(
                condition=~Q(opinion="dissatisfied") | ~Q(reason=""), name="proposals_dissatisfied_says_why"
            ),
            models.UniqueConstraint(fields=["answer", "deputy"], name="proposals_opinion_once"),
        ]

    def __str__(self) -> str:
        return f"opinion of deputy {self.deputy_id} on answer {self.answer_id}"
