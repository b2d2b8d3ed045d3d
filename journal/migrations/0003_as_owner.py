"""The trigger that chains events works as the owner: the application's role may not write the heads itself."""

from django.db import migrations

FORWARD = "ALTER FUNCTION journal_append() SECURITY DEFINER SET search_path = public, pg_temp"
BACKWARD = "ALTER FUNCTION journal_append() SECURITY INVOKER RESET search_path"


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_chain")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
