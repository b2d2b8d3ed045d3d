"""No two rungs of a ladder have both code and rank in common: those of requests and incidents stand one lower."""

from django.db import migrations
from django.db.models import F

MOVED = (("working", "notice", 2), ("working", "due_soon", 3), ("working", "due_today", 4), ("clock", "notice", 2))


def lower(apps, schema_editor):
    """Lowest first, so that each finds its place free."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    for ladder, code, rank in MOVED:
        kind = "rights" if ladder == "working" else "incident"
        own = rungs.filter(ladder=ladder, code=code, rank=rank, kinds=[kind], retired_at__isnull=True)
        own.update(rank=F("rank") - 1)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [migrations.RunPython(lower, migrations.RunPython.noop)]
