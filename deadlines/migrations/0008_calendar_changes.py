import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("deadlines", "0007_owed_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="deadline",
            name="calendar_version",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="the last change of the calendar by which its due time was counted",
            ),
        ),
        migrations.CreateModel(
            name="CalendarChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(choices=[("notice", "放假通知"), ("day", "单日调整")], max_length=8)),
                ("year", models.PositiveSmallIntegerField(null=True)),
                ("first_on", models.DateField()),
                ("before", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("subject_kind", models.CharField(blank=True, default="", max_length=32)),
                ("subject_id", models.BigIntegerField(default=0)),
                ("begun_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "moved",
                    models.PositiveIntegerField(default=0, help_text="subjects of which a due time moved"),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(finished_at__isnull=True), fields=["id"], name="deadlines_change_open")
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(source__in=["notice", "day"]), name="deadlines_change_source"),
                    models.CheckConstraint(
                        condition=Q(made_at__isnull=False, made_by__isnull=False)
                        | Q(made_at__isnull=True, made_by__isnull=True),
                        name="deadlines_change_made_pair",
                    ),
                ],
            },
        ),
    ]
