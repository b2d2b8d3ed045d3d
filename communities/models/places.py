"""Sub-district → community → neighbourhood → building."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from communities.models.base import Bilingual, Retirable, in_choices


class SubDistrict(Bilingual, Retirable):
    """One sub-district office. Codes of everything below are unique within it."""

    code = models.CharField(max_length=20, unique=True)
    area = models.CharField(max_length=20, unique=True, help_text="the first part of issue numbers, e.g. 桂城")
    duty_phone = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return self.code


class CommunityKind(models.TextChoices):
    """Urban or rural community."""

    URBAN = "urban", _("城市社区")
    RURAL = "rural", _("农村社区")


class Community(Bilingual, Retirable):
    """A residents' committee's area."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="communities")
    kind = models.CharField(max_length=8, choices=CommunityKind.choices)
    kind_inferred = models.BooleanField(default=False)
    code = models.CharField(max_length=12, null=True, blank=True, unique=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="of its service counter"
    )
    initials = models.CharField(max_length=40, blank=True, help_text="first letters of the name's pinyin")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "name_zh"], name="communities_community_name"),
            in_choices("kind", CommunityKind, "communities_community_kind"),
        ]

    def __str__(self) -> str:
        return self.name_zh


class NeighbourhoodKind(models.TextChoices):
    """What sort of place a neighbourhood is."""

    ESTATE = "estate", _("小区")
    VILLAGE = "village", _("村")
    COOP_GROUP = "coop_group", _("经济社")
    STREET_BLOCK = "street_block", _("街区")
    LANE = "lane", _("巷")
    PARK = "park", _("园区")
    MARKET = "market", _("市场")
    ROAD = "road", _("道路")
    OUTFALL = "outfall", _("排水口")


class Neighbourhood(Retirable):
    """An estate, village, lane, market, road … within a community (or not known to be in one)."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="neighbourhoods")
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT, related_name="neighbourhoods")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=16, choices=NeighbourhoodKind.choices)
    initials = models.CharField(max_length=60, blank=True)
    generated = models.BooleanField(default=False, help_text="made up for the demonstration")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subdistrict", "community", "name"],
                name="communities_neighbourhood_name",
                nulls_distinct=False,
            ),
            in_choices("kind", NeighbourhoodKind, "communities_neighbourhood_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class Building(Retirable):
    """A building of a neighbourhood."""

    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.PROTECT, related_name="buildings")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="buildings")
    name = models.CharField(max_length=60)
    households = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["neighbourhood", "name"], name="communities_building_name"),
        ]

    def __str__(self) -> str:
        return self.name


def named_place(building: Building | None, neighbourhood: Neighbourhood | None) -> str:
    """碧湖花园3栋, the lane, or "" (what is given must be loaded, a building with its neighbourhood)."""
    if building is not None:
        return f"{building.neighbourhood.name}{building.name}"
    return neighbourhood.name if neighbourhood else ""
