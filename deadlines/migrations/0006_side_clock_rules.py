"""Check the rows that were there before, and give every table of rules that was installed the limits of the side clocks."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

_LIMITS = (
    ("any", "", "progress", "5wd"),
    ("level", "project", "progress", "none"),
    ("any", "", "signature", "1wd"),
    ("any", "", "urge_reply", "1wd"),
    ("any", "", "inform", "1wd"),
)


def add_limits(apps, schema_editor):
    """Rows of product.md sections 4 and 6; a table that an administrator emptied stays empty."""
    rules = apps.get_model("deadlines", "DeadlineRule")
    current = rules.objects.filter(retired_at__isnull=True)
    owners = set(current.values_list("subdistrict_id", flat=True))
    present = set(current.values_list("subdistrict_id", "scope_kind", "scope", "deadline_kind"))
    rules.objects.bulk_create(
        rules(subdistrict_id=owner, scope_kind=scope_kind, scope=scope, deadline_kind=kind, limit=limit)
        for owner in owners
        for scope_kind, scope, kind, limit in _LIMITS
        if (owner, scope_kind, scope, kind) not in present
    )


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0005_side_clocks")]

    operations = [
        ValidateConstraint(model_name="deadline", name="deadlines_kind"),
        migrations.RunPython(add_limits, migrations.RunPython.noop),
    ]
