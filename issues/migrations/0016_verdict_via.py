"""How a verdict came: by the reporter's own page, a call-back, or what a caller said when it was answered at once."""

from django.db import migrations, models

FROM_JOURNAL = """
UPDATE issues_issue i SET verdict_via = CASE
    WHEN e.kind = 'answer_now' THEN 'desk'
    WHEN e.kind = 'redo' OR e.actor_role IN ('resident', 'leader') THEN 'web'
    ELSE 'call' END
FROM (SELECT DISTINCT ON (subject_id) subject_id, kind, actor_role FROM journal_event
      WHERE subject_kind = 'issue' AND (
          kind = 'answer_now'
          OR (kind = 'redo' AND data ? 'solved')
          OR (kind = 'record_follow_up' AND coalesce(data ->> 'counts', 'true') = 'true'))
      ORDER BY subject_id, seq DESC) e
WHERE e.subject_id = i.id AND (i.solved <> '' OR i.verdict NOT IN ('', 'no_reporter'))
"""


class Migration(migrations.Migration):
    dependencies = [("issues", "0015_answered_by"), ("journal", "0002_chain")]

    operations = [
        migrations.AddField(
            "issue",
            "verdict_via",
            models.CharField(
                blank=True,
                choices=[("web", "居民网页"), ("call", "社区回访"), ("desk", "社区登记")],
                db_default="",
                default="",
                help_text="how the verdict came",
                max_length=4,
            ),
        ),
        migrations.AddConstraint(
            "issue",
            models.CheckConstraint(
                condition=models.Q(("verdict_via__in", ["", "web", "call", "desk"])), name="issues_issue_verdict_via"
            ),
        ),
        migrations.RunSQL(FROM_JOURNAL, migrations.RunSQL.noop),
    ]
