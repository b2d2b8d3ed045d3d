"""What an issue is about."""

from django.db import models

from communities.models.base import Bilingual, Retirable
from communities.models.organisations import Department
from communities.models.places import SubDistrict


class Category(Bilingual, Retirable):
    """Two levels: ``03`` drainage, ``0301`` flooding. An issue has one of the second level."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="categories")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    code = models.CharField(max_length=8)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+")
    override = models.CharField(
        max_length=40, blank=True, help_text="4wh, 5wd, a level, or kind:limit; see deadlines.rules"
    )
    physical = models.BooleanField(default=False, help_text="a solved matter can be photographed")
    keywords = models.TextField(blank=True, help_text="words that suggest this category, separated by spaces")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subdistrict", "code"], name="communities_category_code")]

    def __str__(self) -> str:
        return self.code
