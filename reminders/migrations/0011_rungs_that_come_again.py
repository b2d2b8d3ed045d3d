"""Nothing falls silent after the first reminder: later rungs of the same name on every ladder that is stored.

What is past already is told once, the highest; open deadlines follow in the background (``LadderReplan``).
"""

from django.db import migrations
from django.utils import timezone

HIGHEST_RANK = 15
NAMED_ONLY = {"more_info", "progress", "signature", "urge_reply", "inform"}
PEOPLE = ["handler", "head"]
DRAFTLESS = [
    "accept",
    "callback",
    "dispatch",
    "extension_decision",
    "follow_up",
    "note",
    "respond",
    "return_decision",
    "verify",
]
RUNGS = (
    # code, rank, offset, roles, kinds, effect
    ("urge", 12, "due+5wd", PEOPLE, DRAFTLESS, "urge"),
    ("urge", 13, "due+10wd", PEOPLE, DRAFTLESS, "urge"),
    ("urge", 14, "due+15wd", PEOPLE, DRAFTLESS, "urge"),
    ("no_progress", 13, "due+5wd", PEOPLE, ["progress"], ""),
    ("no_progress", 14, "due+10wd", PEOPLE, ["progress"], ""),
    ("no_progress", 15, "due+15wd", PEOPLE, ["progress"], ""),
    ("untold", 15, "due+5wd", ["clerks", "secretary"], ["inform"], ""),
)


def meet(first, second):
    """Whether some kind of deadline would have both of two rungs; empty is every kind that need not be named."""
    if first and second:
        return bool(set(first) & set(second))
    named = set(first) | set(second)
    return not named or bool(named - NAMED_ONLY)


def add_rungs(apps, schema_editor):
    rung = apps.get_model("reminders", "LadderRung")
    alias = schema_editor.connection.alias
    stored = rung.objects.using(alias).filter(retired_at__isnull=True, ladder="working")
    for subdistrict_id in set(rung.objects.using(alias).values_list("subdistrict_id", flat=True)):
        for code, rank, offset, roles, kinds, effect in RUNGS:
            present = list(stored.filter(subdistrict_id=subdistrict_id))
            if any((row.code, row.offset, sorted(row.kinds)) == (code, offset, kinds) for row in present):
                continue
            taken = {row.rank for row in present if meet(row.kinds, kinds) or row.code == code}
            free = [number for number in range(rank, HIGHEST_RANK + 1) if number not in taken]
            if free:
                rung.objects.using(alias).create(
                    subdistrict_id=subdistrict_id,
                    ladder="working",
                    code=code,
                    rank=free[0],
                    offset=offset,
                    roles=roles,
                    kinds=kinds,
                    effect=effect,
                )


def replan(apps, schema_editor):
    alias = schema_editor.connection.alias
    open_ones = (
        apps.get_model("reminders", "LadderReplan")
        .objects.using(alias)
        .filter(subdistrict=None, finished_at__isnull=True)
    )
    if open_ones.exists():
        open_ones.update(after_id=0)
    elif apps.get_model("deadlines", "Deadline").objects.using(alias).filter(state="running").exists():
        open_ones.model.objects.using(alias).create(subdistrict=None, requested_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0009_facts"),
        ("reminders", "0010_rungs_of_the_date_in_force"),
    ]

    operations = [
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
        migrations.RunPython(replan, migrations.RunPython.noop),
    ]
