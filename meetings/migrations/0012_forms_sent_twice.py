"""A form of a meeting, a visit or an activity that is sent twice makes one."""

from django.db import migrations, models

KEYED = {
    "meeting": "meetings_meeting_once",
    "stationactivity": "meetings_activity_once",
    "visit": "meetings_visit_once",
}


class Migration(migrations.Migration):
    dependencies = [("meetings", "0011_left_over_in_their_order")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="key",
                field=models.CharField(
                    blank=True, db_default="", default="", help_text="the form's own", max_length=64
                ),
            )
            for model in KEYED
        ),
        *(
            migrations.AddConstraint(
                model_name=model,
                constraint=models.UniqueConstraint(condition=~models.Q(key=""), fields=("key",), name=name),
            )
            for model, name in KEYED.items()
        ),
    ]
