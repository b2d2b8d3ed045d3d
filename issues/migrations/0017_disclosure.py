"""The community asks for confidentiality to be lifted: one more kind of request. ``not_after_at`` goes later."""

from django.db import migrations, models

_KINDS = ["extension", "suspension", "exclusion", "disclosure", "order", "yellow_card", "red_card"]


class Migration(migrations.Migration):
    dependencies = [("issues", "0016_verdict_via")]

    operations = [
        migrations.AlterField(
            "request",
            "kind",
            models.CharField(
                choices=[
                    ("extension", "延期"),
                    ("suspension", "挂账"),
                    ("exclusion", "剔除"),
                    ("disclosure", "解除保密"),
                    ("order", "督办单"),
                    ("yellow_card", "黄牌警示"),
                    ("red_card", "红牌通报"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            "issue",
            "not_after_at",
            models.DateTimeField(
                help_text="no longer read or written (joined_dates and external_due_at say it); a later release drops it",
                null=True,
            ),
        ),
        migrations.RemoveConstraint("request", "issues_request_kind"),
        migrations.AddConstraint(
            "request",
            models.CheckConstraint(condition=models.Q(("kind__in", _KINDS)), name="issues_request_kind"),
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
                ],
                db_default="",
                default="",
                max_length=24,
            ),
        ),
    ]
