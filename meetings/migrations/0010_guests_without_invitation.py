from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0009_appointed_people_of_series")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="invited",
            field=models.BooleanField(db_default=True, default=True, help_text="false: came without an invitation"),
        ),
    ]
