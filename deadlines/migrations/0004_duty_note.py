"""Shifts can be taken off the roster and no longer overlap; hand-over notes."""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0001_initial"),
        ("deadlines", "0003_validate_kinds"),
        ("journal", "0002_chain"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Two shifts of one area that overlapped: the earlier ends where the later begins.
        migrations.RunSQL(
            """
            UPDATE deadlines_dutyshift s SET ends_at = n.next_at
            FROM (
                SELECT id, lead(starts_at) OVER (PARTITION BY subdistrict_id, community_id ORDER BY starts_at) AS next_at
                FROM deadlines_dutyshift
            ) n
            WHERE n.id = s.id AND n.next_at < s.ends_at
            """,
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="DutyNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("acknowledged_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="dutyshift",
            name="deadlines_shift_one_start",
        ),
        migrations.AddField(
            model_name="dutyshift",
            name="cancelled_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="dutyshift",
            name="cancelled_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dutyshift",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                fields=("subdistrict", "community", "starts_at"),
                name="deadlines_shift_one_start",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                expressions=[
                    (
                        models.Func(
                            django.db.models.functions.comparison.Coalesce(
                                models.F("community_id"),
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subdistrict_id"), "*", models.Value(-1)
                                ),
                            ),
                            django.db.models.functions.comparison.Coalesce(
                                models.F("community_id"),
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subdistrict_id"), "*", models.Value(-1)
                                ),
                            ),
                            models.Value("[]"),
                            function="int8range",
                        ),
                        "&&",
                    ),
                    (models.Func(models.F("starts_at"), models.F("ends_at"), function="tstzrange"), "&&"),
                ],
                name="deadlines_shift_no_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    _connector="OR",
                ),
                name="deadlines_shift_cancelled_pair",
            ),
        ),
        migrations.AddField(
            model_name="dutynote",
            name="acknowledged_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dutynote",
            name="event",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="journal.event"
            ),
        ),
        migrations.AddField(
            model_name="dutynote",
            name="shift",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="note", to="deadlines.dutyshift"
            ),
        ),
        migrations.AddIndex(
            model_name="dutynote",
            index=models.Index(
                condition=models.Q(("acknowledged_at__isnull", True)), fields=["shift"], name="deadlines_note_unread"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutynote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at__isnull", True), ("acknowledged_by__isnull", True)),
                    models.Q(("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False)),
                    _connector="OR",
                ),
                name="deadlines_note_acknowledged_pair",
            ),
        ),
    ]
