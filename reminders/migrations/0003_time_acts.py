"""What time does by itself: 视为签收 and 逾期未补充 as rungs of every ladder that is stored (product.md section 4)."""

import django.contrib.postgres.fields
from django.db import migrations, models

HIGHEST_RANK = 15
RUNGS = (
    ("working", "deemed", 7, "twice", ["acknowledge"], "deem"),
    ("working", "expired", 8, "due", ["more_info"], "expire"),
    ("clock", "expired", 8, "due", ["more_info"], "expire"),
)
# The sweep looks at these once more: their ladder ended before it had the rung.
REPLAN = """
UPDATE deadlines_deadline SET next_rung_at = due_at, next_rung = 'deemed'
WHERE state = 'running' AND kind = 'acknowledge' AND next_rung_at IS NULL AND "limit" !~ '[0-9](min|h)$'
"""


def add_rungs(apps, schema_editor):
    rung = apps.get_model("reminders", "LadderRung")
    for subdistrict_id in set(rung.objects.values_list("subdistrict_id", flat=True)):
        for ladder, code, rank, offset, kinds, effect in RUNGS:
            rows = rung.objects.filter(subdistrict_id=subdistrict_id, ladder=ladder, retired_at__isnull=True)
            taken = dict(rows.values_list("code", "rank"))
            free = [number for number in range(rank, HIGHEST_RANK + 1) if number not in taken.values()]
            if code in taken or not free:
                continue
            rung.objects.create(
                subdistrict_id=subdistrict_id,
                ladder=ladder,
                code=code,
                rank=free[0],
                offset=offset,
                roles=[],
                kinds=kinds,
                effect=effect,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
        ("deadlines", "0002_commitment_review"),
        ("reminders", "0002_default_ladder"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="ladderrung", name="reminders_rung_code"),
        migrations.RemoveConstraint(model_name="ladderrung", name="reminders_rung_effect"),
        migrations.RemoveConstraint(model_name="ladderrung", name="reminders_rung_offset"),
        migrations.AlterField(
            model_name="ladderrung",
            name="code",
            field=models.CharField(
                choices=[
                    ("new", "新派工单"),
                    ("notice", "时限过半"),
                    ("due_soon", "临期"),
                    ("due_today", "今日到期"),
                    ("urge", "催办"),
                    ("duty_leader", "报值班领导"),
                    ("deemed", "视为签收"),
                    ("expired", "逾期未补充"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="ladderrung",
            name="effect",
            field=models.CharField(
                blank=True,
                choices=[("", "无"), ("urge", "催办"), ("deem", "视为签收"), ("expire", "逾期未补充")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="ladderrung",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=16),
                blank=True,
                help_text="whom it tells; empty: its effect does",
                size=None,
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code__in",
                        ["new", "notice", "due_soon", "due_today", "urge", "duty_leader", "deemed", "expired"],
                    )
                ),
                name="reminders_rung_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(("effect__in", ["", "urge", "deem", "expire"])), name="reminders_rung_effect"
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("offset__regex", "^(start|half|soon|due_day|due|twice)(\\+[1-9][0-9]*(min|h|wh|wd|d))?$")
                ),
                name="reminders_rung_offset",
            ),
        ),
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
        migrations.RunSQL(REPLAN, migrations.RunSQL.noop),
    ]
