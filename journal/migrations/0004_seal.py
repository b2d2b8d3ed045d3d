"""Seals, and the one look at the journal that waits for its writers: as the owner, for it takes a lock."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION journal_settled() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
BEGIN
    LOCK TABLE journal_event IN SHARE MODE;  -- until the caller's transaction ends: nobody has an id and no row yet
    RETURN (SELECT max(id) FROM journal_event);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_as_owner")]

    operations = [
        migrations.CreateModel(
            name="JournalSeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("through", models.BigIntegerField(unique=True)),
                ("events", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "journal_seal"},
        ),
        migrations.RunSQL(FORWARD, "DROP FUNCTION journal_settled()"),
    ]
