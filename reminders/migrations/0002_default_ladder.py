"""The installation's ladder as rows that an administrator can edit (product.md section 6)."""

from django.db import migrations

RUNGS = (
    ("working", "new", 1, "start", ["desk"], ["acknowledge"], ""),
    ("working", "notice", 2, "half", ["handler"], [], ""),
    ("working", "due_soon", 3, "soon", ["handler"], [], ""),
    ("working", "due_today", 4, "due_day", ["handler", "head"], [], ""),
    ("working", "urge", 5, "due", ["handler", "head"], [], "urge"),
    ("clock", "new", 1, "start", ["desk"], ["acknowledge"], ""),
    ("clock", "notice", 2, "half", ["handler"], [], ""),
    ("clock", "urge", 5, "due", ["handler", "head"], [], "urge"),
    ("clock", "duty_leader", 6, "due+1h", ["duty_leader"], [], ""),
)


def install(apps, schema_editor):
    rung = apps.get_model("reminders", "LadderRung")
    if rung.objects.filter(subdistrict__isnull=True).exists():
        return
    rung.objects.bulk_create(
        rung(ladder=ladder, code=code, rank=rank, offset=offset, roles=roles, kinds=kinds, effect=effect)
        for ladder, code, rank, offset, roles, kinds, effect in RUNGS
    )


class Migration(migrations.Migration):
    dependencies = [("reminders", "0001_initial")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
