"""The index by which a department's page finds what it owes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("deadlines", "0006_side_clock_rules")]

    operations = [
        AddIndexConcurrently(
            model_name="deadline",
            index=models.Index(fields=["party", "due_at", "id"], condition=Q(state="running"), name="deadlines_owed"),
        ),
    ]
