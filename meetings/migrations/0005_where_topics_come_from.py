import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0004_question_rungs_limits")]

    operations = [
        migrations.AddField(
            model_name="meetingitem",
            name="about",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="issues.issue",
            ),
        ),
        migrations.AddField(
            model_name="meetingitem",
            name="carried_from",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried_to",
                to="meetings.meetingitem",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("about__isnull", False)),
                fields=("about", "meeting"),
                name="meetings_item_about_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("carried_from__isnull", False)),
                fields=("carried_from",),
                name="meetings_item_carried_once",
            ),
        ),
    ]
