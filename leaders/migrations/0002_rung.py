"""The rung of leaders' tasks, for ladders that are stored."""

from django.db import migrations

RUNG = {"ladder": "clock", "code": "leader_over", "rank": 8, "kinds": ["leader_answers"]}


def add_rung(apps, schema_editor):
    """No other rung names this clock, so that the rank is free; a ladder that is not stored is the default one."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    stored = rungs.filter(retired_at__isnull=True).values_list("subdistrict_id", flat=True)
    for subdistrict_id in set(stored):
        given = {"subdistrict_id": subdistrict_id, **RUNG}
        if not rungs.filter(**given, retired_at__isnull=True).exists():
            rungs.create(**given, offset="due", roles=[], effect="lead_end")


class Migration(migrations.Migration):
    dependencies = [("leaders", "0001_initial"), ("reminders", "0013_kinds_are_registered")]

    operations = [migrations.RunPython(add_rung, migrations.RunPython.noop)]
