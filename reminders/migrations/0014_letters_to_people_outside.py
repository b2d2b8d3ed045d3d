"""Short messages to people without an account: whom only the domain of the event knows."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("reminders", "0013_kinds_are_registered")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="outboxmessage", name="reminders_outbox_recipient"),
        migrations.AddField(model_name="outboxmessage", name="outsider_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="outboxmessage", name="reported_at", field=models.DateTimeField(null=True)),
        AddConstraintNotValid(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=Q(channel__in=["email", "sms"], recipient__isnull=False, outsider_id__isnull=True)
                | Q(channel="sms", recipient__isnull=True, outsider_id__isnull=False)
                | (~Q(channel__in=["email", "sms"]) & Q(recipient__isnull=True, outsider_id__isnull=True)),
                name="reminders_outbox_recipient",
            ),
        ),
    ]
