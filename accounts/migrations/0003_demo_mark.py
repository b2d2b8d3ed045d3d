"""The accounts of the demonstration carry a mark, so that they are refused wherever DEMO is off.

Those made before are known by name and by the address or the published password that loading gave them.
"""

from django.contrib.auth.hashers import check_password
from django.db import migrations, models

PUBLISHED = "guicheng-demo"
NAMES = (
    "clerk", "secretary", "clerk2", "officer", "officer2", "head", "supervisor", "deputy", "director", "leader", "admin",
)  # fmt: skip


def mark(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    users.filter(email__endswith="@guicheng.example").update(demo=True)
    for user in users.filter(username__in=NAMES, demo=False):
        if check_password(PUBLISHED, user.password):
            users.filter(pk=user.pk).update(demo=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_absence_and_mobile")]

    operations = [
        migrations.AddField("user", "demo", models.BooleanField(default=False, db_default=False)),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
