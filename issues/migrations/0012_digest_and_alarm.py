"""What a form said, so that other words under its key are no repeat; and the emergency words of a matter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0011_clock_facts")]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="alarm",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="emergency words it was raised with: 起火、被困",
                max_length=120,
            ),
        ),
        migrations.AlterField(
            model_name="issue",
            name="level_set",
            field=models.BooleanField(default=False, help_text="a person chose the level, or emergency words did"),
        ),
        migrations.AddField(
            model_name="submission",
            name="digest",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="'' where it was sent before this was kept",
                max_length=64,
            ),
        ),
    ]
