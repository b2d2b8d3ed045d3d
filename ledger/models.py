"""The leaders' ledger (台账): what a building, lane or street leader did, and for which door."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from communities.models import Building, Community, Leader, Neighbourhood, SubDistrict, named_place
from communities.models.base import in_choices
from issues.models import Issue
from ledger.enums import EntryKind
from ledger.querysets import LedgerQuerySet


class LedgerEntry(models.Model):
    """One entry. ``on``: the day it was done; no hour is kept, and no position (product rule: no check-in of people).

    ``person`` and ``room`` say whom it was for, ``note`` what was done; all three tell of persons and are encrypted.
    ``issue``: the matter that the leader made of it. ``key`` is the form's own: sent twice it is one entry.
    ``withdrawn_at``: it counts no more, and still stands there (the journal says why). ``masked_at``: it tells of no
    person any more.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+", db_index=False)
    leader = models.ForeignKey(Leader, on_delete=models.PROTECT, related_name="+", db_index=False)
    building = models.ForeignKey(Building, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    neighbourhood = models.ForeignKey(
        Neighbourhood, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=7, choices=EntryKind.choices)
    on = models.DateField()
    person = EncryptedTextField(blank=True, default="")
    room = EncryptedTextField(blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    issue = models.OneToOneField(Issue, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="the form's own")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    masked_at = models.DateTimeField(null=True)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        constraints = [
            in_choices("kind", EntryKind, "ledger_entry_kind"),
            models.CheckConstraint(condition=~Q(key=""), name="ledger_entry_has_a_key"),
            models.CheckConstraint(
                condition=Q(building__isnull=True) | Q(neighbourhood__isnull=True), name="ledger_entry_one_place"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="ledger_entry_withdrawn_pair",
            ),
            models.CheckConstraint(
                condition=Q(masked_at__isnull=True) | Q(person="", room=""), name="ledger_entry_masked_names_nobody"
            ),
            models.UniqueConstraint(fields=["key"], name="ledger_entry_once"),
        ]
        indexes = [
            # the leader's own list and month's total; the staff's list of one leader
            models.Index(fields=["leader", "-on", "-id"], name="ledger_of_leader"),
            # the staff's list of one community
            models.Index(fields=["community", "-on", "-id"], name="ledger_of_community"),
            # the supervisor's list
            models.Index(fields=["subdistrict", "-on", "-id"], name="ledger_of_subdistrict"),
            # the staff's list of one building
            models.Index(
                fields=["building", "-on", "-id"], condition=Q(building__isnull=False), name="ledger_of_building"
            ),
            # retention: what an office keeps for long enough, the oldest first
            models.Index(
                fields=["subdistrict", "on", "id"], condition=Q(masked_at__isnull=True), name="ledger_to_be_masked"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What names it to people."""
        return f"台账-{self.pk:06d}"

    @property
    def place_name(self) -> str:
        """碧湖花园3栋, the lane, or "" (the places must be loaded)."""
        return named_place(self.building, self.neighbourhood)


class SeenReport(models.Model):
    """Until when a leader has read what became of a report; what happened later is new."""

    leader = models.ForeignKey(Leader, on_delete=models.PROTECT, related_name="+", db_index=False)
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="+", db_index=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leader", "issue"], name="ledger_seen_once")]

    def __str__(self) -> str:
        return f"report {self.issue_id} as read by leader {self.leader_id}"
