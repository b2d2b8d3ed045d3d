from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0014_a_series_once")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_at__isnull", True), ("present", False), _connector="OR"),
                name="meetings_withdrawn_is_not_present",
            ),
        ),
    ]
