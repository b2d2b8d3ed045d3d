"""The indexes by which the journal tells who looked at one person, made without holding up those who write.

They stand on the journal's table and are read here alone (privacy.accesses), so they are no part of its models.
"""

from django.db import migrations

LOOKED_UP = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS privacy_looked_up ON journal_event ((data ->> 'phone'), id DESC)
WHERE kind IN ('look_up', 'access_traced')
"""
REVEALED = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS privacy_revealed ON journal_event ((data ->> 'contact'), id DESC)
WHERE kind = 'reveal'
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("privacy", "0003_retention"), ("journal", "0005_audit_indexes")]

    operations = [
        migrations.RunSQL(LOOKED_UP, "DROP INDEX CONCURRENTLY IF EXISTS privacy_looked_up"),
        migrations.RunSQL(REVEALED, "DROP INDEX CONCURRENTLY IF EXISTS privacy_revealed"),
    ]
