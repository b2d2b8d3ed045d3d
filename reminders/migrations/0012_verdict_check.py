"""The rungs of a verdict that waits for the supervisor's call-back, on every ladder that is stored."""

from django.db import migrations, models

RUNGS = ((4, "due_day"), (5, "due"), (12, "due+5wd"), (13, "due+10wd"), (14, "due+15wd"))


def add_rungs(apps, schema_editor):
    """No other rung names this clock, so that every rank is free; a ladder that is not stored is the default one."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    stored = rungs.filter(retired_at__isnull=True, ladder="working").values_list("subdistrict_id", flat=True)
    for subdistrict_id in set(stored):
        for rank, offset in RUNGS:
            given = {"subdistrict_id": subdistrict_id, "ladder": "working", "code": "unchecked", "rank": rank}
            if not rungs.filter(**given, retired_at__isnull=True).exists():
                rungs.create(**given, offset=offset, roles=["supervisor"], kinds=["sample"])


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0003_canonical_phones"),
        ("reminders", "0011_rungs_that_come_again"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_code",
        ),
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
                    ("order", "拟督办单"),
                    ("yellow_card", "拟黄牌警示"),
                    ("red_card", "拟红牌通报"),
                    ("unacknowledged", "未签收"),
                    ("no_progress", "无办理进展"),
                    ("unsigned", "待签发"),
                    ("untold", "待告知"),
                    ("unchecked", "待抽查"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code__in",
                        [
                            "new",
                            "notice",
                            "due_soon",
                            "due_today",
                            "urge",
                            "duty_leader",
                            "deemed",
                            "expired",
                            "order",
                            "yellow_card",
                            "red_card",
                            "unacknowledged",
                            "no_progress",
                            "unsigned",
                            "untold",
                            "unchecked",
                        ],
                    )
                ),
                name="reminders_rung_code",
            ),
        ),
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
    ]
