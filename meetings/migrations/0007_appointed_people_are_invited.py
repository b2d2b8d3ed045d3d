import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0008_appointments"), ("meetings", "0006_visits")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="appointment",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="communities.appointment",
            ),
        ),
        migrations.RemoveConstraint(model_name="invitation", name="meetings_invited_is_one"),
        migrations.RemoveConstraint(model_name="invitation", name="meetings_invited_once"),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("appointment__isnull", True),
                        ("community__isnull", False),
                        ("department__isnull", True),
                        ("name", ""),
                    ),
                    models.Q(
                        ("appointment__isnull", True),
                        ("community__isnull", True),
                        ("department__isnull", False),
                        ("name", ""),
                    ),
                    models.Q(
                        ("appointment__isnull", False),
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("name", ""),
                    ),
                    models.Q(
                        ("appointment__isnull", True),
                        ("community__isnull", True),
                        ("department__isnull", True),
                        models.Q(("name", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="meetings_invited_is_one_of_four",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("meeting", "community", "department", "appointment", "name"),
                name="meetings_invited_once_each",
                nulls_distinct=False,
            ),
        ),
    ]
