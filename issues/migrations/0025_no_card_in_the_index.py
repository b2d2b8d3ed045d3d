"""Make the index for search anew where the words may hold an identity or bank card: no digit of one stands in it.

The words of matters that stand stay as they are. A million rows are looked through in some seconds, in batches of their
own transactions; a second run finds the same and changes nothing.
"""

from django.db import migrations, transaction

STEP = 20_000
MAY_HOLD_ONE = """
SELECT id FROM issues_issue WHERE id > %s AND id <= %s AND length(regexp_replace(
    concat(title, description, address), '[^0-9０-９〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖①-⑨⓪[:digit:]]', '', 'g'
)) >= 15 ORDER BY id
"""
_COLUMNS = ("id", "title", "description", "address", "confidential")
_JOINED = (
    ("community", "name_zh"),
    ("neighbourhood", "name"),
    ("building", "name"),
    ("contact", "name"),
    ("contact", "phone"),
)


def make_anew(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM issues_issue")
        (end,) = cursor.fetchone()
        for last in range(0, end, STEP):
            cursor.execute(MAY_HOLD_ONE, [last, last + STEP])
            wanted = [pk for (pk,) in cursor.fetchall()]
            for start in range(0, len(wanted), 500):
                _reindex(wanted[start : start + 500], connection.alias)


def _reindex(ids, alias):
    from issues.models import Issue
    from issues.services.creation import searchable

    every = Issue.objects.using(alias)
    with transaction.atomic(using=alias):
        locked = (
            every.filter(pk__in=ids)
            .select_for_update(of=("self",), no_key=True)
            .only(*_COLUMNS, *(f"{row}__{name}" for row, name in _JOINED))
        )
        issues = list(locked.select_related(*(row for row, _name in _JOINED)).order_by("pk"))
        for issue in issues:
            issue.lexemes = searchable(issue)
        every.bulk_update(issues, ["lexemes"], batch_size=500)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("issues", "0024_masked_index"), ("communities", "0007_kept_numbers")]

    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop, elidable=True)]
