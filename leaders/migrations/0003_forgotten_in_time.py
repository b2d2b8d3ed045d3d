from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leaders", "0002_rung")]

    operations = [
        migrations.AddField(
            model_name="leadertask",
            name="masked_at",
            field=models.DateTimeField(help_text="since when it tells of no person any more", null=True),
        ),
        migrations.AddIndex(
            model_name="leadertask",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False), ("masked_at__isnull", True)),
                fields=["subdistrict", "ended_at", "id"],
                name="leaders_to_be_masked",
            ),
        ),
    ]
