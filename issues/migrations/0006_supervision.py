"""Numbered papers, documents drawn up by the clock, urges that nobody answered, residents who must still be told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
        ("deadlines", "0006_side_clock_rules"),
        ("issues", "0005_case_work_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
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
                (
                    "deadline_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("respond", "首次联系"),
                            ("accept", "受理"),
                            ("dispatch", "派单"),
                            ("acknowledge", "签收"),
                            ("first_report", "首次反馈"),
                            ("handle", "办理"),
                            ("note", "每月进展"),
                            ("verify", "核查"),
                            ("follow_up", "回访"),
                            ("co_reply", "协办答复"),
                            ("more_info", "补充材料"),
                            ("tracking", "外单位跟踪"),
                            ("callback", "回电"),
                            ("suspension_review", "挂账复查"),
                            ("extension_decision", "延期审批"),
                            ("return_decision", "退单裁定"),
                            ("supervision_reply", "督办回复"),
                            ("progress", "办理进展"),
                            ("signature", "签发"),
                            ("urge_reply", "催办回应"),
                            ("inform", "告知"),
                            ("fulfil", "兑现承诺"),
                            ("commitment_review", "承诺复查"),
                        ],
                        default="",
                        max_length=24,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("urges", models.IntegerField(default=0)),
                ("issued_at", models.DateTimeField()),
                ("reply_due_at", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["urge", "order", "yellow_card", "red_card"])),
                        name="issues_paper_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "deadline_kind__in",
                                [
                                    "",
                                    "respond",
                                    "accept",
                                    "dispatch",
                                    "acknowledge",
                                    "first_report",
                                    "handle",
                                    "note",
                                    "verify",
                                    "follow_up",
                                    "co_reply",
                                    "more_info",
                                    "tracking",
                                    "callback",
                                    "suspension_review",
                                    "extension_decision",
                                    "return_decision",
                                    "supervision_reply",
                                    "progress",
                                    "signature",
                                    "urge_reply",
                                    "inform",
                                    "fulfil",
                                    "commitment_review",
                                ],
                            )
                        ),
                        name="issues_paper_deadline_kind",
                    ),
                ]
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
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["urge", "order", "yellow_card", "red_card"])),
                        name="issues_paper_series_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", 1), ("last__lte", 999999)),
                        name="issues_paper_series_six_digits",
                    ),
                ]
            },
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="issues_request_asked_at_pair",
        ),
        migrations.AddField(
            model_name="issue",
            name="untold",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="待告知: the reporter must still be told, and only a person can",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="urged_at",
            field=models.DateTimeField(help_text="when the first urge came that nobody has answered yet", null=True),
        ),
        migrations.AddField(
            model_name="request",
            name="deadline",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deadlines.deadline",
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="deadline_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("respond", "首次联系"),
                    ("accept", "受理"),
                    ("dispatch", "派单"),
                    ("acknowledge", "签收"),
                    ("first_report", "首次反馈"),
                    ("handle", "办理"),
                    ("note", "每月进展"),
                    ("verify", "核查"),
                    ("follow_up", "回访"),
                    ("co_reply", "协办答复"),
                    ("more_info", "补充材料"),
                    ("tracking", "外单位跟踪"),
                    ("callback", "回电"),
                    ("suspension_review", "挂账复查"),
                    ("extension_decision", "延期审批"),
                    ("return_decision", "退单裁定"),
                    ("supervision_reply", "督办回复"),
                    ("progress", "办理进展"),
                    ("signature", "签发"),
                    ("urge_reply", "催办回应"),
                    ("inform", "告知"),
                    ("fulfil", "兑现承诺"),
                    ("commitment_review", "承诺复查"),
                ],
                db_default="",
                default="",
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="asked_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("asked_by__isnull", False), ("kind__in", ("order", "yellow_card", "red_card")), _connector="OR"
                ),
                name="issues_request_asked_by_nobody",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "deadline_kind__in",
                        [
                            "",
                            "respond",
                            "accept",
                            "dispatch",
                            "acknowledge",
                            "first_report",
                            "handle",
                            "note",
                            "verify",
                            "follow_up",
                            "co_reply",
                            "more_info",
                            "tracking",
                            "callback",
                            "suspension_review",
                            "extension_decision",
                            "return_decision",
                            "supervision_reply",
                            "progress",
                            "signature",
                            "urge_reply",
                            "inform",
                            "fulfil",
                            "commitment_review",
                        ],
                    )
                ),
                name="issues_request_deadline_kind",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="deadline",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deadlines.deadline",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="department",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="communities.department",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="issue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="issues.issue"
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="issued_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="lifted_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="request",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="paper", to="issues.request"
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="subdistrict",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="communities.subdistrict",
            ),
        ),
        migrations.AddField(
            model_name="paperseries",
            name="subdistrict",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="communities.subdistrict",
            ),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(
                condition=models.Q(("kind", "urge"), _negated=True),
                fields=["department", "kind", "-issued_at"],
                name="issues_paper_of_department",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                fields=("subdistrict", "kind", "year", "serial"), name="issues_paper_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "urge"), ("request__isnull", True)),
                    models.Q(
                        models.Q(("kind", "urge"), _negated=True),
                        ("issued_by__isnull", False),
                        ("request__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="issues_paper_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                    models.Q(
                        ("lifted_at__isnull", False),
                        ("lifted_by__isnull", False),
                        models.Q(("kind", "urge"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="issues_paper_lifted_at_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperseries",
            constraint=models.UniqueConstraint(fields=("subdistrict", "kind", "year"), name="issues_paper_series_once"),
        ),
    ]
