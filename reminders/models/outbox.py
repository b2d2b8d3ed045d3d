"""What is to leave the house: written with the notification, sent later."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.models.base import in_choices
from journal.models import Event
from reminders.enums import Channel, Mode, OutboxState
from reminders.models.channels import DeliveryChannel


class OutboxMessage(models.Model):
    """One message about one event by one channel: to a person, or to whoever reads the channel (no recipient).

    ``outsider_id`` is a person outside the house, whom only the event's domain knows (reminders.letters); when it did
    not arrive, ``reported_at`` is when the domain was told.

    Sent at least once under a stable id. Messages that leave as one share ``bundle``, the id of their first, which is
    written before the first byte leaves and kept at every further attempt; it is that id by which a repeat is known.
    ``loud`` ones leave at night and on days off too.
    """

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    outsider_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    via = models.ForeignKey(DeliveryChannel, on_delete=models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.IMMEDIATE, db_default=Mode.IMMEDIATE)
    loud = models.BooleanField(default=False, db_default=False)
    bundle = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=OutboxState.choices, default=OutboxState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True, default="")
    reported_at = models.DateTimeField(null=True)
    handled_at = models.DateTimeField(null=True, help_text="when a person sent a dead one again, or dropped it")
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="reminders_outbox_once"),
            models.UniqueConstraint(
                fields=["event", "via"],
                condition=Q(recipient__isnull=True, outsider_id__isnull=True),
                name="reminders_outbox_one_to_group",
            ),
            models.UniqueConstraint(
                fields=["event", "via", "outsider_id"],
                condition=Q(outsider_id__isnull=False),
                name="reminders_outbox_once_outside",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["email", "sms"], recipient__isnull=False, outsider_id__isnull=True)
                | Q(channel="sms", recipient__isnull=True, outsider_id__isnull=False)
                | (~Q(channel__in=["email", "sms"]) & Q(recipient__isnull=True, outsider_id__isnull=True)),
                name="reminders_outbox_recipient",
            ),
            in_choices("channel", Channel, "reminders_outbox_channel"),
            in_choices("state", OutboxState, "reminders_outbox_state"),
            models.CheckConstraint(condition=Q(mode__in=["now", "digest"]), name="reminders_outbox_mode"),
            models.CheckConstraint(
                condition=Q(state="claimed", claimed_at__isnull=False)
                | (~Q(state="claimed") & Q(claimed_at__isnull=True)),
                name="reminders_outbox_claimed_at",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="reminders_outbox_sent_at",
            ),
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_by__isnull=True)
                | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="reminders_outbox_handled_pair",
            ),
        ]
        indexes = [
            # the claim of one channel: what may be sent now, longest waiting first; and the age of what waits
            models.Index(
                fields=["via", "next_attempt_at", "id"], condition=Q(state="queued"), name="reminders_outbox_claim_via"
            ),
            # what goes with a message that is claimed: the same bundle, or the same reader's digest
            models.Index(
                fields=["via", "recipient", "id"], condition=Q(state="queued"), name="reminders_outbox_bundle"
            ),
            # the return of stuck claims
            models.Index(fields=["claimed_at"], condition=Q(state="claimed"), name="reminders_outbox_stuck"),
            # to people outside: what waits too long, and what their domain has not been told of yet
            models.Index(
                fields=["created_at"],
                condition=Q(
                    outsider_id__isnull=False, reported_at__isnull=True, state__in=["queued", "dead", "dropped"]
                ),
                name="reminders_outbox_outside",
            ),
            # dead letters, newest first
            models.Index(fields=["-id"], condition=Q(state="dead"), name="reminders_outbox_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.event_id} → {self.recipient_id} {self.state}"
