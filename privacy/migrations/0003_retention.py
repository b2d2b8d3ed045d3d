"""For how long matters that ended tell of persons, which are kept beyond that, and what was done each night."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.fields

RUNGS = (
    ("hold_due", 4, "due_day", ["supervisor"]),
    ("hold_due", 5, "due", ["supervisor", "deputy"]),
    ("hold_due", 12, "due+3wd", ["supervisor", "deputy", "director"]),
)


def add_rungs(apps, schema_editor):
    """No other rung names this clock, so that every rank is free; a ladder that is not stored is the default one."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    stored = rungs.filter(retired_at__isnull=True).values_list("subdistrict_id", flat=True)
    for subdistrict_id in set(stored):
        for code, rank, offset, roles in RUNGS:
            given = {"subdistrict_id": subdistrict_id, "ladder": "working", "code": code, "rank": rank}
            if not rungs.filter(**given, kinds=["legal_hold"], retired_at__isnull=True).exists():
                rungs.create(**given, kinds=["legal_hold"], offset=offset, roles=roles)


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0006_three_administrators"),
        ("issues", "0024_masked_index"),
        ("privacy", "0002_ranks_of_their_own"),
        ("reminders", "0013_kinds_are_registered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("months", models.PositiveSmallIntegerField()),
                ("before_at", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("after_at", models.DateTimeField(null=True)),
                ("after_id", models.BigIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "subdistrict",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.subdistrict",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("subdistrict", "on"), name="privacy_run_once")]},
        ),
        migrations.CreateModel(
            name="RetentionLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("masked", "已清除个人信息"),
                            ("held", "依法保留"),
                            ("rights", "有未办结的个人信息请求"),
                            ("joined", "并入的主件未到期"),
                            ("unfinished", "还有未了的事项"),
                            ("failed", "出错，下次再试"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "issue",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="issues.issue"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="privacy.retentionrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "id"], name="privacy_line_of_run")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["masked", "held", "rights", "joined", "unfinished", "failed"])
                        ),
                        name="privacy_line_outcome",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", common.fields.EncryptedTextField()),
                ("review_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="issues.issue"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subdistrict",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.subdistrict",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["subdistrict", "review_on", "id"],
                        name="privacy_hold_standing",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="privacy_hold_ended_pair",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)), fields=("issue",), name="privacy_hold_one"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("months", models.PositiveSmallIntegerField()),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                        fields=("subdistrict",), name="privacy_retention_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("months__gte", 6), ("months__lte", 240)), name="privacy_retention_months"
                    ),
                ],
            },
        ),
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
    ]
