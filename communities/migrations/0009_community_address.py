"""Where a community's service counter is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0008_appointments")]

    operations = [
        migrations.AddField(
            model_name="community",
            name="address",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="of its service counter", max_length=120
            ),
        ),
    ]
