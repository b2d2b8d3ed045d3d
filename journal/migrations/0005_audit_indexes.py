import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("journal", "0004_seal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently("event", models.Index(fields=["at", "id"], name="journal_audit_all")),
        AddIndexConcurrently("event", models.Index(fields=["actor", "at", "id"], name="journal_audit_actor")),
        AddIndexConcurrently("event", models.Index(fields=["kind", "at", "id"], name="journal_audit_kind")),
        # the index of the foreign key alone is the second one's first column
        migrations.AlterField(
            "event",
            "actor",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
