"""Falls, poisoning, bleeding and broken lines that raised no alarm."""

from django.db import migrations

WORDS = (
    ("critical", "119", "着咗火 火光冲天 电梯坠落 电梯下坠 电梯急坠 building_is_burning house_is_burning"),
    (
        "critical",
        "120",
        "坠楼 墜樓 坠江 坠河 坠井 跌落河 跌落楼 摔下楼 掉井里 掉进井 抽搐 休克 昏厥 晕咗 暈咗 触電 "
        "被电到 被电击 电死人 喝农药 喝了农药 煤气中毒 煤氣中毒 一氧化碳中毒 血流不止 流血不止 突发心梗 not_breathing bleeding_heavily "
        "fell_from_the_balcony fell_from_the_window carbon_monoxide",
    ),
    ("critical", "110", "割脉 持械 man_with_a_knife"),
    ("critical", "95598", "高压线断 高壓線斷 高压线垂"),
    ("", "", "坠楼隐患 坠楼风险 休克疗法 一氧化碳中毒宣传 煤气中毒宣传 carbon_monoxide_alarm"),
)
"""Level, whom to dial, words; _ stands for a space."""


def install(apps, schema_editor):
    word = apps.get_model("communities", "EmergencyWord")
    rows = word.objects.using(schema_editor.connection.alias)
    known = set(rows.filter(subdistrict=None).values_list("word", flat=True))
    rows.bulk_create(
        word(level=level, dial=dial, word=plain)
        for level, dial, words in WORDS
        for plain in (one.replace("_", " ") for one in words.split())
        if plain not in known
    )


class Migration(migrations.Migration):
    dependencies = [("communities", "0004_words_that_are_no_emergency")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
