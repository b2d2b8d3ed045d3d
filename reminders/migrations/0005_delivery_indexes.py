"""The indexes of the outbox's claim by channel, made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reminders", "0004_delivery_by_many_channels")]

    operations = [
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["via", "next_attempt_at", "id"],
                name="reminders_outbox_claim_via",
            ),
        ),
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["via", "recipient", "id"],
                name="reminders_outbox_bundle",
            ),
        ),
        RemoveIndexConcurrently(
            model_name="outboxmessage",
            name="reminders_outbox_claim",
        ),
        ValidateConstraint(model_name="notification", name="reminders_notification_reason"),
    ]
