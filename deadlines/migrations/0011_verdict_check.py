"""The clock ``sample``. The wider check of the large table is validated by the next migration, without its lock."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0003_canonical_phones"),
        ("deadlines", "0010_label_of_decision"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="deadline",
            name="deadlines_kind",
        ),
        migrations.RemoveConstraint(
            model_name="deadlinerule",
            name="deadlines_rule_kind",
        ),
        migrations.AlterField(
            model_name="deadline",
            name="kind",
            field=models.CharField(
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
                max_length=24,
            ),
        ),
        AddConstraintNotValid(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
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
                name="deadlines_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "deadline_kind__in",
                        [
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
                            "extension",
                        ],
                    )
                ),
                name="deadlines_rule_kind",
            ),
        ),
    ]
