"""Many channels: what is set up, what people prefer, why they were told, and rungs that know levels and channels."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import common.fields


def fill_via(apps, schema_editor):
    """What waits or went by e-mail went by the mail server, which has a row of its own from now on."""
    channel, _made = apps.get_model("reminders", "DeliveryChannel").objects.get_or_create(
        kind="email", subdistrict=None, retired_at=None, defaults={"name": "电子邮件"}
    )
    apps.get_model("reminders", "OutboxMessage").objects.filter(via__isnull=True).update(via=channel)
    # The foreign key is deferred: checked now, so that the column may be altered in this transaction.
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
        ("journal", "0002_chain"),
        ("reminders", "0003_time_acts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeliveryChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "电子邮件"),
                            ("sms", "短信"),
                            ("wecom", "企业微信群机器人"),
                            ("dingtalk", "钉钉群机器人"),
                            ("feishu", "飞书群机器人"),
                            ("webhook", "Webhook"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("url", common.fields.EncryptedTextField(blank=True, default="")),
                ("secret", common.fields.EncryptedTextField(blank=True, default="")),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=8), blank=True, default=list, size=None
                    ),
                ),
                (
                    "per_minute",
                    models.PositiveSmallIntegerField(blank=True, help_text="empty: what its kind allows", null=True),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("open_until_at", models.DateTimeField(null=True)),
                ("last_success_at", models.DateTimeField(null=True)),
                ("last_error_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=200)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("new", "新到工单"),
                            ("due", "到期提醒"),
                            ("urge", "催办督办"),
                            ("decision", "审批事项"),
                            ("result", "办理动态"),
                            ("message", "留言抄送"),
                            ("alarm", "系统告警"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "电子邮件"),
                            ("sms", "短信"),
                            ("wecom", "企业微信群机器人"),
                            ("dingtalk", "钉钉群机器人"),
                            ("feishu", "飞书群机器人"),
                            ("webhook", "Webhook"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "mode",
                    models.CharField(choices=[("now", "即时"), ("digest", "汇总"), ("off", "不发送")], max_length=6),
                ),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_current",
        ),
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_code",
        ),
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_effect",
        ),
        migrations.RemoveConstraint(
            model_name="ladderrung",
            name="reminders_rung_offset",
        ),
        migrations.RemoveConstraint(
            model_name="outboxmessage",
            name="reminders_outbox_channel",
        ),
        migrations.AddField(
            model_name="ladderrung",
            name="channels",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=8), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="ladderrung",
            name="levels",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="covering",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("desk", "您在收件岗"),
                    ("handler", "您是承办人"),
                    ("head", "您是部门负责人"),
                    ("clerk", "您是本社区工作人员"),
                    ("secretary", "您是本社区书记"),
                    ("supervisor", "您在街道社会治理办"),
                    ("deputy", "您是分管领导"),
                    ("director", "您是街道主要领导"),
                    ("watcher", "您关注了此工单"),
                    ("named", "此事指名给您"),
                    ("duty_clerk", "您正在值班"),
                    ("duty_leader", "您是值班领导"),
                    ("admin", "您是系统管理员"),
                    ("nobody", "应提醒的单位无人可提醒"),
                ],
                db_default="",
                default="",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="snoozed_until_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="bundle",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="handled_at",
            field=models.DateTimeField(help_text="when a person sent a dead one again, or dropped it", null=True),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="handled_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="loud",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="mode",
            field=models.CharField(
                choices=[("now", "即时"), ("digest", "汇总"), ("off", "不发送")],
                db_default="now",
                default="now",
                max_length=6,
            ),
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
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="ladderrung",
            name="effect",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "无"),
                    ("urge", "催办"),
                    ("deem", "视为签收"),
                    ("expire", "逾期未补充"),
                    ("order", "拟督办单"),
                    ("yellow", "拟黄牌警示"),
                    ("red", "拟红牌通报"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="channel",
            field=models.CharField(
                choices=[
                    ("email", "电子邮件"),
                    ("sms", "短信"),
                    ("wecom", "企业微信群机器人"),
                    ("dingtalk", "钉钉群机器人"),
                    ("feishu", "飞书群机器人"),
                    ("webhook", "Webhook"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="outboxmessage",
            name="recipient",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
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
                        ],
                    )
                ),
                name="reminders_rung_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(("effect__in", ["", "urge", "deem", "expire", "order", "yellow", "red"])),
                name="reminders_rung_effect",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "offset__regex",
                        "^(daily|(start|half|soon|due_day|due|twice)([+-][1-9][0-9]*(min|h|wh|wd|d|mo))?)$",
                    )
                ),
                name="reminders_rung_offset",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(("levels__contained_by", ["critical", "urgent", "normal", "complex", "project"])),
                name="reminders_rung_levels",
            ),
        ),
        migrations.AddConstraint(
            model_name="ladderrung",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channels__contained_by", ["email", "sms", "wecom", "dingtalk", "feishu", "webhook"])
                ),
                name="reminders_rung_channels",
            ),
        ),
        AddConstraintNotValid(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "",
                            "desk",
                            "handler",
                            "head",
                            "clerk",
                            "secretary",
                            "supervisor",
                            "deputy",
                            "director",
                            "watcher",
                            "named",
                            "duty_clerk",
                            "duty_leader",
                            "admin",
                            "nobody",
                        ],
                    )
                ),
                name="reminders_notification_reason",
            ),
        ),
        migrations.AddField(
            model_name="deliverychannel",
            name="community",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="communities.community"
            ),
        ),
        migrations.AddField(
            model_name="deliverychannel",
            name="department",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="communities.department"
            ),
        ),
        migrations.AddField(
            model_name="deliverychannel",
            name="subdistrict",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="communities.subdistrict"
            ),
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="via",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reminders.deliverychannel",
            ),
        ),
        migrations.RunPython(fill_via, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="outboxmessage",
            name="via",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reminders.deliverychannel",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("recipient__isnull", True)),
                fields=("event", "via"),
                name="reminders_outbox_group_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel__in", ["email", "sms"]), ("recipient__isnull", False)),
                    models.Q(models.Q(("channel__in", ["email", "sms"]), _negated=True), ("recipient__isnull", True)),
                    _connector="OR",
                ),
                name="reminders_outbox_recipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["email", "sms", "wecom", "dingtalk", "feishu", "webhook"])),
                name="reminders_outbox_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["now", "digest"])), name="reminders_outbox_mode"
            ),
        ),
        migrations.AddConstraint(
            model_name="outboxmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handled_at__isnull", True), ("handled_by__isnull", True)),
                    models.Q(("handled_at__isnull", False), ("handled_by__isnull", False)),
                    _connector="OR",
                ),
                name="reminders_outbox_handled_pair",
            ),
        ),
        migrations.AddField(
            model_name="preference",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverychannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["email", "sms", "wecom", "dingtalk", "feishu", "webhook"])),
                name="reminders_channel_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverychannel",
            constraint=models.CheckConstraint(
                condition=models.Q(("community__isnull", True), ("department__isnull", True), _connector="OR"),
                name="reminders_channel_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverychannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "email"),
                    models.Q(("subdistrict__isnull", False), models.Q(("url", ""), _negated=True)),
                    _connector="OR",
                ),
                name="reminders_channel_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverychannel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("topics__contained_by", ["new", "due", "urge", "decision", "result", "message", "alarm"])
                ),
                name="reminders_channel_topics",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliverychannel",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["email", "sms"]), ("retired_at__isnull", True)),
                fields=("subdistrict", "kind"),
                name="reminders_channel_one_personal",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.UniqueConstraint(fields=("user", "topic", "channel"), name="reminders_preference_once"),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("topic__in", ["new", "due", "urge", "decision", "result", "message", "alarm"])),
                name="reminders_preference_topic",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("mode__in", ["now", "digest", "off"])), name="reminders_preference_mode"
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["email", "sms"])), name="reminders_preference_channel"
            ),
        ),
    ]
