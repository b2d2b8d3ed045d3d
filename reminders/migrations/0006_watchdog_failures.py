from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reminders", "0005_delivery_indexes")]

    operations = [
        migrations.AddField(
            model_name="watchdog",
            name="failed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="watchdog",
            name="error",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
    ]
