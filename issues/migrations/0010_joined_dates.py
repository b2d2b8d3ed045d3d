"""What those who joined a matter allow its clocks, by their numbers."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0009_by_time_left"),
    ]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="joined_dates",
            field=models.JSONField(
                db_default={}, default=dict, help_text="number of a joined issue: kind of clock: when it was due there"
            ),
        ),
    ]
