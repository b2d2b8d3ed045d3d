"""Since when a channel fails, and whether people were told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0007_rungs_of_supervision")]

    operations = [
        migrations.AddField(
            model_name="deliverychannel",
            name="alarmed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deliverychannel",
            name="failing_since",
            field=models.DateTimeField(null=True),
        ),
    ]
