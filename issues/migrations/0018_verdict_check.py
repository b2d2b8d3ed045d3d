"""The supervisor's call-back about verdicts that came by web: columns, counters, and the clock's kind on papers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0003_canonical_phones"),
        ("deadlines", "0011_verdict_check"),
        ("issues", "0017_disclosure"),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '10s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="VerdictSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.CharField(max_length=40)),
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
                    models.UniqueConstraint(fields=("subdistrict", "series"), name="issues_verdict_series_once"),
                    models.CheckConstraint(condition=models.Q(("last__gte", 1)), name="issues_verdict_series_counts"),
                ]
            },
        ),
        migrations.RemoveConstraint(
            model_name="paper",
            name="issues_paper_deadline_kind",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="issues_request_deadline_kind",
        ),
        migrations.AddField(
            model_name="issue",
            name="verdict_check",
            field=models.CharField(
                blank=True,
                choices=[
                    ("due", "待抽查"),
                    ("confirmed", "已抽查属实"),
                    ("replaced", "抽查更正"),
                    ("unreached", "抽查未联系上"),
                ],
                db_default="",
                default="",
                help_text="the supervisor's call-back about it; due and unreached ones count in no rate",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="verdict_known",
            field=models.BooleanField(
                db_default=False, default=False, help_text="it came by web, and who handled the matter knew the number"
            ),
        ),
        migrations.AlterField(
            model_name="paper",
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
                    ("extension_decision", "申请审批"),
                    ("return_decision", "退单裁定"),
                    ("supervision_reply", "督办回复"),
                    ("progress", "办理进展"),
                    ("signature", "签发"),
                    ("urge_reply", "催办回应"),
                    ("inform", "告知"),
                    ("fulfil", "兑现承诺"),
                    ("commitment_review", "承诺复查"),
                    ("sample", "抽查回访"),
                ],
                default="",
                max_length=24,
            ),
        ),
        migrations.AlterField(
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
                    ("extension_decision", "申请审批"),
                    ("return_decision", "退单裁定"),
                    ("supervision_reply", "督办回复"),
                    ("progress", "办理进展"),
                    ("signature", "签发"),
                    ("urge_reply", "催办回应"),
                    ("inform", "告知"),
                    ("fulfil", "兑现承诺"),
                    ("commitment_review", "承诺复查"),
                    ("sample", "抽查回访"),
                ],
                db_default="",
                default="",
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="issue",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict_check__in", ["", "due", "confirmed", "replaced", "unreached"])),
                name="issues_issue_verdict_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
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
                            "sample",
                        ],
                    )
                ),
                name="issues_paper_deadline_kind",
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
                            "sample",
                        ],
                    )
                ),
                name="issues_request_deadline_kind",
            ),
        ),
    ]
