import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.fields


def to(model):
    return models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model)


def perhaps(model):
    return models.ForeignKey(
        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=model
    )


class Migration(migrations.Migration):
    dependencies = [
        ("communities", "0007_kept_numbers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("part_time", "兼职委员"),
                            ("representative", "居民代表"),
                            ("expert", "专家（智库）"),
                            ("worthy", "新乡贤"),
                            ("mediator", "调解员"),
                            ("owners", "业委会成员"),
                            ("team_leader", "驻点直联团队负责人"),
                        ],
                        max_length=14,
                    ),
                ),
                ("name", common.fields.EncryptedTextField()),
                ("post", models.CharField(blank=True, default="", max_length=80)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField(help_text="the last day of the term", null=True)),
                ("made_at", models.DateTimeField()),
                ("community", perhaps("communities.community")),
                ("department", perhaps("communities.department")),
                ("made_by", to(settings.AUTH_USER_MODEL)),
                ("subdistrict", to("communities.subdistrict")),
            ],
            options={
                "indexes": [models.Index(fields=["subdistrict", "-id"], name="communities_appointments")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "part_time",
                                    "representative",
                                    "expert",
                                    "worthy",
                                    "mediator",
                                    "owners",
                                    "team_leader",
                                ],
                            )
                        ),
                        name="communities_appointment_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on__isnull", True), ("to_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="communities_appointment_ends_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("community__isnull", True), ("department__isnull", True), _connector="OR"),
                        name="communities_appointment_one_body",
                    ),
                ],
            },
        ),
    ]
