"""Rows that belong to no other floor."""

from django.db import models


class RateCount(models.Model):
    """How often something happened within a running window: where the limits count while Redis is away.

    ``key`` is a keyed hash, so that no address or telephone number stands in the table.
    """

    bucket = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    count = models.IntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "key"], name="common_rate_count_once")]

    def __str__(self) -> str:
        return f"{self.bucket}: {self.count}"
