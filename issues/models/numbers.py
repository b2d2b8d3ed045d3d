"""Numbers that a transaction takes and a roll-back gives back."""

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


class VerdictSeries(models.Model):
    """How many of the residents' own verdicts there were of one sort, for the sample (issues.sampling).

    ``series``: ``known`` or ``other`` for the area, ``officer:7:2026-11`` for an officer's month. The row lock is held
    until the transaction ends, so that no two verdicts are both the fifth.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+", db_index=False)
    series = models.CharField(max_length=40)
    last = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "series"], name="issues_verdict_series_once"),
            models.CheckConstraint(condition=models.Q(last__gte=1), name="issues_verdict_series_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.subdistrict_id}/{self.series}: {self.last}"
