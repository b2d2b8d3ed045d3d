"""How many matters joined one, apart from how many different people raised it: the same number is the same person."""

from django.db import migrations, models

_COUNT = """
UPDATE issues_issue AS master SET persons = found.persons, joined_count = found.joined
FROM (
    SELECT own.id, count(joined.id) AS joined,
        count(DISTINCT coalesce(nullif(contact.phone_hash, ''), 'matter ' || part.id)) AS persons
    FROM issues_issue AS own
    JOIN issues_issue AS part ON part.id = own.id OR part.master_id = own.id
    LEFT JOIN issues_issue AS joined ON joined.id = part.id AND joined.id <> own.id
    LEFT JOIN communities_contact AS contact ON contact.id = part.contact_id
    WHERE own.id IN (SELECT master_id FROM issues_issue WHERE master_id IS NOT NULL)
    GROUP BY own.id
) AS found
WHERE master.id = found.id
"""


class Migration(migrations.Migration):
    dependencies = [("communities", "0001_initial"), ("issues", "0007_supervision_index")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="issue",
            name="joined_count",
            field=models.IntegerField(db_default=0, default=0, help_text="how many matters joined it"),
        ),
        migrations.AlterField(
            model_name="issue",
            name="persons",
            field=models.IntegerField(
                db_default=1, default=1, help_text="how many different people raised it: one case, n persons"
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(("joined_count__gte", 0)), name="issues_issue_joined_count"
            ),
        ),
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
