"""Drafts and numbered papers of subjects of any kind. What issues had of them comes with issues.0022."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("communities", "0005_more_emergency_words"),
        ("deadlines", "0014_kinds_are_registered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_kind", models.CharField(max_length=32)),
                ("subject_id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("order", "督办单"), ("yellow_card", "黄牌警示"), ("red_card", "红牌通报")],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "待签发"),
                            ("granted", "已签发"),
                            ("refused", "不予签发"),
                            ("lapsed", "已失效"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                ("deadline_kind", models.CharField(blank=True, default="", max_length=24)),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "deadline",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="deadlines.deadline",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.department",
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
                    models.Index(fields=["subject_kind", "subject_id"], name="papers_draft_of_subject"),
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["subdistrict", "asked_at"],
                        name="papers_draft_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("subject_kind", "subject_id", "kind"),
                        name="papers_draft_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["order", "yellow_card", "red_card"])), name="papers_draft_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "granted", "refused", "lapsed"])),
                        name="papers_draft_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked_by__isnull", False), models.Q(("text", ""), _negated=True), _connector="OR"
                        ),
                        name="papers_draft_of_the_clock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("decided_by__isnull", True)),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="papers_draft_decided_at_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["granted", "refused"]), _negated=True),
                            ("decided_at__isnull", False),
                            _connector="OR",
                        ),
                        name="papers_draft_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("urge", "催办单"),
                            ("order", "督办单"),
                            ("yellow_card", "黄牌警示"),
                            ("red_card", "红牌通报"),
                        ],
                        max_length=12,
                    ),
                ),
                ("year", models.IntegerField()),
                ("serial", models.IntegerField()),
                ("number", models.CharField(max_length=40)),
                ("subject_kind", models.CharField(max_length=32)),
                ("subject_id", models.BigIntegerField()),
                ("deadline_kind", models.CharField(blank=True, default="", max_length=24)),
                ("due_at", models.DateTimeField(null=True)),
                ("urges", models.IntegerField(default=0)),
                ("issued_at", models.DateTimeField()),
                ("reply_due_at", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "deadline",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="deadlines.deadline",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.department",
                    ),
                ),
                (
                    "draft",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="paper", to="papers.draft"
                    ),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
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
                    models.Index(fields=["subject_kind", "subject_id"], name="papers_of_subject"),
                    models.Index(
                        condition=models.Q(("kind", "urge"), _negated=True),
                        fields=["department", "kind", "-issued_at"],
                        name="papers_of_department",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("subdistrict", "kind", "year", "serial"), name="papers_number"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["urge", "order", "yellow_card", "red_card"])),
                        name="papers_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("draft__isnull", True), ("kind", "urge")),
                            models.Q(
                                models.Q(("kind", "urge"), _negated=True),
                                ("draft__isnull", False),
                                ("issued_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="papers_signed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(
                                ("lifted_at__isnull", False),
                                ("lifted_by__isnull", False),
                                models.Q(("kind", "urge"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="papers_lifted_at_pair",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PaperSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("urge", "催办单"),
                            ("order", "督办单"),
                            ("yellow_card", "黄牌警示"),
                            ("red_card", "红牌通报"),
                        ],
                        max_length=12,
                    ),
                ),
                ("year", models.IntegerField()),
                ("last", models.IntegerField()),
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
                "constraints": [
                    models.UniqueConstraint(fields=("subdistrict", "kind", "year"), name="papers_series_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["urge", "order", "yellow_card", "red_card"])),
                        name="papers_series_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", 1), ("last__lte", 999999)), name="papers_series_six_digits"
                    ),
                ]
            },
        ),
    ]
