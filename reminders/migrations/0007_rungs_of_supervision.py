"""The rungs of supervision and of the side clocks on every ladder that is stored (product.md section 6).

Open deadlines follow in the background (``LadderReplan``): a deadline that had climbed its whole ladder gets the rungs
that stand above it now, and nobody waits for a statement over a million rows.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

HIGHEST_RANK = 15
NAMED_ONLY = {"more_info", "progress", "signature", "urge_reply", "inform"}
CARDED = ["fulfil", "handle"]
OWED = [
    "co_reply",
    "commitment_review",
    "first_report",
    "fulfil",
    "handle",
    "supervision_reply",
    "suspension_review",
    "tracking",
]
RUNGS = (
    # ladder, code, rank, offset, roles, kinds, levels, effect
    ("working", "unacknowledged", 6, "start+4wh", ["desk", "head"], ["acknowledge"], [], ""),
    ("working", "order", 9, "due+3wd", [], OWED, [], "order"),
    ("working", "yellow_card", 10, "due+5wd", [], CARDED, [], "yellow"),
    ("working", "red_card", 11, "due+10wd", [], CARDED, [], "red"),
    ("working", "no_progress", 12, "due", ["handler", "head"], ["progress"], [], ""),
    ("working", "unsigned", 13, "daily", ["deputy"], ["signature"], [], ""),
    ("working", "untold", 14, "due", ["clerks", "secretary"], ["inform"], [], ""),
    ("working", "order", 15, "due", [], ["urge_reply"], [], "order"),
    ("clock", "unacknowledged", 3, "half", ["desk", "head"], ["acknowledge"], ["urgent"], ""),
    ("clock", "unacknowledged", 4, "start", ["desk", "head"], ["acknowledge"], ["critical"], ""),
    ("clock", "order", 9, "due+4h", [], [], [], "order"),
)


def meet(first, second):
    """Whether some kind of deadline would have both of two rungs; empty is every kind that need not be named."""
    if first and second:
        return bool(set(first) & set(second))
    named = set(first) | set(second)
    return not named or bool(named - NAMED_ONLY)


def add_rungs(apps, schema_editor):
    rung = apps.get_model("reminders", "LadderRung")
    stored = rung.objects.filter(retired_at__isnull=True)
    for subdistrict_id in set(rung.objects.values_list("subdistrict_id", flat=True)):
        for ladder, code, rank, offset, roles, kinds, levels, effect in RUNGS:
            present = list(stored.filter(subdistrict_id=subdistrict_id, ladder=ladder))
            if any((row.code, sorted(row.kinds), sorted(row.levels)) == (code, kinds, levels) for row in present):
                continue
            taken = {row.rank for row in present if meet(row.kinds, kinds)}
            free = [number for number in range(rank, HIGHEST_RANK + 1) if number not in taken]
            if free:
                rung.objects.create(
                    subdistrict_id=subdistrict_id,
                    ladder=ladder,
                    code=code,
                    rank=free[0],
                    offset=offset,
                    roles=roles,
                    kinds=kinds,
                    levels=levels,
                    effect=effect,
                )


def replan(apps, schema_editor):
    if apps.get_model("deadlines", "Deadline").objects.filter(state="running").exists():
        apps.get_model("reminders", "LadderReplan").objects.create(subdistrict=None, requested_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
        ("deadlines", "0001_initial"),
        ("reminders", "0006_watchdog_failures"),
    ]

    operations = [
        migrations.AddField(
            model_name="ladderrung",
            name="since_at",
            field=models.DateTimeField(blank=True, help_text="what was due before that is taken as passed", null=True),
        ),
        migrations.RemoveConstraint(model_name="ladderrung", name="reminders_rung_rank"),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_at__isnull", True)),
                fields=("subdistrict", "ladder", "rank", "kinds"),
                name="reminders_rung_rank",
                nulls_distinct=False,
            ),
        ),
        migrations.CreateModel(
            name="LadderReplan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField()),
                ("after_id", models.BigIntegerField(default=0)),
                (
                    "again",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("seen", models.PositiveIntegerField(default=0, help_text="how many deadlines were looked at")),
                (
                    "changed",
                    models.PositiveIntegerField(default=0, help_text="how many of them have another next rung now"),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "subdistrict",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.subdistrict",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("finished_at__isnull", True)),
                        fields=("subdistrict",),
                        name="reminders_replan_one_open",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
        migrations.RunPython(replan, migrations.RunPython.noop),
    ]
