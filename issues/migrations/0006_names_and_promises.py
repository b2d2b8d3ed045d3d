from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0005_case_work_indexes")]

    operations = [
        migrations.RenameField("issue", "not_after", "not_after_at"),
        migrations.RenameField("request", "until", "until_on"),
        migrations.RemoveConstraint(
            model_name="request",
            name="issues_request_suspension_whole",
        ),
        migrations.AddField(
            model_name="issue",
            name="promised",
            field=models.BooleanField(db_default=False, default=False, help_text="a commitment made on it is open"),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "suspension"), _negated=True),
                    models.Q(
                        ("until_on__isnull", False),
                        models.Q(("reason_code", ""), _negated=True),
                        models.Q(("interim_answer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="issues_request_suspension_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_at__isnull", True), ("asked_by__isnull", True)),
                    models.Q(("asked_at__isnull", False), ("asked_by__isnull", False)),
                    _connector="OR",
                ),
                name="issues_request_asked_at_pair",
            ),
        ),
    ]
