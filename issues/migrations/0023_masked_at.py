"""Since when a matter says nothing of persons any more."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0022_papers_of_any_subject")]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="masked_at",
            field=models.DateTimeField(help_text="since when it says nothing of persons any more", null=True),
        ),
        AddConstraintNotValid(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(("masked_at__isnull", True), ("closed_at__isnull", False), _connector="OR"),
                name="issues_issue_masked_has_ended",
            ),
        ),
    ]
