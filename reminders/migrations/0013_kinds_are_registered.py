"""Domains register codes and effects of rungs (reminders.rungs); the system check looks for unknown ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0012_verdict_check"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_effect",
        ),
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_code",
        ),
        migrations.AlterField(
            model_name="ladderrung",
            name="code",
            field=models.CharField(help_text="as it was registered (reminders.rungs)", max_length=16),
        ),
        migrations.AlterField(
            model_name="ladderrung",
            name="effect",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
    ]
