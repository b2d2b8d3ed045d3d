"""Let the planner know which words are rare: without it, it takes an unknown word to occur in one of 200 issues and
reads all issues from the newest on rather than the index of words."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0002_submission_and_repeat")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE issues_issue ALTER COLUMN lexemes SET STATISTICS 500",
            "ALTER TABLE issues_issue ALTER COLUMN lexemes SET STATISTICS -1",
        )
    ]
