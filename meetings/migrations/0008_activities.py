import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def to(model):
    return models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model)


class Migration(migrations.Migration):
    dependencies = [
        ("commitments", "0003_what_was_promised_first"),
        ("communities", "0008_appointments"),
        ("meetings", "0007_appointed_people_are_invited"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StationActivity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("station", models.CharField(max_length=80)),
                ("title", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("training", "培训"),
                            ("volunteers", "志愿服务"),
                            ("service", "便民服务"),
                            ("culture", "文体活动"),
                            ("other", "其他活动"),
                        ],
                        max_length=10,
                    ),
                ),
                ("on", models.DateField()),
                ("audience", models.CharField(blank=True, default="", max_length=80)),
                ("people", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("announced", "已预告"), ("held", "已举行"), ("not_held", "未举行")],
                        default="announced",
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(blank=True, default="", help_text="why it was not held", max_length=200),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("made_at", models.DateTimeField()),
                (
                    "commitment",
                    models.ForeignKey(
                        db_index=False,
                        help_text="promised by",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="commitments.commitment",
                    ),
                ),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.community",
                    ),
                ),
                ("made_by", to(settings.AUTH_USER_MODEL)),
                ("organiser", to("communities.department")),
                ("subdistrict", to("communities.subdistrict")),
            ],
            options={
                "indexes": [models.Index(fields=["subdistrict", "-on", "-id"], name="meetings_activities_by_date")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["training", "volunteers", "service", "culture", "other"])),
                        name="meetings_activity_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["announced", "held", "not_held"])),
                        name="meetings_activity_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("people__isnull", False), ("state", "held")),
                            models.Q(models.Q(("state", "held"), _negated=True), ("people__isnull", True)),
                            _connector="OR",
                        ),
                        name="meetings_activity_counts_who_came",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "not_held"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="meetings_activity_says_why_not",
                    ),
                ],
            },
        ),
    ]
