"""Rungs and the limit of a question of the public, for ladders and tables of limits that are stored."""

from django.db import migrations

OWED = ["question_answer"]
RUNGS = (
    ("question_due", 3, "soon", ["handler"]),
    ("question_due", 4, "due_day", ["handler", "head"]),
    ("question_late", 5, "due", ["handler", "head", "supervisor"]),
    ("question_late", 12, "due+3wd", ["head", "supervisor"]),
    ("question_late", 13, "due+5wd", ["head", "supervisor", "deputy"]),
)
LIMIT = "5wd"


def add_rungs(apps, schema_editor):
    """No other rung names this clock, so that every rank is free; a ladder that is not stored is the default one."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    stored = rungs.filter(retired_at__isnull=True).values_list("subdistrict_id", flat=True)
    for subdistrict_id in set(stored):
        for code, rank, offset, roles in RUNGS:
            given = {"subdistrict_id": subdistrict_id, "ladder": "working", "code": code, "rank": rank, "kinds": OWED}
            if not rungs.filter(**given, retired_at__isnull=True).exists():
                rungs.create(**given, offset=offset, roles=roles)


def add_limit(apps, schema_editor):
    """A row for every table of rules that is stored; one that was emptied stays empty."""
    rules = apps.get_model("deadlines", "DeadlineRule").objects.using(schema_editor.connection.alias)
    current = rules.filter(retired_at__isnull=True)
    given = {"scope_kind": "any", "scope": "", "deadline_kind": OWED[0]}
    present = set(current.filter(**given).values_list("subdistrict_id", flat=True))
    for owner in set(current.values_list("subdistrict_id", flat=True)) - present:
        rules.create(subdistrict_id=owner, limit=LIMIT, **given)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0003_question_box"),
        ("deadlines", "0014_kinds_are_registered"),
        ("reminders", "0013_kinds_are_registered"),
    ]

    operations = [
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
        migrations.RunPython(add_limit, migrations.RunPython.noop),
    ]
