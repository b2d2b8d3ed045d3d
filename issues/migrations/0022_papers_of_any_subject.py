"""Drafts and papers move to the app ``papers``, where they belong to subjects of any kind (docs/adr/0014).

The rows keep their ids, for addresses name them. The old tables go in the same transaction: whatever was written to
them after the copy would be lost.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVE = """
SET LOCAL lock_timeout = '10s';
SET LOCAL statement_timeout = 0;
LOCK TABLE issues_request, issues_paper, issues_paperseries IN ACCESS EXCLUSIVE MODE;
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO papers_draft (id, subdistrict_id, subject_kind, subject_id, kind, state, department_id, text, deadline_id,
    deadline_kind, asked_at, asked_by_id, decided_at, decided_by_id)
SELECT r.id, i.subdistrict_id, 'issue', r.issue_id, r.kind, r.state, r.department_id, r.text, r.deadline_id,
    r.deadline_kind, r.asked_at, r.asked_by_id, r.decided_at, r.decided_by_id
FROM issues_request r JOIN issues_issue i ON i.id = r.issue_id WHERE r.kind IN ('order', 'yellow_card', 'red_card');
INSERT INTO papers_paperseries (id, subdistrict_id, kind, year, last)
SELECT id, subdistrict_id, kind, year, last FROM issues_paperseries;
INSERT INTO papers_paper (id, subdistrict_id, kind, year, serial, number, subject_kind, subject_id, department_id,
    draft_id, deadline_id, deadline_kind, due_at, urges, issued_at, issued_by_id, reply_due_at, lifted_at, lifted_by_id)
SELECT id, subdistrict_id, kind, year, serial, number, 'issue', issue_id, department_id, request_id, deadline_id,
    deadline_kind, due_at, urges, issued_at, issued_by_id, reply_due_at, lifted_at, lifted_by_id
FROM issues_paper;
SELECT setval(pg_get_serial_sequence('papers_draft', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)
FROM papers_draft;
SELECT setval(pg_get_serial_sequence('papers_paperseries', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)
FROM papers_paperseries;
SELECT setval(pg_get_serial_sequence('papers_paper', 'id'), coalesce(max(id), 1), max(id) IS NOT NULL)
FROM papers_paper;
"""
GONE = "DELETE FROM issues_request WHERE kind IN ('order', 'yellow_card', 'red_card')"
KINDS = ["extension", "suspension", "exclusion", "disclosure"]


class Migration(migrations.Migration):
    dependencies = [
        ("issues", "0021_kinds_are_registered"),
        ("papers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(MOVE),
        migrations.DeleteModel("Paper"),
        migrations.DeleteModel("PaperSeries"),
        migrations.RunSQL(GONE),
        migrations.RemoveConstraint("request", "issues_request_asked_by_nobody"),
        migrations.RemoveConstraint("request", "issues_request_kind"),
        migrations.RemoveField("request", "deadline"),
        migrations.RemoveField("request", "deadline_kind"),
        migrations.AlterField(
            "request",
            "asked_by",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "request",
            "kind",
            models.CharField(
                choices=[
                    ("extension", "延期"),
                    ("suspension", "挂账"),
                    ("exclusion", "剔除"),
                    ("disclosure", "解除保密"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            "request",
            models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="issues_request_kind"),
        ),
    ]
