import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commitments", "0003_what_was_promised_first")]

    operations = [
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(
                django.db.models.functions.comparison.Coalesce("due_on", "review_on"),
                models.F("id"),
                condition=models.Q(("state__in", ["open", "reported"])),
                name="commitments_running",
            ),
        ),
        migrations.AddIndex(
            model_name="commitment",
            index=models.Index(
                fields=["due_on"], condition=models.Q(("historic", False)), name="commitments_of_quarter"
            ),
        ),
    ]
