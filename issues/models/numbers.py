"""Gap-free numbers per area and year."""

from django.db import models

from communities.models import SubDistrict


class NumberSeries(models.Model):
    """The last number given out; its row lock is held until the creating transaction ends, so no gap can open."""

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+")
    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "year"], name="issues_series_per_year"),
            models.CheckConstraint(condition=models.Q(last__gte=1, last__lte=999999), name="issues_series_six_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.subdistrict_id}/{self.year}: {self.last}"
