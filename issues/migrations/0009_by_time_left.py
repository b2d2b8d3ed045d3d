"""The index of lists that run by due time and hold everything, made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0008_joined_count")]

    operations = [
        AddIndexConcurrently(
            model_name="issue", index=models.Index(fields=["rank_at", "id"], name="issues_by_time_left")
        ),
    ]
