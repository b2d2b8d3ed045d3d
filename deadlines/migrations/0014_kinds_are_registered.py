"""Domains register the kinds of deadlines (deadlines.kinds); check_deadlines looks for unknown ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0013_say_what_is_kept"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="deadline",
            name="deadlines_kind",
        ),
        migrations.RemoveConstraint(
            model_name="deadlinerule",
            name="deadlines_rule_kind",
        ),
        migrations.AlterField(
            model_name="deadline",
            name="kind",
            field=models.CharField(help_text="as a domain registered it (deadlines.kinds)", max_length=24),
        ),
    ]
