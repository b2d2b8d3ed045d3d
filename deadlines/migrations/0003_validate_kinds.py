"""Check the rows that were there before, while others read and write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0002_commitment_review")]

    operations = [ValidateConstraint(model_name="deadline", name="deadlines_kind")]
