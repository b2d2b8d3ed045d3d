from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("communities", "0008_appointments"), ("meetings", "0008_activities")]

    operations = [
        migrations.AddField(
            model_name="series",
            name="appointments",
            field=models.ManyToManyField(
                help_text="who is invited while in office", related_name="+", to="communities.appointment"
            ),
        ),
    ]
