"""Matters that press reports of 2020–2023 mention: 历史资料（来源：报道）."""

from django.db import models

from communities.models import Category, Community, Department, SubDistrict


class HistoricRecord(models.Model):
    """A matter, commitment, project or feedback as reported. No clock runs on it and no rate counts it.

    ``reported_on`` keeps the date as printed with its ``precision`` (day, month, year): ``2022-11`` stays so.
    """

    subdistrict = models.ForeignKey(SubDistrict, on_delete=models.PROTECT, related_name="+")
    ref = models.CharField(max_length=12)
    record = models.CharField(max_length=12)
    reported_on = models.CharField(max_length=10)
    precision = models.CharField(max_length=5)
    communities = models.ManyToManyField(Community, related_name="historic_records")
    community_inferred = models.BooleanField(default=False)
    place = models.CharField(max_length=120, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    level = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    raised_by = models.CharField(max_length=120, blank=True)
    answered_by = models.CharField(max_length=120, blank=True)
    promise = models.TextField(blank=True)
    promise_year = models.IntegerField(null=True)
    answer = models.CharField(max_length=24)
    departments = models.ManyToManyField(Department, related_name="historic_records")
    owner = models.CharField(max_length=120, blank=True)
    meeting_ref = models.CharField(max_length=24, blank=True)
    related_ref = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subdistrict", "ref"], name="issues_historic_ref"),
            models.CheckConstraint(
                condition=models.Q(precision__in=["day", "month", "year"]), name="issues_historic_precision"
            ),
            models.CheckConstraint(
                condition=models.Q(record__in=["matter", "commitment", "project", "feedback"]),
                name="issues_historic_record",
            ),
        ]

    def __str__(self) -> str:
        return self.ref
