"""Longer words in which one of the list stands by chance: 一起火锅 is no fire, a 吊顶 upstairs no suicide."""

from django.db import migrations

WORDS = (
    "一起火锅 吃起火锅 吃着火锅 打起火锅 煮起火锅 涮起火锅 开起火锅 做起火锅 搞起火锅 摆起火锅 卖起火锅 办起火锅 "
    "起火锅店 起火锅城 起火锅派对 其中风险 集中风险 空中风险 上吊顶 上吊灯 上吊扇 上吊柜 打人民 打人社 打人才 "
    "please_help_me can_you_help_me could_you_help_me help_me_with help_me_to"
)
"""_ stands for a space."""


def install(apps, schema_editor):
    word = apps.get_model("communities", "EmergencyWord")
    rows = word.objects.using(schema_editor.connection.alias)
    known = set(rows.filter(subdistrict=None, retired_at=None).values_list("word", flat=True))
    new = [one.replace("_", " ") for one in WORDS.split()]
    rows.bulk_create(word(level="", dial="", word=one) for one in new if one not in known)


class Migration(migrations.Migration):
    dependencies = [("communities", "0003_canonical_phones")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
