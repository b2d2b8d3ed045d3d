"""An outside number is found however it is typed: full-width, in small letters, without hyphens."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import issues.models.issue


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0012_digest_and_alarm")]

    operations = [
        AddIndexConcurrently(
            model_name="issue",
            index=models.Index(
                issues.models.issue.OutsideKey("external_number"),
                condition=models.Q(("external_number", ""), _negated=True),
                name="issues_external_key",
            ),
        )
    ]
