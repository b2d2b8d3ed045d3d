"""The clock of a decision is named after every request that waits for one, not only after extensions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0009_facts"),
    ]

    operations = [
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
                ],
                max_length=24,
            ),
        ),
    ]
