"""The channels by which messages leave the house, set up by an administrator, and how each one is doing."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from communities.models import Community, Department, SubDistrict
from communities.models.base import Retirable, in_choices
from reminders.enums import ROBOTS, Channel, Topic


class DeliveryChannel(Retirable):
    """One way out: the mail server, an SMS gateway, a group's robot, another system's webhook.

    Of a department, a community, or the sub-district's office where it has neither; without a sub-district it is the
    installation's (e-mail, whose server EMAIL_URL names). ``url`` and ``secret`` are secrets both: a robot's address
    holds its key. ``topics``: what a group hears of; empty is what it must not miss (reminders.topics).

    ``failures`` in a row, the first at ``failing_from``, open the circuit until ``open_until_at``: nothing is tried
    before, then a single message is. ``alarmed_at``: when people were told of this outage.
    """

    subdistrict = models.ForeignKey(SubDistrict, null=True, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Channel.choices)
    name = models.CharField(max_length=60)
    url = EncryptedTextField(blank=True, default="")
    secret = EncryptedTextField(blank=True, default="")
    topics = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    per_minute = models.PositiveSmallIntegerField(null=True, blank=True, help_text="empty: what its kind allows")
    failures = models.PositiveIntegerField(default=0)
    open_until_at = models.DateTimeField(null=True)
    failing_from = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            in_choices("kind", Channel, "reminders_channel_kind"),
            models.CheckConstraint(
                condition=Q(community__isnull=True) | Q(department__isnull=True), name="reminders_channel_one_owner"
            ),
            models.CheckConstraint(
                condition=Q(kind="email") | (Q(subdistrict__isnull=False) & ~Q(url="")), name="reminders_channel_whole"
            ),
            models.CheckConstraint(
                condition=Q(topics__contained_by=list(Topic.values)), name="reminders_channel_topics"
            ),
            models.UniqueConstraint(
                fields=["subdistrict", "kind"],
                condition=Q(kind__in=["email", "sms"], retired_at__isnull=True),
                nulls_distinct=False,
                name="reminders_channel_one_personal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def is_robot(self) -> bool:
        """Whether it speaks into a group chat."""
        return self.kind in ROBOTS

    def is_open(self, at: datetime) -> bool:
        """Whether its circuit is open at ``at``: it failed, and is not tried again yet."""
        return self.open_until_at is not None and at < self.open_until_at
