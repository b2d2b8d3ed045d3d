"""Words that raise an alarm, with what the product knows of them when this was written."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

WORDS = (
    (
        "critical",
        "119",
        "起火 着火 著火 失火 火烛 火燭 火灾 火災 火情 烧起来 燒起來 烧着 被困 困人 困𨋢 困lift 困电梯 困電梯 困在电梯 困在電梯 困喺 爆炸 "
        "坍塌 倒塌 漏气 漏氣 漏煤气 漏煤氣 煤气漏 煤氣漏 煤气泄漏 煤气泄露 煤氣洩漏 燃气泄漏 燃气泄露 燃气漏 漏燃气 天然气漏 天然气泄 漏天然气 "
        "煤气有味 燃气有味 天然气味 着了火 着大火 起大火 起了火 火警 爆燃 困住 困了人 里困了 里面困了 关在电梯 卡在电梯 塌了 塌下来 漏石油气 煤气味 "
        "煤氣味 燃气味 瓦斯泄漏 on_fire caught_fire there_is_a_fire fire_broke_out gas_leak "
        "smell_gas trapped explosion collapsed stuck_in_lift stuck_in_the_lift "
        "stuck_in_a_lift stuck_in_elevator stuck_in_the_elevator fire!",
    ),
    (
        "critical",
        "120",
        "触电 觸電 电亲 電親 落水 掉水里 掉进水 掉河里 掉进河 溺水 遇溺 晕倒 暈倒 晕低 暈低 晕过去 昏过去 昏迷 昏倒 倒地不起 不省人事 没有呼吸 "
        "沒有呼吸 大出血 心脏病发 中风 救命 electrocuted electric_shock drowning fell_into_the_water "
        "unconscious heart_attack help_me",
    ),
    (
        "critical",
        "110",
        "跳楼 跳樓 要跳下 跳河 跳江 轻生 輕生 自杀 自殺 割腕 吊颈 上吊 砍人 斩人 斬人 捅人 持刀 拿刀 杀人 殺人 绑架 打劫 抢劫 suicide "
        "stabbed kidnapped robbery",
    ),
    (
        "critical",
        "95598",
        "电线掉 電線掉 电线断 電線斷 电线垂落 高压线掉",
    ),
    (
        "urgent",
        "119",
        "冒烟 冒煙 冒浓烟 浓烟 smoke_coming",
    ),
    (
        "urgent",
        "110",
        "打人 殴打 毆打 打架 打交 家暴 家庭暴力 being_beaten",
    ),
    (
        "urgent",
        "95598",
        "漏电 漏電",
    ),
    (
        "",
        "",
        "落水管 落水口 落水井 落水槽 被困扰 被困擾 贫困人 貧困人 特困人 困难人 跳楼价 跳楼机 漏电保护 漏电开关 漏电断路 触电保护 火灾报警 火灾自动 "
        "火警电话 火警报警 火警系统 火灾隐患 火灾应急 火灾演练 起火隐患 着火隐患 触电隐患 触电风险 触电危险 着火风险 漏气报警 泄漏报警 煤气泄漏报警 "
        "燃气泄漏报警 爆炸性 信息爆炸 倒塌风险 坍塌风险 坍塌隐患 倒塌隐患 打人行 砍人行 打交道 打人电话 救命恩人 救命之恩 救命稻草 胎漏气 气球漏气 "
        "冒烟管 打架子 电线断断续续",
    ),
)
"""Level, whom to dial, words; _ stands for a space."""


def install(apps, schema_editor):
    word = apps.get_model("communities", "EmergencyWord")
    word.objects.using(schema_editor.connection.alias).bulk_create(
        word(level=level, dial=dial, word=one.replace("_", " "))
        for level, dial, words in WORDS
        for one in words.split()
    )


class Migration(migrations.Migration):
    dependencies = [("communities", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="EmergencyWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("word", models.CharField(max_length=40)),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[("critical", "特急"), ("urgent", "紧急"), ("", "不算紧急")],
                        max_length=10,
                    ),
                ),
                (
                    "dial",
                    models.CharField(
                        blank=True, help_text="119, 110, 120, or the gas or power company's number", max_length=20
                    ),
                ),
                (
                    "subdistrict",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.subdistrict",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("level__in", ["critical", "urgent", ""])), name="communities_emergency_level"
                    ),
                    models.CheckConstraint(condition=~Q(word=""), name="communities_emergency_word_said"),
                    models.UniqueConstraint(
                        condition=Q(("retired_at__isnull", True)),
                        fields=("subdistrict", "word"),
                        name="communities_emergency_word",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
