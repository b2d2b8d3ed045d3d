import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("communities", "0008_appointments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LeaderTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("notice", "通知"), ("visit", "请上门"), ("rain", "雨天任务")], max_length=6
                    ),
                ),
                ("title", models.CharField(max_length=60)),
                ("text", common.fields.EncryptedTextField(blank=True, default="")),
                (
                    "warning",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("blue", "暴雨蓝色预警"),
                            ("yellow", "暴雨黄色预警"),
                            ("orange", "暴雨橙色预警"),
                            ("red", "暴雨红色预警"),
                        ],
                        default="",
                        max_length=6,
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "进行中"), ("over", "已截止"), ("cancelled", "已取消")],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", help_text="why it was cancelled", max_length=200)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("answered", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(blank=True, default="", help_text="the form's own", max_length=64)),
                ("made_at", models.DateTimeField()),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.community",
                    ),
                ),
                (
                    "made_by",
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
        ),
        migrations.CreateModel(
            name="LeaderAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reply",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("seen", "知道了"),
                            ("visited", "已上门"),
                            ("nobody", "家中无人"),
                            ("help", "需要帮助"),
                            ("normal", "正常"),
                            ("flooded", "积水"),
                            ("dealt", "已处置"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("note", common.fields.EncryptedTextField(blank=True, default="")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "building",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.building",
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.community",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.leader",
                    ),
                ),
                (
                    "neighbourhood",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.neighbourhood",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="leaders.leadertask",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="leadertask",
            index=models.Index(fields=["community", "-id"], name="leaders_tasks_community"),
        ),
        migrations.AddIndex(
            model_name="leadertask",
            index=models.Index(fields=["subdistrict", "-id"], name="leaders_tasks_subdistrict"),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["notice", "visit", "rain"])), name="leaders_task_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "over", "cancelled"])), name="leaders_task_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.CheckConstraint(
                condition=models.Q(("warning__in", ["", "blue", "yellow", "orange", "red"])),
                name="leaders_task_warning",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="leaders_task_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "cancelled"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="leaders_task_says_why_cancelled",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered__lte", models.F("asked"))), name="leaders_task_counts"
            ),
        ),
        migrations.AddConstraint(
            model_name="leadertask",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("key",), name="leaders_task_once"
            ),
        ),
        migrations.AddIndex(
            model_name="leaderanswer",
            index=models.Index(fields=["leader", "-task"], name="leaders_answers_of_leader"),
        ),
        migrations.AddIndex(
            model_name="leaderanswer",
            index=models.Index(fields=["community", "task"], name="leaders_answers_community"),
        ),
        migrations.AddConstraint(
            model_name="leaderanswer",
            constraint=models.UniqueConstraint(
                fields=("task", "leader", "building", "neighbourhood"), name="leaders_answer_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reply__in", ["", "seen", "visited", "nobody", "help", "normal", "flooded", "dealt"])
                ),
                name="leaders_answer_reply",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("building__isnull", True), ("neighbourhood__isnull", True), _connector="OR"),
                name="leaders_answer_one_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="leaderanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at__isnull", True), ("reply", "")),
                    models.Q(models.Q(("reply", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="leaders_answer_whole",
            ),
        ),
    ]
