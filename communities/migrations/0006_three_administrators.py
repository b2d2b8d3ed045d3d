from typing import Any

from django.db import migrations, models
from django.db.models import Q

ROLES = {
    "clerk": "社区工作人员",
    "secretary": "社区书记",
    "officer": "承办人",
    "head": "部门负责人",
    "supervisor": "督办员",
    "deputy": "分管领导",
    "director": "街道主要领导",
    "leader": "楼长、巷长、街长",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "audit_admin": "审计管理员",
}
OF_INSTALLATION = ["admin", "system_admin", "security_admin", "audit_admin"]


def carry_over(apps: Any, schema_editor: Any) -> None:
    """An administrator becomes a system and a security administrator in the same place, since and until when it was."""
    rows = apps.get_model("communities", "Membership").objects.using(schema_editor.connection.alias)
    former = list(rows.filter(role="admin").values("user_id", "subdistrict_id", "started_at", "ended_at"))
    for row in former:
        rows.create(role="security_admin", **row)
    rows.filter(role="admin").update(role="system_admin")


def back(apps: Any, schema_editor: Any) -> None:
    """A system administrator is the administrator again; the others are none."""
    rows = apps.get_model("communities", "Membership").objects.using(schema_editor.connection.alias)
    rows.filter(role__in=["security_admin", "audit_admin"]).delete()
    rows.filter(role="system_admin").update(role="admin")


class Migration(migrations.Migration):
    dependencies = [("communities", "0005_more_emergency_words")]

    operations = [
        migrations.AlterField("membership", "role", models.CharField(max_length=16, choices=list(ROLES.items()))),
        migrations.RemoveConstraint("membership", "communities_membership_role"),
        migrations.RemoveConstraint("membership", "communities_membership_has_subdistrict"),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(condition=Q(role__in=["admin", *ROLES]), name="communities_membership_role"),
        ),
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                condition=Q(subdistrict__isnull=False) | Q(role__in=OF_INSTALLATION),
                name="communities_membership_has_subdistrict",
            ),
        ),
        migrations.RunPython(carry_over, back),
    ]
