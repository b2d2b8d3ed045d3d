"""The index by which the nightly retention finds what is to be masked, made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0023_masked_at")]

    operations = [
        ValidateConstraint(model_name="issue", name="issues_issue_masked_has_ended"),
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False), ("masked_at__isnull", True)),
                fields=["subdistrict", "closed_at", "id"],
                name="issues_to_be_masked",
            ),
        ),
    ]
