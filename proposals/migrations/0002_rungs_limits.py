"""Rungs and limits of proposals, for ladders and tables of limits that are stored."""

from django.db import migrations

OWED = ["proposal", "proposal_again", "proposal_long", "proposal_part", "proposal_report"]
RUNGS = (
    ("proposal_due", 2, "half", ["handler"]),
    ("proposal_due", 3, "soon", ["handler", "head"]),
    ("proposal_due", 4, "due_day", ["handler", "head"]),
    ("proposal_late", 5, "due", ["handler", "head", "supervisor"]),
    ("proposal_late", 12, "due+3wd", ["head", "supervisor", "deputy"]),
    ("proposal_late", 13, "due+5wd", ["head", "supervisor", "deputy"]),
    ("proposal_late", 14, "due+10wd", ["head", "supervisor", "deputy", "director"]),
)
LIMITS = (
    ("proposal", "90d"),
    ("proposal_long", "180d"),
    ("proposal_again", "30d"),
    ("proposal_part", "30d"),
    ("proposal_report", "10wd"),
)


def add_rungs(apps, schema_editor):
    """No other rung names these clocks, so that every rank is free; a ladder that is not stored is the default one."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    stored = rungs.filter(retired_at__isnull=True).values_list("subdistrict_id", flat=True)
    for subdistrict_id in set(stored):
        for code, rank, offset, roles in RUNGS:
            given = {"subdistrict_id": subdistrict_id, "ladder": "working", "code": code, "rank": rank, "kinds": OWED}
            if not rungs.filter(**given, retired_at__isnull=True).exists():
                rungs.create(**given, offset=offset, roles=roles)


def add_limits(apps, schema_editor):
    """A row of each clock for every table of rules that is stored; one that was emptied stays empty."""
    rules = apps.get_model("deadlines", "DeadlineRule").objects.using(schema_editor.connection.alias)
    current = rules.filter(retired_at__isnull=True)
    for kind, limit in LIMITS:
        given = {"scope_kind": "any", "scope": "", "deadline_kind": kind}
        present = set(current.filter(**given).values_list("subdistrict_id", flat=True))
        for owner in set(current.values_list("subdistrict_id", flat=True)) - present:
            rules.create(subdistrict_id=owner, limit=limit, **given)


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0001_initial"),
        ("deadlines", "0014_kinds_are_registered"),
        ("reminders", "0013_kinds_are_registered"),
    ]

    operations = [
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
        migrations.RunPython(add_limits, migrations.RunPython.noop),
    ]
