from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_known_devices")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="purpose",
            field=models.CharField(
                choices=[("api", "程序的令牌"), ("calendar", "日历订阅")], db_default="api", default="api", max_length=8
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["api", "calendar"])), name="accounts_token_purpose_known"
            ),
        ),
    ]
