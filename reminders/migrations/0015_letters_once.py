"""A letter of an event to a person outside is written once; made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q


def _unique(name, fields, condition, columns, where):
    """A conditional unique constraint, which PostgreSQL keeps as an index."""
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON reminders_outboxmessage ({columns}) WHERE {where}",
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            )
        ],
        state_operations=[
            migrations.AddConstraint(
                model_name="outboxmessage",
                constraint=models.UniqueConstraint(fields=fields, condition=condition, name=name),
            )
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("reminders", "0014_letters_to_people_outside")]

    operations = [
        _unique(
            "reminders_outbox_one_to_group",
            ["event", "via"],
            Q(recipient__isnull=True, outsider_id__isnull=True),
            "event_id, via_id",
            "outsider_id IS NULL AND recipient_id IS NULL",
        ),
        _unique(
            "reminders_outbox_once_outside",
            ["event", "via", "outsider_id"],
            Q(outsider_id__isnull=False),
            "event_id, via_id, outsider_id",
            "outsider_id IS NOT NULL",
        ),
        migrations.RemoveConstraint(model_name="outboxmessage", name="reminders_outbox_group_once"),
        AddIndexConcurrently(
            model_name="outboxmessage",
            index=models.Index(
                condition=Q(
                    outsider_id__isnull=False, reported_at__isnull=True, state__in=["queued", "dead", "dropped"]
                ),
                fields=["created_at"],
                name="reminders_outbox_outside",
            ),
        ),
        ValidateConstraint(model_name="outboxmessage", name="reminders_outbox_recipient"),
    ]
