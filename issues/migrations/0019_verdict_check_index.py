"""The index of the supervisor's to-do list of verdicts, made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0018_verdict_check")]

    operations = [
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False), ("verdict_check", "due")),
                fields=["subdistrict", "urgency", "rank_at", "id"],
                name="issues_todo_check",
            ),
        ),
    ]
