"""The facts from which a due time is counted, beside it (docs/rules/time.md); the defaults make it quick on a large table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0008_calendar_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="caps",
            field=models.JSONField(db_default={}, default=dict, help_text="source: the latest due time that it allows"),
        ),
        migrations.AddField(
            model_name="deadline",
            name="fired_before",
            field=models.JSONField(db_default={}, default=dict, help_text="due time|ladder: what fired for it"),
        ),
        migrations.AddField(
            model_name="deadline",
            name="fixed_due_at",
            field=models.DateTimeField(help_text="the date that somebody fixed in place of the limit's", null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="pauses",
            field=models.JSONField(
                db_default=[], default=list, help_text="[from, to or null, at least] each, in order"
            ),
        ),
    ]
