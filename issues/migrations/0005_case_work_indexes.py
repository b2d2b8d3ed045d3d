"""The indexes of case work, made without holding up those who write."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0004_case_work")]

    operations = [
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("asks_supervisor", True)),
                fields=["subdistrict", "urgency", "rank_at", "id"],
                name="issues_asks_supervisor",
            ),
        ),
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("asks_direction", True)),
                fields=["subdistrict", "urgency", "rank_at", "id"],
                name="issues_asks_direction",
            ),
        ),
        AddIndexConcurrently(
            model_name="issue",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("co_waiting_ids", []), _negated=True),
                fields=["co_waiting_ids"],
                name="issues_co_waiting",
            ),
        ),
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(condition=models.Q(("deemed", True)), fields=["subdistrict"], name="issues_deemed"),
        ),
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(condition=models.Q(("master__isnull", False)), fields=["master"], name="issues_joined"),
        ),
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("published_at__isnull", False)),
                fields=["community", "-published_at"],
                name="issues_published",
            ),
        ),
        AddIndexConcurrently(
            model_name="participation",
            index=models.Index(
                condition=models.Q(("copied_at__isnull", False)),
                fields=["user", "-issue"],
                name="issues_participation_copied",
            ),
        ),
    ]
