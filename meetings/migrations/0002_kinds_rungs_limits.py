"""The kinds of meetings that every office begins with; rungs and limits for ladders and tables that are stored."""

from django.db import migrations

KINDS = (
    ("discussion", "大讨论", "Discussion series"),
    ("city_forum", "城市论坛", "City forum"),
    ("joint_meeting", "联席会议", "Joint meeting"),
    ("deputy_station", "人大代表联络站", "Deputies' liaison station"),
    ("reception_day", "楼长接待日", "Leader reception day"),
    ("liaison", "驻点直联", "Stationed liaison"),
    ("tea_hall", "乡贤茶话厅", "Local worthies' tea hall"),
    ("deliberation", "议事会", "Deliberation meeting"),
    ("conference", "工作会议", "Working conference"),
    ("sharing", "分享会", "Experience sharing"),
)
OWED = ["holding", "minutes"]
RUNGS = (
    ("meeting_late", 5, "due", ["handler", "head", "supervisor"]),
    ("meeting_late", 12, "due+3wd", ["head", "supervisor"]),
    ("meeting_late", 13, "due+5wd", ["head", "supervisor", "deputy"]),
)
LIMITS = (("holding", "1wd"), ("minutes", "3wd"))


def add_kinds(apps, schema_editor):
    """Without a sub-district: every office's."""
    kinds = apps.get_model("meetings", "MeetingKind").objects.using(schema_editor.connection.alias)
    for code, zh, en in KINDS:
        kinds.get_or_create(subdistrict_id=None, code=code, defaults={"name_zh": zh, "name_en": en})


def add_rungs(apps, schema_editor):
    """No other rung names these clocks, so that every rank is free; a ladder that is not stored is the default one."""
    rungs = apps.get_model("reminders", "LadderRung").objects.using(schema_editor.connection.alias)
    stored = rungs.filter(retired_at__isnull=True).values_list("subdistrict_id", flat=True)
    for subdistrict_id in set(stored):
        for code, rank, offset, roles in RUNGS:
            given = {"subdistrict_id": subdistrict_id, "ladder": "working", "code": code, "rank": rank, "kinds": OWED}
            if not rungs.filter(**given, retired_at__isnull=True).exists():
                rungs.create(**given, offset=offset, roles=roles)


def add_limits(apps, schema_editor):
    """A row of each clock for every table of rules that is stored; one that was emptied stays empty."""
    rules = apps.get_model("deadlines", "DeadlineRule").objects.using(schema_editor.connection.alias)
    current = rules.filter(retired_at__isnull=True)
    for kind, limit in LIMITS:
        given = {"scope_kind": "any", "scope": "", "deadline_kind": kind}
        present = set(current.filter(**given).values_list("subdistrict_id", flat=True))
        for owner in set(current.values_list("subdistrict_id", flat=True)) - present:
            rules.create(subdistrict_id=owner, limit=limit, **given)


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0001_initial"),
        ("deadlines", "0014_kinds_are_registered"),
        ("reminders", "0013_kinds_are_registered"),
        ("privacy", "0004_access_indexes"),
    ]

    operations = [
        migrations.RunPython(add_kinds, migrations.RunPython.noop),
        migrations.RunPython(add_rungs, migrations.RunPython.noop),
        migrations.RunPython(add_limits, migrations.RunPython.noop),
    ]
