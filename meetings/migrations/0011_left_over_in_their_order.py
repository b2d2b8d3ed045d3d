from django.db import migrations, models

WAITING = models.Q(
    ("answer_kind__in", ["", "dated", "study"]),
    ("commitment__isnull", True),
    ("due_on__isnull", True),
    ("issue__isnull", True),
    ("settled_at__isnull", True),
    models.Q(("answer", ""), _negated=True),
)
PROMISED = models.Q(("answer_kind__in", ["dated", "study"]), ("due_on__isnull", False), ("settled_at__isnull", True))


class Migration(migrations.Migration):
    dependencies = [("meetings", "0010_guests_without_invitation")]

    operations = [
        migrations.RemoveIndex(model_name="meetingitem", name="meetings_unanswered"),
        migrations.RemoveIndex(model_name="meetingitem", name="meetings_undated"),
        migrations.RemoveIndex(model_name="meetingitem", name="meetings_promised"),
        migrations.AddIndex(
            model_name="meetingitem",
            index=models.Index(
                fields=["raised_on", "id"],
                condition=models.Q(("answer", ""), ("issue__isnull", True)),
                name="meetings_unanswered",
            ),
        ),
        migrations.AddIndex(
            model_name="meetingitem",
            index=models.Index(fields=["raised_on", "id"], condition=WAITING, name="meetings_undated"),
        ),
        migrations.AddIndex(
            model_name="meetingitem",
            index=models.Index(fields=["due_on", "id"], condition=PROMISED, name="meetings_promised"),
        ),
    ]
