"""Domains register the kinds of deadlines (deadlines.kinds)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0020_say_what_is_kept"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="paper",
            name="issues_paper_deadline_kind",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="issues_request_deadline_kind",
        ),
        migrations.AlterField(
            model_name="paper",
            name="deadline_kind",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AlterField(
            model_name="request",
            name="deadline_kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=24),
        ),
    ]
