"""Organisations that can owe and answer things."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from communities.models.base import Bilingual, Retirable, in_choices, localised
from communities.models.places import Community, SubDistrict


class DepartmentKind(models.TextChoices):
    """What sort of organisation is responsible."""

    STREET = "street", _("街道部门")
    SUPERVISOR = "supervisor", _("街道社会治理办")
    COMMUNITY_TEAM = "community_team", _("社区自办")
    VILLAGE_COOP = "village_coop", _("经联社/经济社")
    NEIGHBOURS_ASSOC = "neighbours_assoc", _("街坊会")
    PROPERTY_COMPANY = "property_company", _("物业公司")
    OWNERS_COMMITTEE = "owners_committee", _("业委会")
    EXTERNAL = "external", _("外单位")


class Department(Bilingual, Retirable):
    """Any organisation that can be responsible; its kind says which. External ones have no accounts."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="departments")
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="departments")
    code = models.CharField(max_length=40)
    short_zh = models.CharField(max_length=20, blank=True)
    short_en = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20, choices=DepartmentKind.choices)
    phone = models.CharField(max_length=30, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "code"], name="communities_department_code"),
            models.UniqueConstraint(
                fields=["community"],
                condition=models.Q(kind="community_team"),
                name="communities_department_one_own_team",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="community_team") | models.Q(community__isnull=False),
                name="communities_department_team_has_community",
            ),
            in_choices("kind", DepartmentKind, "communities_department_kind"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def short_name(self) -> str:
        """The name for narrow columns, in the active language."""
        return localised(self.short_zh or self.name_zh, self.short_en or self.name_en)

    @property
    def is_external(self) -> bool:
        """Whether a clerk records its answers."""
        return self.kind == DepartmentKind.EXTERNAL
