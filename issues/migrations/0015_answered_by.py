"""Who answered a matter at once, so that another person verifies it after a reopening."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FROM_JOURNAL = """
UPDATE issues_issue i SET answered_by_id = e.actor_id
FROM (SELECT DISTINCT ON (subject_id) subject_id, actor_id FROM journal_event
      WHERE subject_kind = 'issue' AND kind = 'answer_now' ORDER BY subject_id, seq DESC) e
WHERE e.subject_id = i.id AND i.status = 'closed' AND i.lead_department_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0014_titles_and_words"),
        ("journal", "0002_chain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "issue",
            "answered_by",
            models.ForeignKey(
                db_index=False,
                help_text="who answered it at once (即时办结); does not verify it after a reopening",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(FROM_JOURNAL, migrations.RunSQL.noop),
    ]
