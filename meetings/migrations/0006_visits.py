import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0007_kept_numbers"),
        ("issues", "0026_who_raised_what_was_promised"),
        ("meetings", "0005_where_topics_come_from"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("liaison", "驻点直联"), ("deputy", "人大代表联络站接待")], max_length=7),
                ),
                ("on", models.DateField()),
                ("members", models.CharField(blank=True, default="", max_length=200)),
                ("place", models.CharField(blank=True, default="", max_length=120)),
                ("visitors", models.PositiveSmallIntegerField(default=0)),
                ("note", models.TextField(blank=True, default="", help_text="what was seen and heard")),
                ("made_at", models.DateTimeField()),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.community",
                    ),
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
                (
                    "subdistrict",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.subdistrict",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.department",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subdistrict", "-on", "-id"], name="meetings_visits_by_date"),
                    models.Index(fields=["community", "-on"], name="meetings_visits_of_community"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["liaison", "deputy"])), name="meetings_visit_kind"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VisitItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(help_text="its place in the visit, from 1")),
                ("key", models.CharField(max_length=64)),
                ("words", models.TextField(blank=True, default="")),
                ("answer", models.TextField(blank=True, default="")),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="communities.category",
                    ),
                ),
                (
                    "issue",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="issues.issue"
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="meetings.visit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("issue__isnull", False), ("words", "")),
                            models.Q(
                                ("issue__isnull", True),
                                models.Q(("words", ""), _negated=True),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="meetings_visit_item_answered_or_matter",
                    ),
                    models.UniqueConstraint(fields=("visit", "number"), name="meetings_visit_item_number"),
                    models.UniqueConstraint(fields=("visit", "key"), name="meetings_visit_item_once"),
                ]
            },
        ),
    ]
