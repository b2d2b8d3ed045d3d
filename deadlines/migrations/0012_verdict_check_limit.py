"""Check the rows that were there before, and give every table of rules that was installed the limit of ``sample``."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


def add_limit(apps, schema_editor):
    """A row of product.md section 9; a table that an administrator emptied stays empty."""
    rules = apps.get_model("deadlines", "DeadlineRule").objects.using(schema_editor.connection.alias)
    current = rules.filter(retired_at__isnull=True)
    given = {"scope_kind": "any", "scope": "", "deadline_kind": "sample"}
    present = set(current.filter(**given).values_list("subdistrict_id", flat=True))
    for owner in set(current.values_list("subdistrict_id", flat=True)) - present:
        rules.create(subdistrict_id=owner, limit="3wd", **given)


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0011_verdict_check")]

    operations = [
        ValidateConstraint(model_name="deadline", name="deadlines_kind"),
        migrations.RunPython(add_limit, migrations.RunPython.noop),
    ]
