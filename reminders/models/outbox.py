"""What is to leave the house: written with the notification, sent later."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models.base import in_choices
from journal.models import Event
from reminders.enums import Channel, OutboxState


class OutboxMessage(models.Model):
    """One message to one person by one channel about one event: sent at least once, its Message-ID always the same."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    state = models.CharField(max_length=8, choices=OutboxState.choices, default=OutboxState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="reminders_outbox_once"),
            in_choices("channel", Channel, "reminders_outbox_channel"),
            in_choices("state", OutboxState, "reminders_outbox_state"),
            models.CheckConstraint(
                condition=Q(state="claimed", claimed_at__isnull=False)
                | (~Q(state="claimed") & Q(claimed_at__isnull=True)),
                name="reminders_outbox_claimed_at",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="reminders_outbox_sent_at",
            ),
        ]
        indexes = [
            # the claim: what may be sent now, longest waiting first
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state="queued"), name="reminders_outbox_claim"),
            # the return of stuck claims
            models.Index(fields=["claimed_at"], condition=Q(state="claimed"), name="reminders_outbox_stuck"),
            # dead letters, newest first
            models.Index(fields=["-id"], condition=Q(state="dead"), name="reminders_outbox_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.event_id} → {self.recipient_id} {self.state}"
