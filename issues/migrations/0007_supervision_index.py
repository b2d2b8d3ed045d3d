"""The index of the tab 待告知, made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0006_supervision")]

    operations = [
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("untold", True)),
                fields=["community", "urgency", "rank_at", "id"],
                name="issues_untold",
            ),
        ),
    ]
